"""Run grids on live prices: start them, show them, stop them, and tell what they came to."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from time import monotonic

from actors.display.live_table import Show
from actors.opening.links import LiveLink
from actors.opening.opening import Opened
from actors.post import Post
from actors.system import System
from actors.trading.console import Console
from actors.trading.looking import Lookout, Picture
from actors.trading.results import results_of
from actors.trading.stop_signals import StopSignals
from actors.trading.stopping import stop_grids
from actors.trading.sweeping import sweep_all
from actors.tree import trading_system
from engine.addresses import CONSOLE
from engine.errors import RunFailed
from engine.results import GridRun

LOOK_EVERY = 0.5  # seconds
_TURN = 0.001  # seconds that a thread may keep others from running
SYSTEM_STOPS_WITHIN = 1.0  # what hangs is left behind
SWEEP_WITHIN = 1.5

_TOO_LATE = "did not stop in time, and keeps what it holds"
_REMEDY = "the next start of the same grid looks after them"


class TradingFailedError(RunFailed):
    """Say why trading ended that nobody wanted to end, or what it may have left behind; `runs` are what came of it."""

    def __init__(self, problem: str, runs: Sequence[GridRun] = ()) -> None:
        super().__init__(problem)
        self.runs = list(runs)


def trade(opened: Opened, show: Show | None, seconds: float | None, signals: StopSignals) -> list[GridRun]:
    """Trade until every grid has stopped, a signal comes or `seconds` have passed; raise `TradingFailedError`.

    With None for `show` nobody looks, which spares the actors the questions. The position is kept, orders are taken
    down; grids that never saw a price are left out of what is given.
    """
    grids = [link.grid for link in opened.links]
    console = Console(running={grid.name for grid in grids})
    signals.tell(console.stop)
    runs: list[GridRun] = []
    with Post() as post:
        post.perform(post.register(CONSOLE, console.inbox.put), [])
        _be_quick()
        system = System.start(trading_system(opened.links, post, opened.sandbox), post, on_failure=console.failed)
        try:
            picture = Picture(show, Lookout(grids, post), console)
            _watch(console, picture.draw, seconds)
            stop_grids(console, grids, post, picture.draw)
            if console.failure is None:
                runs = results_of(grids, post)
        finally:
            post.miss_nobody()
            system.stop(SYSTEM_STOPS_WITHIN)
    left = _sweep(opened, console)  # now that nobody is there who could still place an order
    problems = [console.failure] if console.failure else [f"{name} {_TOO_LATE}" for name in sorted(console.running)]
    if left:
        problems.append(f"these may still be open: {'; '.join(left)}; {_REMEDY}")
    if problems:
        raise TradingFailedError("; ".join(problems), runs)
    return runs


def _be_quick() -> None:
    """Have news reach whoever waits for them, whatever other threads are at.

    What was loaded so far stays: the collector would go through it again and again, for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_TURN)


def _watch(console: Console, look: Callable[[], None], seconds: float | None) -> None:
    """Look how it goes until there is a reason to stop."""
    end = None if seconds is None else monotonic() + seconds
    while console.running and console.stop_reason is None:
        look()
        left = LOOK_EVERY if end is None else min(LOOK_EVERY, end - monotonic())
        console.hear(left)
        if end is not None and monotonic() >= end:
            console.stop("time_limit")
            console.hear(0.0)


def _sweep(opened: Opened, console: Console) -> list[str]:
    """Look after those that did not stop in order; give what may be left on the exchange."""
    if opened.sandbox is not None and opened.sandbox.is_closed:
        return []  # its orders have ended with it
    live = [link for link in opened.links if isinstance(link, LiveLink)]
    return sweep_all([one for one in live if one.grid.name in console.running or console.failure], SWEEP_WITHIN)
