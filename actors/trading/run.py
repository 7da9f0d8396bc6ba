"""Run grids on live prices: start them, show them, stop them, and tell what they came to."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic

from actors.alerting.error_alerts import errors_told
from actors.attendants import Attendance, Attendants
from actors.commands.printing import terminal_printer
from actors.display.live_table import Screen
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
from actors.trading.typed import typed_commands
from actors.tree import trading_system
from engine.addresses import CONSOLE, CONTROLLER
from engine.errors import RunFailed
from engine.messages.steering import QuitAsked
from engine.results import GridRun

LOOK_EVERY = 0.5  # seconds
_TURN = 0.001  # seconds that a thread may keep others from running
SYSTEM_STOPS_WITHIN = 3.0  # what hangs is left behind; a notifier may have last words
SWEEP_WITHIN = 1.5

_TOO_LATE = "did not stop in time, and keeps what it holds"
_REMEDY = "the next start of the same grid looks after them"


class TradingFailedError(RunFailed):
    """Say why trading ended that nobody wanted to end, or what it may have left behind; `runs` are what came of it."""

    def __init__(self, problem: str, runs: Sequence[GridRun] = ()) -> None:
        super().__init__(problem)
        self.runs = list(runs)


def trade(
    opened: Opened,
    attendance: Attendance,
    screen: Screen | None,
    seconds: float | None,
    signals: StopSignals,
) -> list[GridRun]:
    """Trade until every grid has stopped, a signal comes or `seconds` have passed; raise `TradingFailedError`.

    With None for `screen` nobody looks here, which spares the actors the questions. The position is kept, orders are
    taken down; grids that never saw a price are left out of what is given.
    """
    grids = [link.grid for link in opened.links]
    console = Console(running={grid.name for grid in grids})
    signals.tell(console.stop)
    runs: list[GridRun] = []
    with Post() as post, ExitStack() as closing:
        post.perform(post.register(CONSOLE, console.inbox.put), [])
        closing.enter_context(errors_told(post))
        attendants = Attendants.of(attendance, grids, post)
        _be_quick()
        spec = trading_system(opened.links, post, opened.sandbox, attendants)
        system = System.start(spec, post, on_failure=console.failed)
        try:
            if screen is not None:
                _listen(screen, attendants, console, signals, closing)
            picture = Picture(None if screen is None else screen.show, Lookout(grids, post), console)
            _watch(console, picture.draw, seconds)
            post.send(CONTROLLER, QuitAsked(console.stop_reason or "stopped"))  # so that those who look on know
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


def _listen(screen: Screen, attendants: Attendants, console: Console, signals: StopSignals, closing: ExitStack) -> None:
    """Take commands at the terminal, where there is one."""
    printer = None if screen.is_drawn else terminal_printer()
    if not screen.is_drawn and printer is None:
        return
    answers = attendants.answers
    typed = closing.enter_context(typed_commands(answers, answers.names, console.glance, printer))
    if typed is not None:
        screen.typed = typed
        signals.at_once(typed.restore)


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
