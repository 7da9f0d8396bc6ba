from __future__ import annotations

from typing import Any

import pytest

from engine.effects import Effect, Reply
from engine.messages import (
    CancelAllOrders,
    CancelOrder,
    DescribeOrders,
    OrderEnded,
    OrderReported,
    PlaceOrder,
    SubmitOrder,
    TradeBooked,
)
from engine.order_manager import OrderManager
from engine.orders import OverFilled
from engine.values import ZERO, Kind
from tests.engine.samples import ADDRESSES, BUY, SELL, D, filled, market_wish, messages, told, wish

ONE, TWO = wish("1", BUY, 100, 3), wish("2", SELL, 130, 3, cycle=4)
FIRST, SECOND = "tag-1-0b0", "tag-2-4s0"


def manager(*wishes: PlaceOrder) -> OrderManager:
    of = OrderManager("tag", ADDRESSES)
    for one in wishes:
        of.handle(one)
    return of


def open_orders(of: OrderManager) -> tuple[Any, ...]:
    (reply,) = of.handle(DescribeOrders())
    assert isinstance(reply, Reply)
    return tuple(order.wish for order in reply.value)


def booked(effects: list[Effect]) -> TradeBooked:
    """Give the trade that the reporter, the ledger and the owner are told alike, in this order."""
    assert [getattr(effect, "to", None) for effect in effects] == [
        ADDRESSES.reporter,
        ADDRESSES.balance_tracker,
        ADDRESSES.level("1"),
    ]
    trade, *same = messages(effects)
    assert same == [trade, trade]
    assert isinstance(trade, TradeBooked)
    return trade


def test_a_funded_wish_becomes_an_order_at_the_exchange() -> None:
    of = manager()
    assert told(of.handle(ONE), ADDRESSES.exchange) == [SubmitOrder(FIRST, BUY, Kind.LIMIT, D(100), D(3))]
    sale = market_wish(SELL, 90, 5, cycle=1)
    assert told(of.handle(sale), ADDRESSES.exchange) == [SubmitOrder("tag-grid-1s0", SELL, Kind.MARKET, D(90), D(5))]
    assert open_orders(of) == (ONE, sale)


def test_the_same_wish_told_again_is_no_second_order() -> None:
    of = manager(ONE)
    assert of.handle(ONE) == []
    assert open_orders(of) == (ONE,)


def test_the_next_cycle_of_a_level_is_another_order() -> None:
    of = manager(ONE)
    of.handle(filled(FIRST, "t", 100, 3))
    assert told(of.handle(wish("1", BUY, 100, 3, "x", cycle=1)), ADDRESSES.exchange) == [
        SubmitOrder("tag-1-1b0", BUY, Kind.LIMIT, D(100), D(3))
    ]


def test_a_fill_is_booked_for_ledger_reporter_and_owner() -> None:
    of = manager(ONE)
    trade = booked(of.handle(filled(FIRST, "t", 99, 3)))
    assert (trade.trade_id, trade.client_order_id, trade.owner) == ("t", FIRST, ONE.owner)
    assert (trade.price, trade.quantity, trade.side, trade.kind) == (D(99), D(3), BUY, Kind.LIMIT)
    assert trade.complete
    assert open_orders(of) == ()


def test_parts_are_booked_one_by_one_and_only_the_last_completes() -> None:
    of = manager(ONE)
    parts = [booked(of.handle(filled(FIRST, name, 100, quantity))) for name, quantity in (("t", 1), ("u", "1.5"))]
    assert [part.complete for part in parts] == [False, False]
    assert open_orders(of) == (ONE,)
    assert booked(of.handle(filled(FIRST, "v", 100, "0.5"))).complete
    assert open_orders(of) == ()


def test_a_trade_that_was_told_before_counts_for_nothing() -> None:
    of = manager(ONE)
    of.handle(filled(FIRST, "t", 100, 1))
    assert of.handle(filled(FIRST, "t", 100, 1)) == []
    of.handle(filled(FIRST, "u", 100, 2))
    assert of.handle(filled(FIRST, "u", 100, 2)) == []
    assert of.handle(filled(FIRST, "t", 100, 1)) == []


def test_a_fill_of_an_unknown_order_is_ignored() -> None:
    of = manager(ONE)
    assert of.handle(filled("someone-elses", "t", 100, 1)) == []


def test_an_order_filled_by_more_than_it_asked_for_raises() -> None:
    of = manager(ONE)
    of.handle(filled(FIRST, "t", 100, 2))
    with pytest.raises(OverFilled):
        of.handle(filled(FIRST, "u", 100, 2))


def test_a_cancelled_order_ends_for_ledger_and_owner_once() -> None:
    of = manager(ONE, TWO)
    of.handle(filled(FIRST, "t", 100, 1))
    ended = OrderEnded(ONE.owner, BUY, D(1), "t")
    assert of.handle(OrderReported(FIRST, D(1), is_open=False)) == [
        (ADDRESSES.balance_tracker, ended),
        (ONE.owner.address, ended),
    ]
    assert of.handle(OrderReported(FIRST, ZERO, is_open=False)) == []
    assert open_orders(of) == (TWO,)


def test_all_open_orders_are_cancelled_at_the_exchange() -> None:
    of = manager(ONE, TWO)
    assert of.handle(CancelAllOrders()) == [
        (ADDRESSES.exchange, CancelOrder(FIRST)),
        (ADDRESSES.exchange, CancelOrder(SECOND)),
    ]
    assert len(open_orders(of)) == 2  # until the exchange has confirmed
    of.handle(OrderReported(FIRST, ZERO, is_open=False))
    assert messages(of.handle(CancelAllOrders())) == [CancelOrder(SECOND)]


def test_an_order_that_fills_while_it_is_being_cancelled_is_booked() -> None:
    of = manager(ONE)
    of.handle(CancelAllOrders())
    assert booked(of.handle(filled(FIRST, "t", 100, 3))).complete
    assert of.handle(OrderReported(FIRST, ZERO, is_open=False)) == []
