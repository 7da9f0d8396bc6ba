"""The grid manager where orders may be refused or fill in part: tries again, sells until flat, stops as it is told."""

from __future__ import annotations

from typing import Any

from engine.calls import Refusal
from engine.effects import After
from engine.grid_manager import GridManager
from engine.messages import (
    FundsCleared,
    GoOnDue,
    GridStopped,
    HaltTrading,
    LiquidateGrid,
    OpenGrid,
    OrderEnded,
    PlaceOrder,
    RangeEntered,
    StartLevels,
    StopGrid,
)
from engine.values import ZERO, Market
from tests.engine.samples import (
    ADDRESSES,
    BUY,
    GRID_OWNER,
    SELL,
    D,
    Number,
    grid_rules,
    market_wish,
    messages,
    told,
    trade,
)
from tests.engine.test_grid_manager import CLOSED, running, started


def manager(retries: int = 2, **rules: Any) -> GridManager:
    of = GridManager(grid_rules(**rules), D(1200), ZERO, ADDRESSES, retries)
    of.handle(OpenGrid())
    return of


def ended(side: Any, filled: Number = 0) -> OrderEnded:
    return OrderEnded(GRID_OWNER, side, D(filled), "t" if filled else "", Refusal.CLOSED, "halted")


def test_a_purchase_that_comes_short_is_made_up_for_and_then_the_levels_start() -> None:
    of = manager()
    (purchase,) = told(of.handle(CLOSED), ADDRESSES.balance_tracker)
    of.handle(trade(purchase, "t", quantity=2, complete=False))
    (due,) = of.handle(ended(BUY, 2))
    assert isinstance(due, After)
    (rest,) = messages(of.handle(due.message))
    assert rest == market_wish(BUY, 120, 3, cycle=1)
    assert started(of.handle(trade(rest, "u")))


def test_after_the_last_retry_the_grid_goes_on_with_what_it_has() -> None:
    of = manager(retries=1)
    of.handle(CLOSED)
    (due,) = of.handle(ended(BUY))
    assert isinstance(due, After)
    assert [one.quantity for one in messages(of.handle(due.message))] == [D(5)]
    effects = of.handle(ended(BUY))
    assert [type(one) for one in messages(effects)] == [StartLevels]


def test_a_rest_that_the_market_does_not_take_is_left() -> None:
    of = manager(market=Market("SOL", "USDT", min_amount=D(1)))
    (purchase,) = told(of.handle(CLOSED), ADDRESSES.balance_tracker)
    of.handle(trade(purchase, "t", quantity="4.5", complete=False))
    of.handle(ended(BUY, "4.5"))
    assert started(of.handle(GoOnDue()))


def test_a_sale_is_made_again_until_nothing_sellable_is_left() -> None:
    of = running()
    of.handle(LiquidateGrid("stop_loss", D(90)))
    (sale,) = messages(of.handle(FundsCleared(D(300), D(7))))
    assert of.handle(trade(sale, "1", quantity=3, complete=False)) == []
    assert of.handle(ended(SELL, 3)) == []
    (due,) = of.handle(FundsCleared(D(570), D(4)))
    assert isinstance(due, After)
    (again,) = messages(of.handle(due.message))
    assert again == market_wish(SELL, 90, 4, cycle=2)
    of.handle(trade(again, "2"))
    assert told(of.handle(FundsCleared(D(930), ZERO)), ADDRESSES.reporter) == [
        GridStopped("SOL/USDT", "stop_loss", D(930), ZERO)
    ]


def test_a_sale_that_is_refused_again_and_again_is_never_given_up() -> None:
    of = running()
    of.handle(LiquidateGrid("stop_loss", D(90)))
    of.handle(FundsCleared(D(300), D(7)))
    delays = []
    for _ in range(9):
        of.handle(ended(SELL))
        (due,) = of.handle(FundsCleared(D(300), D(7)))
        assert isinstance(due, After)
        delays.append(due.delay)
        assert [one.quantity for one in messages(of.handle(due.message))] == [D(7)]
    assert delays == [0.25, 0.5, 1, 2, 4, 8, 10, 10, 10]


def test_a_stop_by_hand_takes_orders_down_and_keeps_the_position() -> None:
    of = running()
    assert messages(of.handle(StopGrid("asked to"))) == [HaltTrading()]
    assert told(of.handle(FundsCleared(D(300), D(7))), ADDRESSES.reporter) == [
        GridStopped("SOL/USDT", "asked to", D(300), D(7))
    ]


def test_a_grid_that_is_stopping_is_not_stopped_otherwise() -> None:
    of = running()
    of.handle(StopGrid("asked to"))
    assert of.handle(LiquidateGrid("stop_loss", D(90))) == []
    of = running()
    of.handle(LiquidateGrid("stop_loss", D(90)))
    assert of.handle(StopGrid("asked to")) == []
    assert [one.side for one in messages(of.handle(FundsCleared(D(300), D(7)))) if isinstance(one, PlaceOrder)] == [
        SELL
    ]


def test_a_grid_that_was_stopped_before_it_armed_does_not_arm() -> None:
    of = manager()
    of.handle(StopGrid("asked to"))
    assert of.handle(RangeEntered(60_000, D(120))) == []


def test_a_purchase_that_fails_while_the_grid_stops_is_not_made_again() -> None:
    of = manager()
    of.handle(CLOSED)
    of.handle(StopGrid("asked to"))
    assert of.handle(ended(BUY)) == []
