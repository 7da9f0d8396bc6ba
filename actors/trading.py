"""Run grids on live prices: start them, show them, stop them, and tell what they came to."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

from attrs import define, field

from actors.links import LiveLink
from actors.live_table import Show
from actors.looking import Lookout
from actors.mail import AskError, Letter
from actors.opening import Opened
from actors.post import Post
from actors.stop_signals import StopSignals
from actors.sweeping import sweep, sweep_all
from actors.system import System
from actors.tree import trading_system
from engine.addresses import CONSOLE, REPORTER
from engine.errors import RunFailed
from engine.grid_setup import GridSetup
from engine.messages import (
    DescribeCandles,
    DescribeFunds,
    DescribeHistory,
    DescribeOrders,
    GridStopped,
    OpenGrid,
    StopGrid,
)
from engine.performance import summarise
from engine.plain import plain
from engine.results import GridRun

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
GRIDS_STOP_WITHIN = 5.5  # seconds, of the ten that a stop may take
GRIDS_STOP_AT_LAST = 60.0  # as long as orders become fewer
SYSTEM_STOPS_WITHIN = 1.0  # what hangs is left behind
SWEEP_WITHIN = 1.5
FIRST_SWEEP_WITHIN = 10.0
ANSWER_TIMEOUT = 2.0

_TOO_LATE = "did not stop in time, and keeps what it holds"
_REMEDY = "the next start of the same grid takes them down"


class TradingFailedError(RunFailed):
    """Say why trading ended that nobody wanted to end, or what it may have left behind; `runs` are what came of it."""

    def __init__(self, problem: str, runs: Sequence[GridRun] = ()) -> None:
        super().__init__(problem)
        self.runs = list(runs)


@define
class _Console:
    """Hear what a run has to be told: grids that stopped, a signal, the end of the system."""

    inbox: queue.SimpleQueue[Letter | str] = field(factory=queue.SimpleQueue)
    running: set[str] = field(factory=set)
    stop_reason: str | None = None
    failure: str | None = None

    def hear(self, timeout: float) -> None:
        """Take what comes within `timeout` seconds, and all that is there then."""
        try:
            self._take(self.inbox.get(timeout=max(timeout, 0.0)))
            while True:
                self._take(self.inbox.get_nowait())
        except queue.Empty:
            pass

    def _take(self, news: Letter | str) -> None:
        if isinstance(news, str):
            self.stop_reason = self.stop_reason or news
        elif isinstance(news.message, GridStopped):
            self.running.discard(news.message.grid)

    def stop(self, reason: str) -> None:
        """Learn, from a signal's handler too, that the run is to end."""
        self.inbox.put(reason)

    def failed(self, reason: str) -> None:
        """Learn, from any thread, that the system gave up."""
        self.failure = self.failure or reason
        self.inbox.put("failed")


@define
class _Picture:
    """Show how it goes; a screen that is gone must not end the trading with its orders still open."""

    show: Show | None
    lookout: Lookout
    console: _Console

    def draw(self) -> None:
        """Ask everybody and show what they say; give up for good when that fails."""
        if self.show is None:
            return
        try:
            self.show(self.lookout.look(is_stopping=bool(self.console.stop_reason and self.console.running)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 rich leaves by SystemExit when a pipe is closed
            self.show = None
            log.warning("nothing is shown any more, trading goes on: %r", error)


def trade(opened: Opened, show: Show | None, seconds: float | None, signals: StopSignals) -> list[GridRun]:
    """Trade until every grid has stopped, a signal comes or `seconds` have passed; raise `TradingFailedError`.

    With None for `show` nobody looks, which spares the actors the questions. The position is kept, orders are taken
    down; grids that never saw a price are left out of what is given.
    """
    grids = [link.grid for link in opened.links]
    console = _Console(running={grid.name for grid in grids})
    _sweep_earlier(opened)
    signals.tell(console.stop)
    with Post() as post:
        post.perform(post.register(CONSOLE, console.inbox.put), [])
        system = System.start(trading_system(opened.links, post, opened.sandbox), post, on_failure=console.failed)
        try:
            for grid in grids:
                post.send(grid.addresses.grid_manager, OpenGrid())
            picture = _Picture(show, Lookout(grids, post), console)
            _watch(console, picture.draw, seconds)
            _stop_grids(console, grids, post, picture.draw)
            left = _sweep(opened, console)
            runs = [] if console.failure else _runs(grids, post)
        finally:
            system.stop(SYSTEM_STOPS_WITHIN)
    problems = [console.failure] if console.failure else [f"{name} {_TOO_LATE}" for name in sorted(console.running)]
    if left:
        problems.append(f"these may still be open: {'; '.join(left)}; {_REMEDY}")
    if problems:
        raise TradingFailedError("; ".join(problems), runs)
    return runs


def _watch(console: _Console, look: Callable[[], None], seconds: float | None) -> None:
    """Look how it goes until there is a reason to stop."""
    end = None if seconds is None else monotonic() + seconds
    while console.running and console.stop_reason is None:
        look()
        left = LOOK_EVERY if end is None else min(LOOK_EVERY, end - monotonic())
        console.hear(left)
        if end is not None and monotonic() >= end:
            console.inbox.put("time_limit")
            console.hear(0.0)


def _stop_grids(console: _Console, grids: Sequence[GridSetup], post: Post, look: Callable[[], None]) -> None:
    """Have every order taken down, as long as it goes on; what has not stopped in time is left to the sweep."""
    asked = monotonic()
    deadline, last = asked + GRIDS_STOP_WITHIN, asked + GRIDS_STOP_AT_LAST
    for grid in grids:
        if grid.name in console.running:
            post.send(grid.addresses.grid_manager, StopGrid(console.stop_reason or "stopped"))
    open_orders = _open_orders(console, grids, post)
    while console.running and console.failure is None and monotonic() < deadline:
        look()
        console.hear(min(LOOK_EVERY, deadline - monotonic()))
        left = _open_orders(console, grids, post)
        if left < open_orders:  # hundreds of cancellations take their time: an order more is worse than a second more
            open_orders, deadline = left, min(monotonic() + GRIDS_STOP_WITHIN, last)
    look()


def _open_orders(console: _Console, grids: Sequence[GridSetup], post: Post) -> int:
    """Count the orders of those that have not stopped yet."""
    count = 0
    for grid in grids:
        with suppress(AskError):
            if grid.name in console.running:
                count += len(post.ask(grid.addresses.order_manager, DescribeOrders(), LOOK_EVERY))
    return count


def _sweep_earlier(opened: Opened) -> None:
    """Take down what an earlier run left, which nobody remembers."""
    for link in opened.links:
        if isinstance(link, LiveLink) and (left := sweep(link, FIRST_SWEEP_WITHIN)):
            raise TradingFailedError(f"these may still be open from an earlier run: {left}; {_REMEDY}")


def _sweep(opened: Opened, console: _Console) -> list[str]:
    """Look after those that did not stop in order; give what may be left on the exchange."""
    live = [link for link in opened.links if isinstance(link, LiveLink)]
    return sweep_all([one for one in live if one.grid.name in console.running or console.failure], SWEEP_WITHIN)


def _runs(grids: Sequence[GridSetup], post: Post) -> list[GridRun]:
    """Ask what came of every grid."""
    runs = []
    for grid in grids:
        try:
            run = _run(grid, post)
        except AskError as error:
            log.warning("%s: cannot tell what came of it: %s", grid.name, error)
            continue
        if run is None:
            log.warning("%s: no price was ever seen", grid.name)
        else:
            runs.append(run)
    return runs


def _run(grid: GridSetup, post: Post) -> GridRun | None:
    candles = post.ask(REPORTER, DescribeCandles(grid.name), ANSWER_TIMEOUT)
    if candles is None:
        return None
    history = post.ask(REPORTER, DescribeHistory(grid.name), ANSWER_TIMEOUT)
    funds = post.ask(grid.addresses.balance_tracker, DescribeFunds(), ANSWER_TIMEOUT)
    orders = post.ask(grid.addresses.order_manager, DescribeOrders(), ANSWER_TIMEOUT)
    log.info("%s: holds %s %s", grid.name, plain(funds.free_base + funds.reserved_base), grid.rules.market.base)
    return summarise(grid.name, grid.settings, grid.rules, candles, history, funds, len(orders))
