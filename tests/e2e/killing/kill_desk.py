"""A sandbox exchange in this process, a grid on it in another that is killed and started, and what both say.

```
with KillDesk(tmp_path, zygote, grid_document()) as desk:
    desk.start()
    desk.wait_quiet()              # the whole ladder stands, and the database is what the exchange says
    desk.move("95")
    desk.kill()                    # SIGKILL
    desk.start()
    desk.wait_quiet()
```
"""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from actors.gateways.credentials import KEY, SECRET
from actors.opening.states import place_of
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from actors.store.history import GridHistoryRows, read_history
from engine.errors import BadInput
from engine.grid_setup import trading_setup
from engine.journal.store import StoreUnavailable
from engine.settings.structure import structure_settings
from tests.e2e.killing.kill_points import KillPoint
from tests.e2e.killing.processes import Process, Starter, end
from tests.e2e.killing.stored import Account, differences, unfinished
from tests.e2e.other_side import SOL, OtherSide, Price
from tests.engine.configurations import changed

D = Decimal
HEALED = 30.0  # seconds that nothing here takes unless it is broken
STOPS_WITHIN = 10.0
_LOOK_EVERY = 0.03  # seconds
_TOLD = 3_000  # characters of what a process wrote
_QUOTE = "USDT"


class KillDesk(OtherSide):
    """Run one live grid of `document` on a still sandbox; the account holds its budget, and `spare` beside it.

    `state_dir` is where the grid keeps its state, `folder` / "data" by default.
    """

    def __init__(
        self,
        folder: Path,
        starter: Starter,
        document: dict[str, Any],
        *,
        spare: Mapping[str, Price] | None = None,
        pairs: Sequence[Pair] = (SOL,),
        state_dir: Path | None = None,
        **options: Any,
    ) -> None:
        foreign = {asset: D(amount) for asset, amount in (spare or {}).items()}
        budget = D(document["trading_settings"]["initial_balance"])
        balances = {**foreign, _QUOTE: budget + foreign.get(_QUOTE, D(0))}
        OtherSide.__init__(self, Sandbox(SandboxOptions(pairs=tuple(pairs), balances=balances, **options)), foreign)
        self.folder, self.document = folder, document
        self.state_dir = state_dir or folder / "data"
        self.output = folder / "output.txt"
        self.kills = self.starts = 0
        self.process: Process | None = None
        self._starter = starter

    # --- from start to end ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sandbox.start()
        self.arm_fault({"route": "limits", "orders_10s": 100_000, "weight": 1_000_000})
        self.settings = structure_settings(self._document(), str(self._config))
        self._config.write_text(json.dumps(self._document(), default=float), encoding="utf-8")
        self.place = place_of(self.settings, self.state_dir)
        market = self.settings.market_rules()
        self.prefix = trading_setup("SOL/USDT", self.settings, market, "").prefix
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.kill()
        finally:
            self.sandbox.close()

    def start(self, *options: str, kill_at: KillPoint | None = None) -> None:
        """Start the grid's process, which must not be running; it dies at `kill_at`."""
        assert self.process is None, "it runs already"
        self.process = self._started(*options, kill_at=kill_at)
        self.starts += 1

    def second_start(self, timeout: float) -> int | None:
        """Start the same grid once more beside the process that runs; give the exit code, None if it does not end."""
        second = self._started()
        code = second.wait(timeout)
        if code is None:
            end(second)
        return code

    def kill(self) -> int | None:
        """Kill the process, if there is one; give its exit code, which is -9 unless it had ended by itself."""
        process, self.process = self.process, None
        if process is None:
            return None
        self.kills += 1
        return end(process)

    def kill_running(self) -> None:
        """Kill the process, which must not have ended by itself."""
        code = self.kill()
        assert code == -signal.SIGKILL, f"it had ended with {code}:\n{self.said}"

    def restart(self) -> None:
        """Kill and start."""
        self.kill_running()
        self.start()

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it in order; give the exit code."""
        assert self.process is not None
        self.process.send(number)
        return self.ended()

    def ended(self, timeout: float = STOPS_WITHIN) -> int:
        """Wait until the process has ended; give the exit code."""
        assert self.process is not None
        code = self.process.wait(timeout)
        assert code is not None, f"still there after {timeout:g} s:\n{self.said}"
        self.process = None
        return code

    # --- waiting and comparing -----------------------------------------------------------------------

    def wait_until(
        self, condition: Callable[[], object], what: str, timeout: float = HEALED, look_every: float = _LOOK_EVERY
    ) -> None:
        """Look until `condition` holds."""
        deadline = monotonic() + timeout
        while not condition():
            assert monotonic() < deadline, f"not within {timeout:g} s: {what}\n{self.said}"
            self.pause(look_every)

    def wait_quiet(self, timeout: float = HEALED) -> None:
        """Wait until the ladder stands and the database is what the exchange says; AssertionError with what is not."""
        self._wait_for(lambda: self.restless(whole=True), timeout)

    def wait_agrees(self, timeout: float = HEALED) -> None:
        """Wait until the database is what the exchange says, whatever of the ladder stands."""
        self._wait_for(lambda: self.restless(whole=False), timeout)

    def restless(self, *, whole: bool) -> list[str]:
        """Say what is not as it should be, at one moment; with `whole` also what of the ladder does not stand."""
        with self.sandbox.hall.lock:
            try:
                rows = self.rows()
            except (StoreUnavailable, BadInput) as error:  # not there, or damaged: what starts is to see to it
                return [f"the database: {error}"]
            account = Account(
                self.prefix, self.account(), self.exchange_orders(), self.exchange_trades(), dict(self.foreign)
            )
        # A fee in quote is reserved with its order, and not locked by the exchange.
        exact = self.settings.fees().in_received
        return [*(unfinished(rows) if whole else ()), *differences(rows, account, exact=exact)]

    def rows(self) -> GridHistoryRows | None:
        """Read what is stored of the grid, None for nothing."""
        found = [rows for rows in read_history(self.place, None, None) if rows.stored.archived_at is None]
        assert len(found) <= 1, f"{len(found)} grids go on in {self.place}"
        return found[0] if found else None

    def assert_journalled(self) -> None:
        """See that every order that the exchange has or had from the grid is in the database."""
        with self.sandbox.hall.lock:
            rows = self.rows()
            known = {row.client_order_id for row in rows.orders} if rows else set[str]()
            names = [order.client_order_id for order in self.all_exchange_orders()]
        unknown = [name for name in names if name.startswith(self.prefix) and name not in known]
        assert not unknown, f"sent, but not written down: {', '.join(unknown)}"

    @property
    def said(self) -> str:
        """Give the end of what its processes wrote."""
        return self.output.read_text(encoding="utf-8")[-_TOLD:] if self.output.exists() else ""

    @property
    def database(self) -> Path:
        """Give the database's file."""
        assert self.place.path is not None
        return self.place.path

    @property
    def price(self) -> Decimal:
        """Give the market's price."""
        with self.sandbox.hall.lock:
            (trade,) = self.venue.recent_trades(SOL.symbol, 1)
            return trade.price

    def names_at(self, price: Price) -> list[str]:
        """Give the client order ids of the open orders at a price."""
        return [order.client_order_id for order in self.exchange_orders() if order.price == D(price)]

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        threading.Event().wait(seconds)

    # --- the disk ------------------------------------------------------------------------------------

    @contextmanager
    def locked_database(self) -> Iterator[None]:
        """Hold the database's write lock, as another program may."""
        other = sqlite3.connect(self.database, timeout=HEALED, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()

    @contextmanager
    def read_database(self) -> Iterator[None]:
        """Look at the database and go on looking, so that what is written must take new space."""
        other = sqlite3.connect(self.database, isolation_level=None)
        try:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM orders").fetchone()
            yield
        finally:
            other.close()

    # --- what is behind it ---------------------------------------------------------------------------

    @property
    def _config(self) -> Path:
        return self.folder / "grid.json"

    def _started(self, *options: str, kill_at: KillPoint | None = None) -> Process:
        keys = {KEY: self.sandbox.api_key, SECRET: self.sandbox.secret}
        arguments = ("start", str(self._config), "--no-report", "--quiet", "--state-dir", str(self.state_dir), *options)
        return self._starter.start(arguments, self.folder, keys, self.output, kill_at)

    def _document(self) -> dict[str, Any]:
        urls = self.sandbox.urls
        there = (("base_url", urls.rest), ("stream_url", urls.stream), ("ws_api_url", urls.ws_api))
        return changed(
            ("persistence", {"enabled": True}),
            *((f"exchange.{name}", url) for name, url in there),
            of=self.document,
        )

    def _wait_for(self, restless: Callable[[], list[str]], timeout: float) -> None:
        deadline = monotonic() + timeout
        while wrong := restless():
            code = None if self.process is None else self.process.wait(0.0)
            assert code is None, "\n".join([f"it ended with {code}:", *wrong, self.said])
            assert monotonic() < deadline, "\n".join([f"not within {timeout:g} s:", *wrong, self.said])
            self.pause(_LOOK_EVERY)
