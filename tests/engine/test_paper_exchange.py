"""Paper trading's exchange: what a backtest does on candles, done on prices as they come."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.effects import After, Effect
from engine.exchange import SimulatedExchange
from engine.messages import (
    Advance,
    CancelOrder,
    CatchUp,
    GoOnDue,
    LookUpOrder,
    OrderFilled,
    OrderReported,
    PriceMoved,
    PriceReached,
    RangeEntered,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.paper_exchange import PAUSE, PaperExchange
from engine.values import ZERO, Kind, Side
from tests.engine.samples import ADDRESSES, BUY, CENT, MARKET, SELL, D, Number, candles, messages, order


class Desk:
    """An exchange whose pauses end at once, and what it told."""

    def __init__(self, slippage: Number = 0) -> None:
        self.exchange = PaperExchange(MARKET, CENT, D(slippage), ADDRESSES)
        self.time = 0

    def tell(self, *to_do: Any) -> list[Any]:
        told: list[Any] = []
        for message in to_do:
            told += self._run(self.exchange.handle(message))
        return told

    def price(self, *prices: Number) -> list[Any]:
        told = []
        for price in prices:
            self.time += 1
            told += self.tell(PriceMoved(self.time, D(price)))
        return told

    def _run(self, effects: list[Effect]) -> list[Any]:
        told = messages(effects)
        for effect in effects:
            if isinstance(effect, After):
                assert (effect.delay, effect.message) == (PAUSE, GoOnDue())
                told += self._run(self.exchange.handle(effect.message))
        return told


def fills(told: list[Any]) -> list[tuple[str, Decimal]]:
    return [(one.client_order_id, one.price) for one in told if isinstance(one, OrderFilled)]


def test_an_order_is_accepted_when_it_comes() -> None:
    assert Desk().tell(order("a", BUY, 100)) == [OrderReported("a", ZERO, is_open=True)]


def test_orders_fill_where_the_price_meets_them_on_its_way() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("low", BUY, 100), order("mid", BUY, 105), order("high", SELL, 120))
    assert desk.price(106) == []
    told = desk.price(99)
    assert fills(told) == [("mid", D(105)), ("low", D(100))]
    assert [one.time for one in told] == [3, 3]
    assert fills(desk.price(120)) == [("high", D(120))]


def test_a_marketable_order_fills_at_the_price_that_there_is_without_waiting_for_another() -> None:
    desk = Desk(slippage="0.01")
    desk.price(110)
    assert fills(desk.tell(order("a", BUY, 115))) == [("a", D(110))]
    market = SubmitOrder("m", SELL, Kind.MARKET, D(100), D(1))
    assert fills(desk.tell(market)) == [("m", D("108.9"))]


def test_what_comes_before_the_first_price_waits_for_it() -> None:
    desk = Desk()
    desk.tell(order("a", BUY, 115), order("b", BUY, 100))
    assert fills(desk.price(110)) == [("a", D(110))]


def test_behind_each_event_it_pauses_for_the_answers() -> None:
    exchange = PaperExchange(MARKET, CENT, ZERO, ADDRESSES)
    exchange.handle(PriceMoved(1, D(110)))
    for name, price in (("a", 105), ("b", 100)):
        exchange.handle(order(name, BUY, price))
    first = exchange.handle(PriceMoved(2, D(90)))
    assert fills(messages(first)) == [("a", D(105))]
    assert fills(messages(exchange.handle(order("answer", SELL, 106)))) == []  # taken, and live from here on
    assert fills(messages(exchange.handle(PriceMoved(3, D(107))))) == []
    assert fills(messages(exchange.handle(GoOnDue()))) == [("b", D(100))]
    assert fills(messages(exchange.handle(GoOnDue()))) == [("answer", D(106))]
    assert exchange.handle(GoOnDue()) == []


def test_a_watched_price_is_told_once_and_after_the_orders_at_it() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 100), WatchPrices(D(100), D(130)))
    told = desk.price(95)
    assert [type(one) for one in told] == [OrderFilled, PriceReached]
    assert desk.price(90) == []


def test_a_threshold_that_is_passed_already_is_told_when_it_is_watched_for() -> None:
    desk = Desk()
    desk.price(110)
    assert desk.tell(WatchPrices(D(115), None)) == [PriceReached(D(110))]


@pytest.mark.parametrize("first", ["range", "price"])
def test_the_first_price_within_the_range_is_told_once(first: str) -> None:
    desk, watch = Desk(), WatchRange(D(100), D(120))
    told = desk.tell(watch) + desk.price(110) if first == "range" else desk.price(110) + desk.tell(watch)
    assert told == [RangeEntered(1, D(110))]
    assert desk.price(111) == []


def test_a_range_is_entered_where_the_price_stands_still_not_where_it_passes() -> None:
    desk = Desk()
    desk.price(90)
    desk.tell(WatchRange(D(100), D(120)))
    assert desk.price(130) == []
    assert desk.price(120) == [RangeEntered(3, D(120))]


def test_a_cancelled_order_ends_and_fills_no_more() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 100))
    assert desk.tell(CancelOrder("a")) == [OrderReported("a", ZERO, is_open=False)]
    assert desk.price(90) == []


def test_nothing_is_missed_so_there_is_nothing_to_look_up() -> None:
    assert Desk().tell(LookUpOrder("a"), CatchUp(None)) == []


@settings(deadline=None, max_examples=80)
@given(
    orders=st.lists(st.tuples(st.sampled_from([BUY, SELL]), st.integers(90, 130)), max_size=12),
    path=st.lists(st.integers(85, 135), min_size=1, max_size=15),
)
def test_the_same_prices_fill_the_same_orders_as_in_a_backtest(orders: list[tuple[Side, int]], path: list[int]) -> None:
    """Walk 110 and then `path`, as ticks and as candles that go straight from the last close to the next."""
    submits = [order(str(number), side, price) for number, (side, price) in enumerate(orders)]
    desk = Desk()
    desk.price(110)
    live = fills(desk.tell(*submits)) + fills(desk.price(*path))

    rows = [(110, 110, 110, 110), *((a, max(a, b), min(a, b), b) for a, b in zip([110, *path], path, strict=False))]
    past = SimulatedExchange(candles(*rows), MARKET, CENT, ZERO, ADDRESSES, every_candle=True)
    past.handle(WatchRange(D(110), D(110)))
    tested = []
    while not any(isinstance(one, RangeEntered) for one in messages(past.handle(Advance()))):
        pass
    for submit in submits:
        past.handle(submit)
    while told := messages(past.handle(Advance())):
        tested += fills(told)
    assert live == tested
