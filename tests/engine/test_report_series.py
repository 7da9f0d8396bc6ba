from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candles import Candle, Candles
from engine.effects import Address
from engine.messages import Owner, TradeBooked
from engine.report_series import (
    DAY,
    HOUR,
    MINUTE,
    candle_width,
    draw_bars,
    draw_fills,
    fall_from_peak,
    keep_extremes,
    list_earnings,
    profit_per_level,
    profit_per_period,
)
from engine.results import Cycle
from engine.values import Kind, Side

START = 1_704_067_200_000  # 2024-01-01

prices = st.floats(1, 1000, allow_nan=False)
walks = st.lists(prices, min_size=1, max_size=400).map(np.array)


def candles_of(closes: Sequence[float], width: int = MINUTE, start: int = START) -> Candles:
    close = np.array(closes, np.float64)
    opened = np.concatenate((close[:1], close[:-1]))
    times = start + width * np.arange(len(close), dtype=np.int64)

    def exact(index: int) -> Candle:
        raise AssertionError(index)

    return Candles(times, opened, np.maximum(opened, close) + 1, np.minimum(opened, close) - 1, close, exact)


def trade(
    time: int, level: int | None = 0, side: Side = Side.BUY, price: str = "10", quantity: str = "1"
) -> TradeBooked:
    owner = Owner("g", str(level), level, Address("g/level"))
    kind = Kind.MARKET if level is None else Kind.LIMIT
    return TradeBooked(
        trade_id="t",
        client_order_id="o",
        owner=owner,
        time=time,
        side=side,
        kind=kind,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(0),
        fee_asset="USDT",
        complete=True,
    )


def cycle(time: int, level: int, profit: str) -> Cycle:
    return Cycle(time, str(level), level, Decimal(1), Decimal(1), Decimal(1), Decimal(profit))


@given(walks, st.integers(4, 100))
def test_thinned_series_keeps_ends_and_extremes(values: np.typing.NDArray[np.float64], most: int) -> None:
    kept = keep_extremes(values, most)

    assert len(kept) <= max(most, 1)
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert (np.diff(kept) > 0).all()
    assert values[kept].min() == values.min()
    assert values[kept].max() == values.max()


def test_short_series_is_not_thinned() -> None:
    assert keep_extremes(np.array([3.0, 1.0, 2.0]), 4).tolist() == [0, 1, 2]


def test_single_spike_in_a_year_of_minutes_survives_thinning() -> None:
    values = np.full(525_600, 100.0)
    values[123_457] = 250.0
    values[400_001] = 3.0

    kept = keep_extremes(values, 3_000)

    assert {123_457, 400_001} <= set(kept.tolist())
    assert len(kept) <= 3_000


@given(walks, st.integers(2, 50), st.integers(0, 3 * DAY // MINUTE))
def test_merged_bars_keep_open_close_and_extremes(
    closes: np.typing.NDArray[np.float64], most: int, offset: int
) -> None:
    candles = candles_of(closes.tolist(), start=START + offset * MINUTE)

    bars = draw_bars(candles, most)

    assert len(bars.times) <= most
    assert bars.open[0] == candles.open[0]
    assert bars.close[-1] == candles.close[-1]
    assert bars.high.max() == candles.high.max()
    assert bars.low.min() == candles.low.min()
    assert (bars.times % bars.width == 0).all() or bars.width == MINUTE
    assert bars.times[0] <= candles.times[0] < bars.times[0] + bars.width


def test_merged_bar_is_the_longer_candle_of_its_hour() -> None:
    candles = candles_of([float(n) for n in range(1, 121)])

    bars = draw_bars(candles, 2)

    assert bars.width == HOUR
    assert bars.times.tolist() == [START, START + HOUR]
    assert bars.open.tolist() == [1.0, 60.0]
    assert bars.high.tolist() == [61.0, 121.0]
    assert bars.low.tolist() == [0.0, 59.0]
    assert bars.close.tolist() == [60.0, 120.0]


def test_few_candles_are_drawn_as_they_are() -> None:
    candles = candles_of([1.0, 2.0, 3.0], width=5 * MINUTE)

    bars = draw_bars(candles, 3)

    assert bars.width == 5 * MINUTE
    assert bars.close is candles.close


def test_gap_between_candles_leaves_no_empty_bar() -> None:
    times = np.array([START, START + MINUTE, START + 10 * DAY, START + 10 * DAY + MINUTE])
    values = np.array([1.0, 2.0, 3.0, 4.0])
    candles = Candles(times, values, values, values, values, candles_of([1.0]).exact)

    bars = draw_bars(candles, 3)

    assert bars.open.tolist() == [1.0, 3.0]
    assert bars.close.tolist() == [2.0, 4.0]


@pytest.mark.parametrize(("count", "width"), [(1, MINUTE), (2, HOUR)])
def test_width_of_a_candle_is_told_from_two_or_more(count: int, width: int) -> None:
    assert candle_width(candles_of([1.0] * count, width=HOUR).times) == width


def test_drawdown_is_the_fall_from_the_highest_point_so_far() -> None:
    assert fall_from_peak(np.array([100.0, 50.0, 200.0, 150.0])).tolist() == [0.0, -50.0, 0.0, -25.0]


def test_few_fills_are_marked_one_by_one() -> None:
    fills = draw_fills([trade(START, None), trade(START + 5, 3, Side.SELL, "12", "0.5")], 2, 2)

    assert fills.width == 0
    assert fills.lowest.tolist() == [-1, 3]
    assert fills.buys.tolist() == [True, False]
    assert fills.markets.tolist() == [True, False]
    assert fills.prices.tolist() == [10.0, 12.0]
    assert fills.counts.tolist() == [1, 1]


def test_no_fill_makes_no_mark() -> None:
    assert len(draw_fills([], 10, 10).times) == 0


@given(
    st.lists(st.tuples(st.integers(0, 400 * DAY), st.integers(0, 300), st.sampled_from(Side)), min_size=9, max_size=300)
)
def test_gathered_fills_lose_none(rows: list[tuple[int, int, Side]]) -> None:
    trades = [trade(START + time, level, side, str(100 + level), "0.5") for time, level, side in sorted(rows)]

    fills = draw_fills(trades, 8, 4)

    bought = sum(side is Side.BUY for _, _, side in rows)
    assert fills.width > 0
    assert fills.counts.sum() == len(rows)
    assert fills.counts[fills.buys].sum() == bought
    assert fills.quantities.sum() == len(rows) / 2
    assert ((fills.lowest + 100 <= fills.prices) & (fills.prices <= fills.highest + 100)).all()


def test_year_of_fills_is_gathered_into_few_marks() -> None:
    sides = (Side.BUY, Side.SELL)
    trades = [trade(START + index * 7 * MINUTE, index // 7 % 16, sides[index % 2]) for index in range(73_000)]

    fills = draw_fills(trades, 4_000, 1_500)

    assert len(fills.times) <= 1_500
    assert fills.counts.sum() == 73_000
    assert (fills.lowest == fills.highest).all()


def test_gathered_market_order_stays_apart() -> None:
    trades = [trade(START, None, price="99"), *(trade(START + n, 0, price="100") for n in range(20))]

    fills = draw_fills(trades, 8, 4)

    market = np.flatnonzero(fills.markets)
    assert fills.prices[market].tolist() == [99.0]
    assert (fills.highest[market] < 0).all()


def test_profit_is_summed_and_counted_per_level() -> None:
    earned = list_earnings([cycle(START, 2, "1.5"), cycle(START, 0, "-1"), cycle(START, 2, "2.5")])

    profits, counts = profit_per_level(earned, 4)

    assert profits.tolist() == [-1.0, 0.0, 4.0, 0.0]
    assert counts.tolist() == [1, 0, 2, 0]


def test_profit_is_summed_per_utc_day_and_days_without_any_count_nothing() -> None:
    earned = list_earnings([cycle(START + DAY - 1, 0, "1"), cycle(START + 2 * DAY, 0, "2")])

    width, times, profits = profit_per_period(earned, START, START + 3 * DAY - MINUTE, most=10)

    assert width == DAY
    assert times.tolist() == [START, START + DAY, START + 2 * DAY]
    assert profits.tolist() == [1.0, 0.0, 2.0]


@given(st.integers(0, 5_000), st.integers(2, 60))
def test_profit_over_many_days_is_summed_over_longer_periods(days: int, most: int) -> None:
    earned = list_earnings([cycle(START + day * DAY, 0, "1") for day in range(0, days + 1, 7)])

    _, times, profits = profit_per_period(earned, START, START + days * DAY, most)

    assert len(times) <= max(most, days // 364 + 2)
    assert profits.sum() == days // 7 + 1
