"""Run grids on live prices: start them, show them, stop them, and tell what they came to."""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from types import FrameType

import click
from attrs import define, field

from actors.links import LiveLink
from actors.live_table import Show
from actors.looking import Lookout
from actors.mail import Letter
from actors.opening import Opened
from actors.post import Post
from actors.sweeping import sweep
from actors.system import System
from actors.tree import trading_system
from engine.addresses import CONSOLE, REPORTER
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
GRIDS_STOP_WITHIN = 6.0  # seconds, of the ten that a stop may take
SYSTEM_STOPS_WITHIN = 2.0
SWEEP_WITHIN = 1.5
FIRST_SWEEP_WITHIN = 10.0
ANSWER_TIMEOUT = 2.0


class TradingFailedError(Exception):
    """Say why trading ended that nobody wanted to end, or what it may have left behind."""


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

    def failed(self, reason: str) -> None:
        """Learn, from any thread, that the system gave up."""
        self.failure = self.failure or reason
        self.inbox.put("failed")


def trade(opened: Opened, show: Show, seconds: float | None) -> list[GridRun]:
    """Trade until every grid has stopped, a signal comes or `seconds` have passed; raise `TradingFailedError`.

    The position is kept, orders are taken down; grids that never saw a price are left out of what is given.
    """
    grids = [link.grid for link in opened.links]
    console = _Console(running={grid.name for grid in grids})
    _sweep_earlier(opened)
    with Post() as post, _signals(console):
        post.perform(post.register(CONSOLE, console.inbox.put), [])
        system = System.start(trading_system(opened.links, post, opened.sandbox), post, on_failure=console.failed)
        try:
            for grid in grids:
                post.send(grid.addresses.grid_manager, OpenGrid())
            _watch(console, Lookout(grids, post), show, seconds)
            _stop_grids(console, grids, post)
            runs = [] if console.failure else _runs(grids, post)
            left = _sweep(opened, console)
        finally:
            ended = system.stop(SYSTEM_STOPS_WITHIN)
    problems = [f"orders may still be open: {', '.join(left)}"] if left else []
    if failure := console.failure or ended.failure:
        problems.insert(0, failure)
    if problems:
        raise TradingFailedError("; ".join(problems))
    return runs


def _watch(console: _Console, lookout: Lookout, show: Show, seconds: float | None) -> None:
    """Show how it goes until there is a reason to stop."""
    end = None if seconds is None else monotonic() + seconds
    while console.running and console.stop_reason is None:
        show(lookout.look())
        left = LOOK_EVERY if end is None else min(LOOK_EVERY, end - monotonic())
        console.hear(left)
        if end is not None and monotonic() >= end:
            console.inbox.put("time is up")
            console.hear(0.0)
    show(lookout.look())


def _stop_grids(console: _Console, grids: Sequence[GridSetup], post: Post) -> None:
    """Have every order taken down; what has not stopped in time is left to the sweep."""
    deadline = monotonic() + GRIDS_STOP_WITHIN
    for grid in grids:
        if grid.name in console.running:
            post.send(grid.addresses.grid_manager, StopGrid(console.stop_reason or "stopped"))
    while console.running and console.failure is None and monotonic() < deadline:
        console.hear(deadline - monotonic())
    for name in sorted(console.running):
        log.warning("%s did not stop within %g s", name, GRIDS_STOP_WITHIN)


def _sweep_earlier(opened: Opened) -> None:
    """Take down what an earlier run left, which nobody remembers."""
    for link in opened.links:
        if isinstance(link, LiveLink) and (left := sweep(link, FIRST_SWEEP_WITHIN)):
            raise TradingFailedError(f"orders of an earlier run may still be open: {', '.join(left)}")


def _sweep(opened: Opened, console: _Console) -> list[str]:
    """Look after those that did not stop in order; give what may be left on the exchange."""
    left: list[str] = []
    for link in opened.links:
        if isinstance(link, LiveLink) and (link.grid.name in console.running or console.failure):
            left += sweep(link, SWEEP_WITHIN)
    return left


def _runs(grids: Sequence[GridSetup], post: Post) -> list[GridRun]:
    """Ask what came of every grid."""
    runs = []
    for grid in grids:
        candles = post.ask(REPORTER, DescribeCandles(grid.name), ANSWER_TIMEOUT)
        if candles is None:
            log.warning("%s: no price was ever seen", grid.name)
            continue
        history = post.ask(REPORTER, DescribeHistory(grid.name), ANSWER_TIMEOUT)
        funds = post.ask(grid.addresses.balance_tracker, DescribeFunds(), ANSWER_TIMEOUT)
        orders = post.ask(grid.addresses.order_manager, DescribeOrders(), ANSWER_TIMEOUT)
        runs.append(summarise(grid.name, grid.settings, grid.rules, candles, history, funds, len(orders)))
        market = grid.rules.market
        log.info("%s: holds %s %s", grid.name, plain(funds.free_base + funds.reserved_base), market.base)
    return runs


@contextmanager
def _signals(console: _Console) -> Iterator[None]:
    """Stop in order at the first signal, and at once at the second."""

    def stop(number: int, _frame: FrameType | None) -> None:
        if console.stop_reason is None:
            console.inbox.put(signal.Signals(number).name)
            console.stop_reason = signal.Signals(number).name
            return
        click.echo("stopped at once; orders may still be open", err=True)
        sys.stderr.flush()
        os._exit(1)

    handlers = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
