from __future__ import annotations

import pytest

from engine.effects import Reply
from engine.grid import make_plan
from engine.messages import DescribeHistory, GridArmed, GridStopped
from engine.reporter import GridHistory, Reporter
from engine.values import ZERO
from tests.engine.samples import BUY, MINUTE, SELL, D, grid_rules, trade, wish

PLAN = make_plan(grid_rules(), D(120), D(1200), ZERO)


def history(of: Reporter, grid: str) -> GridHistory:
    (reply,) = of.handle(DescribeHistory(grid))
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, GridHistory)
    return reply.value


def test_a_grid_of_which_nothing_was_heard_never_armed() -> None:
    assert history(Reporter({"SOL/USDT": MINUTE}), "SOL/USDT") == GridHistory(None, None, None, ())


def test_a_history_holds_plan_trades_and_stop_in_order_and_of_its_own_grid_only() -> None:
    of = Reporter({"SOL/USDT": MINUTE, "BTC/USDT": MINUTE})
    bought, sold = trade(wish("1", BUY, 110, 1), "1"), trade(wish("1", SELL, 120, 1), "2")
    for fact in (GridArmed("SOL/USDT", 7, PLAN), bought, sold, GridStopped("SOL/USDT", "stop_loss", D(0), D(0))):
        assert of.handle(fact) == []
    assert history(of, "SOL/USDT") == GridHistory(PLAN, 7, "stop_loss", (bought, sold))
    assert history(of, "BTC/USDT") == GridHistory(None, None, None, ())


def test_a_history_that_was_told_does_not_change_afterwards() -> None:
    of = Reporter({"SOL/USDT": MINUTE})
    before = history(of, "SOL/USDT")
    of.handle(trade(wish("1", BUY, 110, 1)))
    assert before.trades == ()


def test_a_grid_that_nobody_named_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Reporter({"SOL/USDT": MINUTE}).handle(GridStopped("BTC/USDT", "stop_loss", D(0), D(0)))
