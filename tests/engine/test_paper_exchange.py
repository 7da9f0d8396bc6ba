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
    OpenOrdersListed,
    OrderFilled,
    OrderReported,
    PriceMoved,
    PriceReached,
    RangeEntered,
    RecalledOrder,
    RecallOrders,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.paper_exchange import PAUSE, PaperExchange
from engine.paper_records import PaperRecords
from engine.values import ZERO, Kind, Side
from tests.engine.samples import ADDRESSES, BUY, CENT, MARKET, SELL, D, Number, candles, filled, messages, order


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


def standing(name: str, done: Number = 0, *, is_open: bool = True) -> OrderReported:
    return OrderReported(name, D(done), is_open=is_open)


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


def test_an_order_told_again_is_not_placed_twice_open_filled_or_cancelled() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 100))
    assert desk.tell(order("a", BUY, 100)) == [standing("a")]
    (fill,) = desk.price(99)
    assert desk.tell(order("a", BUY, 100)) == [fill, standing("a", 1, is_open=False)]
    desk.tell(order("b", BUY, 90), CancelOrder("b"))
    assert desk.tell(order("b", BUY, 90)) == [standing("b", is_open=False)]
    assert desk.price(80) == []


# --- what is asked -----------------------------------------------------------------------------------


def test_an_order_is_looked_up_with_its_fill() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 100, 3), order("b", BUY, 90))
    assert desk.tell(LookUpOrder("a")) == [standing("a")]
    (fill,) = desk.price(95)
    assert desk.tell(LookUpOrder("a")) == [fill, standing("a", 3, is_open=False)]
    assert desk.tell(LookUpOrder("b")) == [standing("b")]
    assert desk.tell(LookUpOrder("c")) == [standing("c", is_open=False)]


def test_a_filled_order_is_cancelled_in_vain_with_what_it_filled() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 115, 3))
    assert desk.tell(CancelOrder("a"), CancelOrder("b")) == [
        standing("a", 3, is_open=False),
        standing("b", is_open=False),
    ]


def test_catching_up_tells_what_was_filled_since_and_then_all_that_is_open() -> None:
    desk = Desk()
    assert desk.tell(CatchUp(None)) == [OpenOrdersListed(())]
    desk.tell(SubmitOrder("m", SELL, Kind.MARKET, D(100), D(1)))
    assert desk.tell(CatchUp(None)) == [OpenOrdersListed((standing("m"),))]
    desk.price(110)
    desk.tell(*(order(str(price), BUY, price) for price in range(90, 100)))
    told = desk.price(89)
    assert [one.trade_id for one in told] == [str(number) for number in range(2, 12)]
    desk.tell(order("last", BUY, 80))
    assert desk.tell(CatchUp("9")) == [*told[-2:], OpenOrdersListed((standing("last"),))]
    assert desk.tell(CatchUp("1"))[:-1] == told
    assert desk.tell(CatchUp("11"), CatchUp(None)) == [OpenOrdersListed((standing("last"),))] * 2


def test_what_is_remembered_is_bounded() -> None:
    records = PaperRecords(most=2)
    fills = [filled(name, str(number), 100, 1) for number, name in enumerate("abc", 1)]
    for fill in fills:
        records.opened(fill.client_order_id)
        records.filled(fill)
    assert [name in records for name in "abc"] == [False, True, True]
    assert (records.fills_after("0"), records.fills_of("a")) == (fills[1:], [])


# --- what is recalled --------------------------------------------------------------------------------


def recalled(name: str, side: Side, price: Number, quantity: Number = 1, done: Number = 0) -> RecalledOrder:
    return RecalledOrder(order(name, side, price, quantity), "", D(done))


def test_a_fresh_exchange_rests_what_is_recalled_and_goes_on_counting_trades() -> None:
    desk = Desk()
    assert desk.tell(RecallOrders((recalled("a", BUY, 100), recalled("b", SELL, 120)), "41")) == []
    assert desk.tell(CatchUp("41")) == [OpenOrdersListed((standing("a"), standing("b")))]
    assert desk.price(110) == []
    told = desk.price(100, 120)
    assert fills(told) == [("a", D(100)), ("b", D(120))]
    assert [one.trade_id for one in told] == ["42", "43"]


def test_without_trades_before_the_first_one_is_number_one() -> None:
    desk = Desk()
    desk.tell(RecallOrders((recalled("a", BUY, 100),), None))
    assert [one.trade_id for one in desk.price(110, 100)] == ["1"]


def test_a_recalled_order_that_the_first_price_has_passed_fills_at_that_price() -> None:
    desk = Desk()
    desk.tell(RecallOrders((recalled("a", BUY, 100),), "5"))
    (fill,) = desk.price(95)
    assert (fill.price, fill.fee) == (D(95), D("0.95"))


def test_orders_that_the_exchange_has_stay_as_they_are_and_others_than_the_recalled_go() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 100), order("b", BUY, 99))
    recall = RecallOrders((recalled("a", BUY, 100), recalled("c", BUY, 98)), None)
    assert desk.tell(recall, recall) == []
    assert desk.tell(CatchUp(None)) == [OpenOrdersListed((standing("a"), standing("c")))]
    assert fills(desk.price(90)) == [("a", D(100)), ("c", D(98))]
    assert desk.tell(LookUpOrder("b")) == [standing("b", is_open=False)]


def test_an_order_that_ended_unheard_is_not_opened_again_by_recalling_it() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 100), order("b", BUY, 90), CancelOrder("b"))
    (fill,) = desk.price(95)
    assert desk.tell(RecallOrders((recalled("a", BUY, 100), recalled("b", BUY, 90)), None), CatchUp("0")) == [
        fill,
        OpenOrdersListed(()),
    ]
    assert desk.tell(LookUpOrder("a")) == [fill, standing("a", 1, is_open=False)]
    assert desk.price(80) == []


def test_trades_are_not_counted_back_by_what_is_recalled() -> None:
    desk = Desk()
    desk.price(110)
    desk.tell(order("a", BUY, 110), order("b", BUY, 110), RecallOrders((), "1"), order("c", BUY, 110))
    assert [one.trade_id for one in desk.tell(CatchUp("0"))[:-1]] == ["1", "2", "3"]


def test_of_a_recalled_order_only_the_rest_fills() -> None:
    desk = Desk()
    desk.tell(RecallOrders((recalled("a", BUY, 100, 5, done=2), recalled("b", BUY, 90, 1, done=1)), "5"))
    assert desk.tell(CatchUp("5")) == [OpenOrdersListed((standing("a", 2),))]
    assert desk.tell(LookUpOrder("b")) == [standing("b", 1, is_open=False)]
    (fill,) = desk.price(110, 100)
    assert fill.quantity == 3
    assert desk.tell(CancelOrder("a")) == [standing("a", 5, is_open=False)]


def test_a_recalled_market_order_that_the_exchange_lacks_never_arrived() -> None:
    market = SubmitOrder("m", BUY, Kind.MARKET, D(100), D(1))
    recall = RecallOrders((RecalledOrder(market, "", ZERO),), None)
    desk = Desk()
    desk.tell(recall)
    assert desk.price(100) == []
    assert desk.tell(LookUpOrder("m")) == [standing("m", is_open=False)]
    waiting = Desk()
    waiting.tell(market, recall)
    assert fills(waiting.price(100)) == [("m", D(100))]


some_orders = st.lists(st.tuples(st.sampled_from([BUY, SELL]), st.integers(90, 130)), max_size=12)
some_prices = st.lists(st.integers(85, 135), min_size=1, max_size=15)


@settings(deadline=None, max_examples=80)
@given(orders=some_orders, before=some_prices, after=some_prices)
def test_an_exchange_that_is_replaced_fills_what_it_would_have_filled_itself(
    orders: list[tuple[Side, int]], before: list[int], after: list[int]
) -> None:
    desk, other = Desk(), Desk()
    submits = {str(number): order(str(number), side, price) for number, (side, price) in enumerate(orders)}
    told = desk.price(110) + desk.tell(*submits.values()) + desk.price(*before)
    trades = [one.trade_id for one in told if isinstance(one, OrderFilled)]
    (listed,) = desk.tell(CatchUp(None))
    open_orders = tuple(RecalledOrder(submits[one.client_order_id], "", one.filled) for one in listed.orders)
    other.tell(RecallOrders(open_orders, trades[-1] if trades else None))
    assert other.price(before[-1]) == []
    other.time = desk.time
    assert other.price(*after) == desk.price(*after)


# --- like a backtest ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=80)
@given(orders=some_orders, path=some_prices)
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
