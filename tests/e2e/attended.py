"""Live grids on a sandbox in this process, as the real command runs them: steered, looked at, and telling people.

```
with AttendedDesk(tmp_path, attended_document()) as desk:
    desk.start()
    desk.wait_quiet()                      # ladders stand, and what is written down is what the exchange says
    desk.run("pause", "SOL")               # `gridactors pause SOL`, in a process of its own
    desk.hears("SOL/USDT: paused")         # by Apprise, at a receiver
```
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from attrs import frozen
from click.testing import CliRunner

from actors.cli import gridactors
from actors.commands.process import RunningProcess
from actors.control.run_file import Running, read_run
from actors.gateways.credentials import KEY, SECRET
from actors.opening.states import place_of
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from actors.store.history import GridHistoryRows, read_history
from actors.store.places import Place
from engine.errors import BadInput
from engine.grid_setup import trading_setup
from engine.journal.store import StoreUnavailable
from engine.settings.structure import structure_settings
from tests.actors.receiver import Receiver
from tests.e2e.desk import Outcome
from tests.e2e.killing.processes import Command, Process, end
from tests.e2e.killing.stored import Account, differences, unfinished
from tests.e2e.live_desk import grid_document
from tests.e2e.other_side import SOL, OtherSide
from tests.engine.configurations import changed

D = Decimal
ETH = Pair("ETH", "USDT", D(100))
HEALED = 30.0  # seconds that nothing here takes unless it is broken
ENDS_WITHIN = 15.0
ANYWHERE = "127.0.0.1:0"
_QUOTE = "USDT"
_LOOK_EVERY = 0.03  # seconds
_MOVES_EVERY = 0.02
_TOLD = 3_000  # characters of what a process wrote


def attended_document(*changes: tuple[str, object]) -> dict[str, Any]:
    """Give a configuration like `grid_document`'s, whose health is looked at often and told of soon."""
    document = grid_document(
        ("execution.health_check_interval", 0.2),
        ("execution.order_polling_interval", 0.2),
        ("execution.reconciliation_interval", 0.5),
        ("health", {"feed_silence": 0.5, "alert_cooldown": 0.1, "memory_percent": 100, "disk_free_percent": 0}),
        ("notifications", {"per_minute": 600}),
        *changes,
    )
    return changed(("health.disk_free_mb", 0), ("persistence", {"enabled": True}), of=document)


@frozen
class Placed:
    """Say where one grid trades and is written down; `prefix` begins the client order ids of its orders."""

    name: str
    pair: Pair
    config: Path
    place: Place
    prefix: str

    def rows(self) -> GridHistoryRows | None:
        """Read what is written down of the grid, None for nothing."""
        found = [rows for rows in read_history(self.place, None, None) if rows.stored.archived_at is None]
        return found[0] if found else None


class AttendedDesk(OtherSide):
    """Run live grids of `documents`, the first on SOL/USDT and the second on ETH/USDT, on a still sandbox.

    The account holds the budgets, and `spare` beside them. `receiver` takes the alerts.
    """

    def __init__(self, folder: Path, *documents: dict[str, Any], spare: Mapping[str, str] | None = None) -> None:
        foreign = {asset: D(amount) for asset, amount in (spare or {}).items()}
        pairs = (SOL, ETH)[: len(documents)]
        budget = sum((D(one["trading_settings"]["initial_balance"]) for one in documents), D(0))
        balances = {**foreign, _QUOTE: budget + foreign.get(_QUOTE, D(0))}
        OtherSide.__init__(self, Sandbox(SandboxOptions(pairs=pairs, balances=balances)), foreign)
        self.folder, self.state_dir, self.output = folder, folder / "state", folder / "output.txt"
        self.receiver = Receiver()
        self.process: Process | None = None
        self.heard: list[str] = []  # of all alerts, in their order
        self._documents, self._pairs = documents, pairs

    # --- from start to end ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.sandbox.start()
        self.arm_fault({"route": "limits", "orders_10s": 100_000, "weight": 1_000_000})
        self.grids = [self._placed(*one) for one in zip(self._documents, self._pairs, strict=True)]
        self.receiver.__enter__()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.kill()
        finally:
            self.receiver.__exit__(exc_type, exc, trace)
            self.sandbox.close()

    def start(self, listen: str = ANYWHERE) -> None:
        """Have `python -m actors start` run the grids, until it can be spoken to."""
        assert self.process is None, "it runs already"
        arguments = (*self.start_words, "--quiet", "--listen", listen)
        self.process = Command().start(arguments, self.folder, self.env, self.output)
        self.wait_until(lambda: self.is_up, "it can be spoken to")

    @property
    def start_words(self) -> tuple[str, ...]:
        """Give the words of the command line that start the grids."""
        configs = (str(grid.config) for grid in self.grids)
        return ("start", *configs, "--no-report", "--state-dir", str(self.state_dir))

    @property
    def env(self) -> dict[str, str]:
        """Give what the command finds in its environment: keys, and whom to tell."""
        keys = {KEY: self.sandbox.api_key, SECRET: self.sandbox.secret}
        return {**keys, "APPRISE_NOTIFICATION_URLS": self.receiver.url.replace("rto=3", "rto=1")}

    def kill(self) -> None:
        """Kill the process as nothing can help against, if it runs."""
        process, self.process = self.process, None
        if process is not None:
            end(process)

    def ended(self) -> int:
        """Wait for the end of the process; give its exit code."""
        assert self.process is not None
        code = self.process.wait(ENDS_WITHIN)
        assert code is not None, f"still there after {ENDS_WITHIN:g} s:\n{self.said}"
        self.process = None
        return code

    # --- the command line, and the API ---------------------------------------------------------------

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """Begin `gridactors` with these words in a process of its own."""
        return subprocess.Popen(  # noqa: S603 the program itself
            [sys.executable, "-m", "actors", *words, "--state-dir", str(self.state_dir)],
            cwd=self.folder,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, code: int = 0) -> Outcome:
        """Run it to its end, which must have this exit code."""
        (outcome,) = self.run_all([words])
        assert outcome.code == code, f"{words}: {outcome}\n{self.said}"
        return outcome

    def run_all(self, commands: Sequence[Sequence[str]]) -> list[Outcome]:
        """Run several side by side."""
        begun = [self.begin(*words) for words in commands]
        try:
            written = [process.communicate(timeout=HEALED) for process in begun]
        finally:
            for process in begun:
                process.kill()
                process.wait()
        return [Outcome(process.returncode, *texts) for process, texts in zip(begun, written, strict=True)]

    def run_here(self, *words: str, code: int = 0) -> Outcome:
        """Run it in this process, which spares the time that a process takes to begin."""
        result = CliRunner().invoke(gridactors, [*words, "--state-dir", str(self.state_dir)], catch_exceptions=False)
        assert result.exit_code == code, f"{words}: {result.output}\n{self.said}"
        return Outcome(result.exit_code, result.stdout, result.stderr)

    def asked(self, *words: str) -> Any:
        """Run it here with `--json`, and give what it printed."""
        return json.loads(self.run_here(*words, "--json").out)

    def get(self, part: str) -> Any:
        """Ask the process itself."""
        with RunningProcess(self.running, self.state_dir) as process:
            return process.get(part)

    def standings(self) -> tuple[str, ...]:
        """Say where each grid stands."""
        return tuple(grid["standing"] for grid in self.get("status")["grids"])

    @property
    def running(self) -> Running:
        """Give what `run.json` says of the process."""
        running = read_run(self.state_dir)
        assert running is not None, f"nothing runs\n{self.said}"
        return running

    @property
    def is_up(self) -> bool:
        """Tell whether a process runs that can be spoken to."""
        return self.process is not None and read_run(self.state_dir) is not None

    @property
    def door(self) -> str:
        """Give where it listens, to have the next process listen there."""
        return urlsplit(self.running.url).netloc

    # --- waiting and comparing -----------------------------------------------------------------------

    def wait_until(self, condition: Callable[[], object], what: str, timeout: float = HEALED) -> None:
        """Look until `condition` holds: another process tells nobody here what has become of it."""
        self._wait_for(lambda: [] if condition() else [what], timeout)

    def wait_quiet(self, *ladders: int) -> None:
        """Wait until ladders stand, of all grids if none is named, and what is written down is what the exchange says.

        That is meant to the last digit, for all grids.
        """
        self._wait_for(lambda: self.restless(ladders or range(len(self.grids))))

    def wait_agrees(self) -> None:
        """Wait until what is written down is what the exchange says, whatever of the ladders stands."""
        self._wait_for(lambda: self.restless(()))

    def wait_standing(self, *standings: str) -> None:
        """Wait until the grids stand so, in their order; after a start that takes a moment."""
        self._wait_for(lambda: [] if (seen := self.standings()) == standings else [f"they are {', '.join(seen)}"])

    def restless(self, ladders: Collection[int]) -> list[str]:
        """Say what is not as it should be at one moment, also of the `ladders` what does not stand."""
        with self.sandbox.hall.lock:
            try:
                rows = [grid.rows() for grid in self.grids]
            except (StoreUnavailable, BadInput) as error:  # not there yet
                return [f"the database: {error}"]
            accounts = [self._account_of(grid, rows) for grid in self.grids]
        wrong = []
        for place, (grid, own, account) in enumerate(zip(self.grids, rows, accounts, strict=True)):
            found = [*(unfinished(own) if place in ladders else ()), *differences(own, account)]
            wrong += [f"{grid.name}: {one}" for one in found]
        return wrong

    def open_ids(self, grid: int = 0) -> set[int]:
        """Give the numbers that the exchange gave the open orders of a grid."""
        return {order.order_id for order in self.exchange_orders(self.grids[grid].pair.symbol)}

    def holds(self, asset: str) -> Decimal:
        """Give what the account holds of an asset, free and locked."""
        free, locked = self.account()[asset]
        return free + locked

    def hears(self, *texts: str, since: int = 0, timeout: float = HEALED) -> str:
        """Wait for an alert with all these texts, after so many others; give it."""

        def found() -> list[str]:
            while not self.receiver.arrived.empty():
                letter = self.receiver.arrived.get()
                self.heard.append(f"{letter['title']}: {letter['message']}")
            return [one for one in self.heard[since:] if all(text in one for text in texts)]

        try:
            self.wait_until(found, f"an alert with {texts}", timeout)
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), "heard:", *self.heard[since:]])) from None
        return found()[0]

    @property
    def said(self) -> str:
        """Give the end of what its processes wrote."""
        return self.output.read_text(encoding="utf-8")[-_TOLD:] if self.output.exists() else ""

    # --- a market that moves -------------------------------------------------------------------------

    @contextmanager
    def moving(self, seed: int = 0) -> Iterator[None]:
        """Let the market wander up and down the ladders all the time, in steps of up to 6, and come to rest at 100."""
        over = threading.Event()
        thread = threading.Thread(target=self._wander, args=(over, random.Random(seed)), name="wanderer")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            for pair in self._pairs:
                self.move("100", pair.symbol)

    def _wander(self, over: threading.Event, chance: random.Random) -> None:
        price = D(100)
        while not over.wait(_MOVES_EVERY):
            price = min(max(price + D(chance.randint(-600, 600)) / 100, D(82)), D(118))
            for pair in self._pairs:
                self.move(price, pair.symbol)

    # --- what is behind it ---------------------------------------------------------------------------

    def _placed(self, document: dict[str, Any], pair: Pair) -> Placed:
        urls = self.sandbox.urls
        there = changed(
            ("pair", {"base_currency": pair.base, "quote_currency": pair.quote}),
            ("exchange.base_url", urls.rest),
            ("exchange.stream_url", urls.stream),
            ("exchange.ws_api_url", urls.ws_api),
            of=document,
        )
        config = self.folder / f"{pair.base.lower()}.json"
        config.write_text(json.dumps(there, default=float), encoding="utf-8")
        settings, name = structure_settings(there, str(config)), f"{pair.base}/{pair.quote}"
        prefix = trading_setup(name, settings, settings.market_rules(), "").prefix
        return Placed(name, pair, config, place_of(settings, self.state_dir), prefix)

    def _account_of(self, grid: Placed, rows: Sequence[GridHistoryRows | None]) -> Account:
        """Give the account as it were if it had no other grids; what these say of themselves is looked at in turn."""
        money = self.account()
        others = [own for one, own in zip(self.grids, rows, strict=True) if one is not grid and own is not None]
        for balance in (balance for own in others for balance in own.balances):
            free, locked = money[balance.asset]
            money[balance.asset] = (free - balance.free + balance.fees_paid, locked - balance.reserved)
        own = {grid.pair.base, grid.pair.quote, *self.foreign}
        symbol = grid.pair.symbol
        return Account(
            grid.prefix,
            {asset: held for asset, held in money.items() if asset in own},
            self.exchange_orders(symbol),
            self.exchange_trades(symbol),
            dict(self.foreign),
        )

    def _wait_for(self, restless: Callable[[], list[str]], timeout: float = HEALED) -> None:
        deadline, never = monotonic() + timeout, threading.Event()
        while wrong := restless():
            code = None if self.process is None else self.process.wait(0.0)
            assert code is None, "\n".join([f"it ended with {code}:", *wrong, self.said])
            assert monotonic() < deadline, "\n".join([f"not within {timeout:g} s:", *wrong, self.said])
            never.wait(_LOOK_EVERY)
