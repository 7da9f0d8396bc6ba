"""A sandbox exchange and grids that trade live on it, in one process: move the price, wait for quiet, compare.

```
with LiveDesk(tmp_path, grid_document(("grid_strategy.num_grids", 20))) as desk:
    desk.wait_quiet()              # armed, every order on the exchange, our view is the exchange's to the last digit
    desk.move("95")
    desk.wait_quiet()
    desk.arm_fault({"route": "POST /api/v3/order", "action": "drop", "when": "after"})
```
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch

from actors.gateways.credentials import KEY, SECRET
from actors.mail import AskError, Letter
from actors.opening.opening import Link, Opened, open_grids
from actors.opening.states import GridState, find_states
from actors.post import Post
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from actors.system import System
from actors.trading.recovering import recover
from actors.tree import trading_system
from engine.addresses import CONSOLE
from engine.gateway.breaker import BreakerState
from engine.grid_setup import GridSetup
from engine.messages import (
    GatewayDescribed,
    GridStopped,
    StopGrid,
)
from engine.settings import Settings
from engine.settings.structure import structure_settings
from tests.e2e.agreement import GridView, View, differences
from tests.e2e.expected_fills import Fill
from tests.e2e.other_side import SOL, OtherSide, Price
from tests.e2e.our_side import OurSide
from tests.engine.configurations import changed

__all__ = ["SOL", "SOON", "LiveDesk", "Price", "grid_document"]

D = Decimal
SOON = 15.0  # seconds that nothing here takes unless it is broken
_POLL = 0.01  # seconds between two looks: no event tells that an exchange and those who trade on it have come to rest
_RESTING = (None, "waits for funds", "under the market's minimum")  # of a level's troubles, those that no timer ends


def grid_document(*changes: tuple[str, object]) -> dict[str, Any]:
    """Give a configuration: SOL/USDT 80 to 120 in nine prices, 1000 USDT, quick to heal; changes at dotted paths."""
    quick: dict[str, object] = {
        "retry_delay": 0.05,
        "websocket_retry_base_delay": 0.05,
        "order_polling_interval": 0.5,
        "circuit_breaker_recovery_timeout": 0.3,
    }
    return changed(
        ("exchange", {"name": "binance", "trading_fee": D("0.001"), "trading_mode": "live"}),
        ("trading_settings", {"timeframe": "1m", "initial_balance": 1000}),
        ("grid_strategy.num_grids", 9),
        ("grid_strategy.range", {"bottom": 80, "top": 120}),
        ("execution", quick),
        ("market", {"price_tick": D("0.01"), "amount_step": D("0.001"), "min_amount": D("0.001"), "min_cost": D(5)}),
        *changes,
    )


class LiveDesk(OurSide, OtherSide):
    """Run the grids of `documents` on a still sandbox, from `with` on; `options` replace parts of `SandboxOptions`.

    The account holds the budgets of the grids, and `spare` beside them. `folder` is where the configurations would be.
    """

    def __init__(
        self,
        folder: Path,
        *documents: dict[str, Any],
        spare: Mapping[str, Price] | None = None,
        pairs: Sequence[Pair] = (SOL,),
        **options: Any,
    ) -> None:
        self._threads = set(threading.enumerate())
        foreign = {asset: D(amount) for asset, amount in (spare or {}).items()}
        balances = _balances(documents, pairs, foreign)
        OtherSide.__init__(self, Sandbox(SandboxOptions(pairs=tuple(pairs), balances=balances, **options)), foreign)
        self.folder, self.documents = folder, documents
        self.post = Post()
        self.grids: list[GridSetup] = []
        self.stops: dict[str, GridStopped] = {}
        self.failure: str | None = None  # why the system gave up, if it did
        self.let_pass: Callable[[float], object] | None = None  # a recovery's seconds; None: they pass
        self._opened = Opened(None)
        self._heard: queue.SimpleQueue[Letter] = queue.SimpleQueue()
        self._failed = threading.Event()
        self._closing = ExitStack()

    # --- from start to end ---------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if exc_type is None:
            self._check_nothing_is_left()

    def start(self) -> None:
        """Start the sandbox, open the grids and have them run."""
        self._closing.callback(self.sandbox.close)
        self.sandbox.start()
        self._closing.callback(self.post.close)
        self.start_grids()

    def start_grids(self) -> None:
        """Open the grids and have them run, from where they were if they have been running before."""
        keys = {KEY: self.sandbox.api_key, SECRET: self.sandbox.secret}
        with patch.dict(os.environ, keys):
            configurations = [self._settings(place) for place in range(len(self.documents))]
            self._opened = open_grids(configurations, self._states(configurations))
        self._closing.callback(self._opened.close)
        recover(self._opened, self.let_pass)
        self._recovered()
        self.grids = [link.grid for link in self._opened.links]
        self.stops.clear()
        self._console = self.post.register(CONSOLE, self._heard.put)
        self.post.perform(self._console, [])
        self._system = System.start(trading_system(self._opened.links, self.post), self.post, on_failure=self._fail)
        self._closing.callback(self._system.stop, SOON)

    def _states(self, configurations: Sequence[Settings]) -> list[GridState]:
        """Look at what is kept of the grids."""
        return find_states(configurations, self.folder)

    def _recovered(self) -> None:
        """Do what is to be done before anybody trades."""

    def end_grids(self) -> None:
        """End all actors where they are, which takes down no order."""
        self._system.stop(SOON)
        self.post.retire(self._console)
        self._opened.close()

    def close(self) -> None:
        """End everything; again is no trouble."""
        self._closing.close()

    def stop(self, reason: str = "stopped by the test", timeout: float = SOON) -> None:
        """Have every grid stop that has not, and wait until each has said that it did."""
        for grid in self.grids:
            if grid.name not in self.stops:
                self.post.send(grid.addresses.grid_manager, StopGrid(reason))
        self.wait_stopped(timeout)

    @property
    def link(self) -> Link:
        """Give the way of the only grid to its exchange."""
        (only,) = self._opened.links
        return only

    # --- waiting and comparing -----------------------------------------------------------------------

    def wait_until(self, condition: Callable[[], bool], what: str, timeout: float = SOON) -> None:
        """Look again and again until `condition` holds; AssertionError with `what` after `timeout` seconds."""
        deadline = monotonic() + timeout
        while not condition():
            assert not self._failed.wait(_POLL), f"the system gave up: {self.failure}"
            assert monotonic() < deadline, f"not within {timeout:g} s: {what}"

    def wait_quiet(self, timeout: float = SOON, *, prices: bool = True) -> None:
        """Wait until nothing is under way and our view is the exchange's; AssertionError with all that differs.

        `prices` False: do not wait for the feeds to show the market's price, which some faults keep from them.
        """
        deadline = monotonic() + timeout
        while restless := self._restless(prices=prices):
            assert not self._failed.wait(_POLL), f"the system gave up: {self.failure}"
            assert monotonic() < deadline, "\n".join([f"not quiet within {timeout:g} s:", *restless])

    def assert_agrees(self) -> None:
        """Say all that differs between our view and the exchange's."""
        with self._hall.lock:
            assert not (wrong := differences(self._view())), "\n".join(wrong)

    @property
    def is_idle(self) -> bool:
        """Tell whether no message is in flight; calls to the exchange may be under way all the same."""
        self._hear()
        return not self.post.in_flight

    def wait_stopped(self, timeout: float = SOON) -> None:
        """Wait until every grid has said that it stopped; `stops` has what they said."""
        self.wait_until(self._all_stopped, "every grid stopped", timeout)

    def travel(self, path: Sequence[Price], grid: int = 0) -> list[list[Fill]]:
        """Move along `path`, waiting for quiet after each move; give each move's limit fills, in the path's order."""
        moves = []
        for price in path:
            before = len(self.trades(grid))
            self.move(price)
            self.wait_quiet()
            moves.append(self.fills(before, grid))
        return moves

    # --- what is behind it ---------------------------------------------------------------------------

    def _settings(self, place: int) -> Any:
        urls = self.sandbox.urls
        there = (
            ("exchange.base_url", urls.rest),
            ("exchange.stream_url", urls.stream),
            ("exchange.ws_api_url", urls.ws_api),
        )
        source = self.folder / ("grid.json" if not place else f"grid{place + 1}.json")
        return structure_settings(changed(*there, of=self.documents[place]), str(source))

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self._failed.set()

    def _all_stopped(self) -> bool:
        self._hear()
        return len(self.stops) == len(self.grids)

    def _hear(self) -> None:
        try:
            while True:
                heard = self._heard.get_nowait().message
                self.post.perform(self._console, [])  # handled, no longer in flight
                if isinstance(heard, GridStopped):
                    self.stops[heard.grid] = heard
        except queue.Empty:
            pass

    def _restless(self, *, prices: bool) -> list[str]:
        """Say what keeps all this from being quiet; the exchange stands still while it is looked at."""
        self._hear()
        if moving := self._in_flight():
            return moving
        try:
            with self._hall.lock:
                restless = [f"{grid.name}: {it}" for n, grid in enumerate(self.grids) for it in self._busy(n, prices)]
                restless += differences(self._view())
        except AskError as error:
            return [str(error)]
        return restless or self._in_flight()

    def _in_flight(self) -> list[str]:
        count = self.post.in_flight
        return [f"{count} messages are in flight"] if count else []

    def _busy(self, grid: int, prices: bool) -> list[str]:  # noqa: FBT001 handed on
        setup, busy = self.grids[grid], []
        if (at_work := self.gateway(grid)) is not None and not _is_at_rest(at_work):
            busy.append(str(at_work))
        (traded,) = (trade.price for trade in self.venue.recent_trades(setup.rules.market.pair.replace("/", ""), 1))
        if prices and (seen := self.prices(grid)).price != traded:
            busy.append(f"sees {seen}, the last trade was at {traded}")
        history, levels = self.history(grid), self.levels(grid)
        if history.plan is None or history.stop_reason is not None:
            return busy
        taken = {(order.wish.owner.slot, order.wish.side.name) for order in self.orders(grid)}
        for level in history.plan.levels:
            told = levels.get(level.slot)
            if told is None or told.state == "READY_TO_BUY_OR_SELL":
                busy.append(f"level {level.slot} is not armed")
            elif told.trouble not in _RESTING:
                busy.append(f"level {level.slot}: {told.trouble}")
            elif told.state.startswith("WAITING") and (level.slot, told.state.split("_")[2]) not in taken:
                busy.append(f"level {level.slot} is {told.state} and has no such order")
        return busy

    def _view(self) -> View:
        """Put side by side what we and the exchange say; on paper the exchange must know nothing of us."""
        grids = [
            GridView(setup.name, setup.prefix, setup.rules, self.funds(place), self.orders(place), self.trades(place))
            for place, setup in enumerate(self.grids)
            if self.is_live(place)
        ]
        symbols = list(self.venue.symbols)
        return View(
            tuple(grids),
            self.venue.symbols,
            self.account(),
            tuple(order for symbol in symbols for order in self.exchange_orders(symbol)),
            tuple(trade for symbol in symbols for trade in self.exchange_trades(symbol)),
            dict(self.foreign),
        )

    def _check_nothing_is_left(self) -> None:
        """Raise when a thread outlives the desk."""
        for thread in set(threading.enumerate()) - self._threads:
            thread.join(SOON)
            assert not thread.is_alive(), f"{thread.name} is still alive"


def _balances(
    documents: Sequence[dict[str, Any]], pairs: Sequence[Pair], foreign: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Give what the account opens with: the budgets of those who trade live, and what is no grid's."""
    balances = {pair.quote: D(0) for pair in pairs} | dict(foreign)
    for document in documents:
        if document["exchange"]["trading_mode"] != "live":
            continue
        quote = document["pair"]["quote_currency"]
        balances[quote] += D(document["trading_settings"]["initial_balance"])
    return balances


def _is_at_rest(gateway: GatewayDescribed) -> bool:
    open_calls = gateway.pending + gateway.put_off + gateway.in_flight + gateway.unresolved
    return not open_calls and gateway.breaker is BreakerState.CLOSED and not gateway.paused
