"""Run backtests: the same tree stepped on this thread, or on threads under the supervisor."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from actors.tree import backtest_system
from engine.addresses import REPORTER
from engine.backtest import Host, drive
from engine.effects import Address
from engine.grid_setup import BacktestSetup
from engine.messages import DescribeFunds, DescribeHistory, DescribeOrders
from engine.performance import summarise
from engine.results import GridRun
from engine.stepped_system import start_stepped
from engine.stepper import Stepper

if TYPE_CHECKING:
    from actors.post import Post

ANSWER_TIMEOUT = 60.0  # seconds; an actor that takes longer over one message of a backtest hangs
STOP_TIMEOUT = 30.0

Progress = Callable[[str, int], None]


@frozen
class Threads:
    """Host actors on real threads, behind a post."""

    post: Post

    def send(self, to: Address[Any], message: Any) -> None:
        """Tell a message."""
        self.post.send(to, message)

    def ask(self, to: Address[Any], message: Any) -> Any:
        """Ask and wait for the answer."""
        return self.post.ask(to, message, ANSWER_TIMEOUT)

    def ask_settled(self, to: Address[Any], message: Any) -> Any:
        """Ask, and wait for the answer and until no message is in flight."""
        return self.post.ask_settled(to, message, ANSWER_TIMEOUT)

    def settle(self) -> None:
        """Wait until no message is in flight."""
        self.post.wait_settled(ANSWER_TIMEOUT)


def run_stepped(grids: Sequence[BacktestSetup], on_progress: Progress, stepper: Stepper | None = None) -> list[GridRun]:
    """Run all grids on this thread; `stepper` may be a shaken one."""
    host = stepper or Stepper()
    with _no_collections():
        start_stepped(host, backtest_system(grids))
        return [_run(host, grid, on_progress) for grid in grids]


def run_threaded(grids: Sequence[BacktestSetup], on_progress: Progress) -> list[GridRun]:
    """Run all grids on threads, under the supervisor; whatever crashes ends the run with what the crash raised."""
    from actors.post import Post
    from actors.system import System

    with _one_core(), Post() as post:
        system = System.start(backtest_system(grids), post)
        try:
            return [_run(Threads(post), grid, on_progress) for grid in grids]
        finally:
            system.stop(STOP_TIMEOUT)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Spare the search for cycles among messages, which form none: it costs a tenth of a busy run."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this thread, and those it starts, on one core.

    The interpreter runs one thread at a time, and a backtest's threads do nothing but hand over to each other: half
    of its time would go into moving from core to core.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(allowed)[os.getpid() % len(allowed)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _run(host: Host, grid: BacktestSetup, on_progress: Progress) -> GridRun:
    drive(host, grid.addresses, lambda index: on_progress(grid.name, index))
    on_progress(grid.name, len(grid.candles))
    history = host.ask(REPORTER, DescribeHistory(grid.name))
    funds = host.ask(grid.addresses.balance_tracker, DescribeFunds())
    orders = host.ask(grid.addresses.order_manager, DescribeOrders())
    return summarise(grid.name, grid.settings, grid.rules, grid.candles, history, funds, len(orders))
