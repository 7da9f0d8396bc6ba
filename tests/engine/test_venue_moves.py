from __future__ import annotations

import pytest

from engine.venue.events import BookChanged, PublicTrade
from engine.venue.values import OrderSide, Refused
from tests.engine.venues import NOW, SOL, D, a_venue, holds, place, public, request, settled, steps


@pytest.mark.parametrize(
    ("side", "prices", "target", "filled"),
    [
        ("BUY", [95, 97, 93], 95, [2, 1]),
        ("BUY", [95, 97, 93], "95.01", [2]),
        ("SELL", [105, 103, 107], 105, [2, 1]),
        ("SELL", [105, 103, 107], 110, [2, 1, 3]),
        ("BUY", [95, 95], 90, [1, 2]),
        ("BUY", [95], 105, []),
    ],
)
def test_a_move_fills_what_it_meets_in_price_time_order(
    side: OrderSide, prices: list[int], target: int | str, filled: list[int]
) -> None:
    venue = a_venue()
    for price in prices:
        place(venue, request(side, 1, price))
    events = venue.move(SOL, D(target), NOW + 1)
    assert steps(events) == [("TRADE", number, "FILLED") for number in filled]
    assert venue.price(SOL) == D(target)
    trades = venue.my_trades("ann", SOL)
    assert [(trade.order_id, trade.price) for trade in trades] == [(n, D(prices[n - 1])) for n in filled]
    assert all(trade.is_maker and trade.time == NOW + 1 for trade in trades)
    assert len(settled(events)) == len(filled)


def test_a_move_ends_with_a_trade_of_the_house_and_a_changed_book() -> None:
    venue = a_venue()
    for target, buyer_is_maker in ((101, False), (99, True)):
        *_, trade, changed = venue.move(SOL, D(target), NOW)
        assert isinstance(trade, PublicTrade)
        assert (trade.price, trade.buyer_is_maker) == (D(target), buyer_is_maker)
        assert changed == BookChanged(SOL, NOW)


@pytest.mark.parametrize(("asked", "price"), [("100.005", "100"), ("100.015", "100.02"), ("0.001", "0.01")])
def test_a_price_between_ticks_is_rounded(asked: str, price: str) -> None:
    venue = a_venue()
    venue.move(SOL, D(asked), NOW)
    assert venue.price(SOL) == D(price)


def test_split_fills_come_in_as_many_trades_for_as_many_orders() -> None:
    venue = a_venue()
    for price in (99, 98, 97):
        place(venue, request("BUY", 1, price))
    venue.split_fills(SOL, parts=3, orders=2)
    events = venue.move(SOL, D(97), NOW)
    assert steps(events) == [
        *[("TRADE", 1, "PARTIALLY_FILLED")] * 2,
        ("TRADE", 1, "FILLED"),
        *[("TRADE", 2, "PARTIALLY_FILLED")] * 2,
        ("TRADE", 2, "FILLED"),
        ("TRADE", 3, "FILLED"),
    ]
    assert public(events)[:3] == [(99, D("0.333")), (99, D("0.333")), (99, D("0.334"))]
    assert len(settled(events)) == 3


def test_an_order_of_few_steps_splits_into_no_more_trades_than_that() -> None:
    venue = a_venue(min_notional=D(0))
    place(venue, request("BUY", "0.002", 99))
    venue.split_fills(SOL, parts=5, orders=1)
    assert [quantity for _, quantity in public(venue.move(SOL, D(99), NOW))[:-1]] == [D("0.001")] * 2


@pytest.mark.parametrize(
    ("share", "executed", "status"),
    [("0.5", "0.5", "PARTIALLY_FILLED"), ("0.0001", "0.001", "PARTIALLY_FILLED"), ("1", "1", "FILLED")],
)
def test_a_part_of_an_order_can_be_filled_away_from_the_market(share: str, executed: str, status: str) -> None:
    venue = a_venue()
    place(venue, request("BUY", 1, 90))
    events = venue.fill_part(1, D(share), NOW)
    assert steps(events) == [("TRADE", 1, status)]
    assert public(events) == [(90, D(executed))]
    assert holds(venue, "USDT")[1] == 90 * (1 - D(executed))
    assert venue.price(SOL) == 100


def test_an_outsider_takes_from_accounts_best_first_and_leaves_the_rest() -> None:
    venue = a_venue()
    for price in (95, 96, 94):
        place(venue, request("BUY", 2, price))
    events = venue.trade(SOL, "SELL", D(3), NOW, D(95))
    assert steps(events) == [("TRADE", 2, "FILLED"), ("TRADE", 1, "PARTIALLY_FILLED")]
    assert public(events) == [(96, 2), (95, 1)]
    assert [order.executed for order in venue.open_orders("ann")] == [1, 0]
    assert venue.price(SOL) == 100


def test_an_outsider_finds_nothing_beyond_its_limit() -> None:
    venue = a_venue()
    place(venue, request("BUY", 2, 95))
    assert venue.trade(SOL, "SELL", D(1), NOW, D("95.01")) == []


@pytest.mark.parametrize("how", ["expire", "cancel_by_venue"])
def test_the_exchange_can_end_a_partly_filled_order_by_itself(how: str) -> None:
    venue = a_venue()
    place(venue, request("BUY", 1, 90, name="mine"))
    venue.fill_part(1, D("0.5"), NOW)
    end = venue.expire if how == "expire" else venue.cancel_by_venue
    events = end(1, NOW + 1)
    order = venue.find("ann", SOL, order_id=1)
    status, reason = ("EXPIRED", "EXCHANGE_CANCELED") if how == "expire" else ("CANCELED", None)
    assert steps(events) == [(status, 1, status)]
    assert (order.status, order.expiry_reason, order.executed) == (status, reason, D("0.5"))
    assert holds(venue, "USDT")[1] == 0
    for act in (venue.expire, venue.cancel_by_venue):
        with pytest.raises(Refused, match="Unknown order sent"):
            act(1, NOW)
    with pytest.raises(Refused, match="Unknown order sent"):
        venue.fill_part(1, D(1), NOW)
