from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candles import Candles
from engine.candles.path import waypoints
from engine.effects import Effect, Reply
from engine.exchange import PATH_ENDED, SimulatedExchange
from engine.messages import (
    Advance,
    CancelOrder,
    OrderFilled,
    OrderReported,
    PriceReached,
    RangeEntered,
    SimulatedExchangeInbox,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.values import ZERO, Fees, Kind, Side
from tests.engine.samples import (
    ADDRESSES,
    BUY,
    CENT,
    CENT_RECEIVED,
    FREE,
    MARKET,
    MINUTE,
    SELL,
    D,
    Number,
    candles,
    messages,
    order,
    told,
)


class Bench:
    """Drive an exchange by hand and note its events as short tuples."""

    def __init__(self, series: Candles, fees: Fees = FREE, slippage: Number = 0, *, every_candle: bool = False) -> None:
        self.exchange = SimulatedExchange(series, MARKET, fees, D(slippage), ADDRESSES, every_candle=every_candle)
        self.index = PATH_ENDED  # the last one replied

    def tell(self, *to_do: SimulatedExchangeInbox) -> list[Effect]:
        return [effect for message in to_do for effect in self.exchange.handle(message)]

    def step(self) -> list[tuple[Any, ...]]:
        *effects, reply = self.exchange.handle(Advance())
        assert isinstance(reply, Reply)
        self.index = reply.value
        assert bool(effects) is (self.index != PATH_ENDED)
        return list(map(short, messages(effects)))

    def run(self) -> list[tuple[Any, ...]]:
        """Advance until the path ends."""
        events = self.step()
        while self.index != PATH_ENDED:
            events += self.step()
        return events


def short(message: object) -> tuple[Any, ...]:
    match message:
        case OrderFilled():
            return message.client_order_id, message.price, message.time // MINUTE
        case PriceReached():
            return "reached", message.price
        case RangeEntered():
            return "closed", message.price, message.time // MINUTE
        case _:
            raise AssertionError(message)


def market(name: str, side: Side, quantity: Number = 1) -> SubmitOrder:
    return SubmitOrder(name, side, Kind.MARKET, D(100), D(quantity))


def watch(below: Number | None = None, above: Number | None = None) -> WatchPrices:
    return WatchPrices(None if below is None else D(below), None if above is None else D(above))


def at(price: Number, *rows: Any, **options: Any) -> Bench:
    """Give an exchange that has just closed its first candle at `price`, with `rows` still to come."""
    bench = Bench(candles(price, *rows), **options)
    bench.tell(WatchRange(D(price), D(price)))
    assert bench.step() == [("closed", D(price), 0)]
    return bench


# --- the path ------------------------------------------------------------------------------------------


def test_orders_fill_at_their_own_price_in_the_order_in_which_the_path_meets_them() -> None:
    bench = at(110, (110, 125, 95, 121))  # equally far: the low first
    bench.tell(order("far", BUY, 96), order("up", SELL, 120), order("near", BUY, 105), order("never", BUY, 94))
    assert bench.run() == [("near", 105, 1), ("far", 96, 1), ("up", 120, 1)]


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ((110, 125, 94, 110), ["sell", "buy"]),  # 15 up, 16 down
        ((110, 125, 95, 110), ["buy", "sell"]),  # a tie
        ((110, 126, 95, 110), ["buy", "sell"]),
    ],
)
def test_the_nearer_extreme_is_met_first(row: tuple[int, ...], names: list[str]) -> None:
    bench = at(110, row)
    bench.tell(order("sell", SELL, 120), order("buy", BUY, 100))
    assert [event[0] for event in bench.run()] == names


def test_a_touch_is_a_fill_and_a_miss_by_a_satoshi_is_none() -> None:
    bench = at(110, (110, 110, 100, 110))
    bench.tell(order("touched", BUY, 100), order("missed", BUY, "99.99999999"))
    assert bench.run() == [("touched", 100, 1)]


def test_a_gap_between_candles_fills_every_order_on_the_way() -> None:
    bench = at(120, 95)
    bench.tell(order("a", BUY, 100), order("b", BUY, 110))
    assert bench.run() == [("b", 110, 1), ("a", 100, 1)]


@pytest.mark.parametrize(
    ("row", "events"),
    [
        ((95, 110, 105, 107), [("low", 96, 1)]),  # opens below its low
        ((107, 110, 105, 121), [("high", 120, 1)]),  # closes above its high
    ],
)
def test_an_open_or_close_outside_its_candle_is_visited(row: tuple[int, ...], events: list[Any]) -> None:
    bench = at(110, row)
    bench.tell(order("low", BUY, 96), order("high", SELL, 120))
    assert bench.run() == events


def test_the_candle_at_whose_close_an_order_is_placed_fills_nothing() -> None:
    bench = Bench(candles((110, 130, 90, 110), 111))
    bench.tell(WatchRange(D(110), D(110)))
    bench.step()
    bench.tell(order("buy", BUY, 100), order("sell", SELL, 120))
    assert bench.run() == []


def test_an_answer_placed_on_the_way_is_live_for_the_rest_of_the_candle() -> None:
    bench = at(110, (110, 112, 95, 111))
    bench.tell(order("buy", BUY, 100))
    assert bench.step() == [("buy", 100, 1)]
    bench.tell(order("answer", SELL, 110))
    assert bench.run() == [("answer", 110, 1)]


def test_of_several_orders_at_one_price_the_older_fills_first() -> None:
    bench = at(110, 100)
    bench.tell(order("c", BUY, 100), order("a", BUY, 100), order("b", BUY, 100))
    assert [name for name, *_ in bench.run()] == ["c", "a", "b"]


def test_the_time_of_a_fill_is_its_candles_opening() -> None:
    bench = at(110, 110, 110, 100)
    bench.tell(order("a", BUY, 100))
    assert bench.run() == [("a", 100, 3)]


# --- arrivals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "price"), [(BUY, 115), (BUY, 110), (SELL, 105), (SELL, 110)])
def test_a_marketable_order_fills_on_arrival_at_the_current_price(side: Side, price: int) -> None:
    bench = at(110, 200)
    bench.tell(order("taker", side, price))
    assert bench.run() == [("taker", 110, 0)]


def test_an_order_a_satoshi_away_from_the_price_rests() -> None:
    bench = at(110, 110)
    bench.tell(order("buy", BUY, "109.99999999"), order("sell", SELL, "110.00000001"))
    assert bench.run() == []


def test_takers_fill_in_the_order_of_their_arrival_after_older_orders_at_the_price() -> None:
    bench = at(110, (110, 110, 90, 90))
    bench.tell(order("first", BUY, 100), order("second", BUY, 100))
    assert bench.step() == [("first", 100, 1)]
    bench.tell(order("taker", BUY, 120), market("market", BUY), order("late", BUY, 100), order("under", BUY, 99))
    assert bench.run() == [
        ("second", 100, 1), ("taker", 100, 1), ("market", 100, 1), ("late", 100, 1), ("under", 99, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("side", "paid"), [(BUY, "123.5802356801012"), (SELL, "123.3333221222988")])
def test_a_market_order_pays_the_slippage_unrounded(side: Side, paid: str) -> None:
    bench = at("123.4567789012", slippage="0.001")
    bench.tell(market("m", side))
    assert bench.run() == [("m", D(paid), 0)]


def test_a_limit_order_pays_no_slippage() -> None:
    bench = at(110, 100, slippage="0.1")
    bench.tell(order("taker", BUY, 115), order("rests", BUY, 100))
    assert bench.run() == [("taker", 110, 0), ("rests", 100, 1)]


@pytest.mark.parametrize(
    ("fees", "side", "fee", "asset"),
    [
        (CENT, BUY, "2.2", "USDT"),
        (CENT, SELL, "2.2", "USDT"),
        (CENT_RECEIVED, BUY, "0.02", "SOL"),
        (CENT_RECEIVED, SELL, "2.2", "USDT"),
    ],
)
@pytest.mark.parametrize("name", ["taker", "maker"])
def test_makers_and_takers_pay_the_fee_on_what_they_trade(
    fees: Fees, side: Side, fee: str, asset: str, name: str
) -> None:
    start = 110 if name == "taker" else 105 if side is SELL else 115
    bench = at(start, 110, fees=fees)
    bench.tell(order("x", side, 110, 2))
    (fill,) = told(bench.exchange.handle(Advance()), ADDRESSES.order_manager)
    assert (fill.price, fill.quantity, fill.fee, fill.fee_asset) == (110, 2, D(fee), asset)


def test_every_trade_has_an_id_of_its_own() -> None:
    bench = at(110, 100)
    bench.tell(order("a", BUY, 110), order("b", BUY, 105), order("c", BUY, 100))
    fills = [told(bench.exchange.handle(Advance()), ADDRESSES.order_manager)[0].trade_id for _ in range(3)]
    assert len(set(fills)) == 3


# --- cancellations -------------------------------------------------------------------------------------


def test_a_resting_order_that_is_cancelled_does_not_fill() -> None:
    bench = at(110, 100)
    bench.tell(order("a", BUY, 105), order("b", BUY, 105))
    assert messages(bench.tell(CancelOrder("a"))) == [OrderReported("a", ZERO, is_open=False)]
    assert bench.run() == [("b", 105, 1)]


def test_a_due_order_that_is_cancelled_does_not_fill() -> None:
    bench = at(110, 100)
    bench.tell(order("a", BUY, 115), market("m", BUY), order("b", BUY, 112))
    assert messages(bench.tell(CancelOrder("a"), CancelOrder("m"))) == [
        OrderReported("a", ZERO, is_open=False),
        OrderReported("m", ZERO, is_open=False),
    ]
    assert bench.run() == [("b", 110, 0)]


# --- watched prices and closes -------------------------------------------------------------------------


def test_an_order_at_a_watched_price_fills_first() -> None:
    bench = at(110, (110, 110, 90, 90))
    bench.tell(watch(below=100), order("at", BUY, 100), order("too", BUY, 100), order("under", BUY, 99))
    assert bench.run() == [("at", 100, 1), ("too", 100, 1), ("reached", 100), ("under", 99, 1)]


def test_an_arrival_that_is_met_at_a_watched_price_fills_before_it_is_told() -> None:
    bench = at(110, 90)
    bench.tell(watch(below=100), order("at", BUY, 100))
    assert bench.step() == [("at", 100, 1)]
    bench.tell(order("answer", BUY, 101))
    assert bench.run() == [("answer", 100, 1), ("reached", 100)]


@pytest.mark.parametrize(("below", "above", "price"), [(100, 121, 100), (None, 120, 120), (99, None, 99)])
def test_a_watched_price_is_told_where_the_path_meets_it_and_only_once(
    below: int | None, above: int | None, price: int
) -> None:
    bench = at(110, (110, 120, 95, 110), 200, 50)
    bench.tell(watch(below, above))
    assert bench.run() == [("reached", price)]


@pytest.mark.parametrize(("below", "above"), [(110, None), (120, None), (None, 110), (None, 50)])
def test_a_price_already_beyond_a_watched_one_is_told_at_once(below: int | None, above: int | None) -> None:
    bench = at(110, 500)
    bench.tell(watch(below, above))
    assert bench.step() == [("reached", 110)]
    assert bench.index == 0


def test_a_watch_replaces_the_one_before() -> None:
    bench = at(110, 90, 130)
    bench.tell(watch(below=100), watch(above=120))
    assert bench.run() == [("reached", 120)]
    bench = at(110, 90, 130)
    bench.tell(watch(below=100), watch())
    assert bench.run() == []


def test_the_first_close_within_the_range_is_told_and_no_other() -> None:
    bench = Bench(candles((110, 130, 90, 99), 141, 140, 120))
    bench.tell(WatchRange(D(100), D(140)))
    assert bench.run() == [("closed", 140, 2)]


def test_a_close_that_equals_an_edge_only_as_a_double_is_not_told() -> None:
    bench = Bench(candles("99.99999999999999999999", 100))
    bench.tell(WatchRange(D(100), D(140)))
    assert bench.run() == [("closed", 100, 1)]


# --- the end, and the quiet ----------------------------------------------------------------------------


@pytest.mark.parametrize("every_candle", [True, False])
def test_past_the_end_there_is_only_the_end(every_candle: bool) -> None:  # noqa: FBT001 - a mode
    bench = at(110, 110, every_candle=every_candle)
    for _ in range(3):
        assert bench.step() == []
        assert bench.index == PATH_ENDED
    bench.tell(order("rests", BUY, 100), order("taker", SELL, 100))
    assert bench.step() == [("taker", 110, 0 if not every_candle else 1)]
    assert bench.index == 1
    assert bench.step() == []


def test_the_reply_is_the_candle_in_which_something_happened() -> None:
    bench = at(110, 110, 110, 100, 110, 90)
    bench.tell(order("a", BUY, 105), order("b", BUY, 95))
    bench.step()
    assert bench.index == 3
    bench.step()
    assert bench.index == 5


def naive(series: Candles, orders: Iterable[SubmitOrder], watched: WatchPrices) -> list[tuple[Any, ...]]:
    """Walk every candle of a static market: no arrivals, nothing at the first close."""
    resting, below, above = list(orders), watched.below, watched.above
    price, events = series.exact(0).close, list[tuple[Any, ...]]()
    for index in range(1, len(series)):
        for target in waypoints(series.exact(index)):
            low, high = min(price, target), max(price, target)
            rising = target > price
            met = [one for one in resting if low <= one.price <= high and (one.side is SELL) is rising]
            marks: list[tuple[Decimal, int, SubmitOrder | None]] = [
                (abs(one.price - price), arrival, one) for arrival, one in enumerate(met)
            ]
            mark = above if rising else below
            if mark is not None and target != price and low <= mark <= high:
                marks.append((abs(mark - price), len(met), None))  # behind the orders at its price
            for _, _, one in sorted(marks, key=lambda entry: entry[:2]):
                if one is None:
                    events.append(("reached", mark))
                    below = above = None
                else:
                    events.append((one.client_order_id, one.price, index))
                    resting.remove(one)
            price = target
    return events


prices = st.one_of(st.integers(90, 110).map(Decimal), st.sampled_from(["99.7", "100.1", "100.30000000000001"]).map(D))


@settings(deadline=None, max_examples=200)
@given(
    rows=st.lists(st.tuples(prices, prices, prices, prices), min_size=1, max_size=8),
    levels=st.lists(st.integers(88, 112), max_size=8),
    below=st.none() | st.integers(85, 99),
    above=st.none() | st.integers(101, 115),
)
def test_a_static_market_is_walked_as_a_naive_reader_would_and_quiet_candles_change_nothing(
    rows: list[tuple[Decimal, ...]], levels: list[int], below: int | None, above: int | None
) -> None:
    rows = [(first, max(one, two), min(one, two), last) for first, one, two, last in rows]
    orders = [order(str(n), BUY if level < 100 else SELL, level) for n, level in enumerate(levels) if level != 100]
    series = candles(100, *rows)
    expected = naive(series, orders, watch(below, above))
    for every_candle in (False, True):
        bench = at(100, *rows, every_candle=every_candle)
        bench.tell(*orders, watch(below, above))
        assert bench.run() == expected


def test_what_came_before_the_first_price_is_met_by_that_price() -> None:
    bench = Bench(candles(100, 90))
    assert bench.tell(order("a", BUY, 200), watch(below=300)) == []
    assert bench.run() == [("a", 100, 0), ("reached", 100)]


def test_what_came_before_the_first_price_and_is_not_met_by_it_rests() -> None:
    bench = Bench(candles((100, 105, 95, 101), 100))
    bench.tell(order("sell", SELL, 104), order("buy", BUY, 96), order("never", BUY, 94))
    assert messages(bench.tell(CancelOrder("never"))) == [OrderReported("never", ZERO, is_open=False)]
    assert bench.run() == [("buy", 96, 0), ("sell", 104, 0)]
