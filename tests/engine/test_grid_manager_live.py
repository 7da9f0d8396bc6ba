"""The grid manager where orders may be refused or fill in part: tries again, sells until flat, stops as it is told."""

from __future__ import annotations

from typing import Any

import pytest

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


def ended(side: Any, filled: Number = 0, refusal: Refusal = Refusal.CLOSED) -> OrderEnded:
    return OrderEnded(GRID_OWNER, side, D(filled), "t" if filled else "", refusal, "halted")


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


@pytest.mark.parametrize(("held", "is_dust"), [("0.09", True), (7, False)])
@pytest.mark.parametrize("is_told_first", [True, False])
def test_what_the_exchange_will_not_take_for_its_size_is_left(
    held: str | int, *, is_dust: bool, is_told_first: bool
) -> None:
    of = running(market=Market("SOL", "USDT", amount_step=D("0.01"), min_cost=D(8)))
    of.handle(LiquidateGrid("stop_loss", D(90)))
    (sale,) = messages(of.handle(FundsCleared(D(300), D(held))))
    assert sale.quantity == D(held)
    refused, cleared = ended(SELL, refusal=Refusal.RULES), FundsCleared(D(300), D(held))
    effects = [
        effect for news in ((refused, cleared) if is_told_first else (cleared, refused)) for effect in of.handle(news)
    ]
    effects += [later for due in effects if isinstance(due, After) for later in of.handle(due.message)]
    stopped = [one for one in messages(effects) if isinstance(one, GridStopped)]
    assert bool(stopped) is is_dust
    assert any(isinstance(one, PlaceOrder) for one in messages(effects)) is not is_dust


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
