"""What came of grids that traded on live prices, worked out like a backtest's."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import attrs

from actors.mail import AskError
from actors.post import Post
from engine.addresses import REPORTER
from engine.grid_setup import GridSetup
from engine.messages import DescribeCandles, DescribeFunds, DescribeHistory, DescribeOrders
from engine.messages.questions import DescribeTrades
from engine.performance import summarise
from engine.plain import plain
from engine.results import GridRun

log = logging.getLogger(__name__)

_ANSWER_TIMEOUT = 2.0  # seconds
_TRADES_TIMEOUT = 30.0  # there may be a million


def results_of(grids: Sequence[GridSetup], post: Post) -> list[GridRun]:
    """Ask what came of every grid; those that never saw a price, or do not answer, are left out."""
    runs = []
    for grid in grids:
        try:
            run = _result_of(grid, post)
        except AskError as error:
            log.warning("%s: cannot tell what came of it: %s", grid.name, error)
            continue
        if run is None:
            log.warning("%s: no price was ever seen", grid.name)
        else:
            runs.append(run)
    return runs


def _result_of(grid: GridSetup, post: Post) -> GridRun | None:
    candles = post.ask(REPORTER, DescribeCandles(grid.name), _ANSWER_TIMEOUT)
    if candles is None:
        return None
    history = post.ask(REPORTER, DescribeHistory(grid.name), _ANSWER_TIMEOUT)
    assert grid.addresses.journal is not None, "a grid on live prices has a journal"
    trades = post.ask(grid.addresses.journal, DescribeTrades(), _TRADES_TIMEOUT)
    if trades is None:
        raise AskError("the database does not answer")
    funds = post.ask(grid.addresses.balance_tracker, DescribeFunds(), _ANSWER_TIMEOUT)
    orders = post.ask(grid.addresses.order_manager, DescribeOrders(), _ANSWER_TIMEOUT)
    log.info("%s: holds %s %s", grid.name, plain(funds.free_base + funds.reserved_base), grid.rules.market.base)
    return summarise(
        grid.name, grid.settings, grid.rules, candles, attrs.evolve(history, trades=trades), funds, len(orders)
    )
