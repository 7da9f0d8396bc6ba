"""Made-up candles: the same for the same seed, believable, exact."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candles import Candles
from engine.candles.checks import inspect
from engine.candles.synthetic import synthetic_candles
from engine.errors import BadInput
from engine.values import SATOSHI

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BOTTOM, TOP, CENT = Decimal(140), Decimal(190), Decimal("0.01")


def market(seed: int = 1, days: int = 10, timeframe: int = MINUTE, tick: Decimal = CENT, start: int = 0) -> Candles:
    return synthetic_candles(seed, start, start + days * DAY, timeframe, BOTTOM, TOP, tick)


def table(candles: Candles) -> list[list[float]]:
    return [candles.times.tolist()] + [
        prices.tolist() for prices in (candles.open, candles.high, candles.low, candles.close)
    ]


def prices_of(candles: Candles, index: int) -> tuple[Decimal, ...]:
    candle = candles.exact(index)
    return candle.open, candle.high, candle.low, candle.close


def test_same_seed_makes_the_same_candles_and_another_seed_others() -> None:
    assert table(market(seed=1)) == table(market(seed=1))
    assert market(seed=1).close.tolist() != market(seed=2).close.tolist()


def test_seed_one_makes_these_candles_for_good() -> None:
    candles = market(seed=1)
    assert [str(price) for price in prices_of(candles, 0)] == ["163.10", "163.59", "162.98", "163.53"]
    assert [str(price) for price in prices_of(candles, 1)] == ["163.41", "163.95", "163.33", "163.76"]


def test_longer_period_begins_with_the_candles_of_a_shorter_one() -> None:
    short, long = market(days=2), market(days=9)
    assert table(short) == [column[: len(short)] for column in table(long)]


def test_period_is_inclusive_at_both_ends() -> None:
    candles = synthetic_candles(1, 7 * HOUR, 9 * HOUR, HOUR, BOTTOM, TOP, CENT)
    assert candles.times.tolist() == [7 * HOUR, 8 * HOUR, 9 * HOUR]
    assert synthetic_candles(1, HOUR, 3 * HOUR - 1, HOUR, BOTTOM, TOP, CENT).times.tolist() == [HOUR, 2 * HOUR]
    assert len(synthetic_candles(1, HOUR, HOUR, HOUR, BOTTOM, TOP, CENT)) == 1


def test_end_before_start_is_refused() -> None:
    with pytest.raises(BadInput, match="no candle fits"):
        synthetic_candles(1, HOUR, 0, HOUR, BOTTOM, TOP, CENT)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("timeframe", [MINUTE, HOUR])
def test_a_year_swings_through_most_of_the_range_and_now_and_then_leaves_it(seed: int, timeframe: int) -> None:
    close = market(seed, 365, timeframe).close
    outside = np.mean((close < float(BOTTOM)) | (close > float(TOP)))
    assert 0.01 < outside < 0.15
    low, high = float(BOTTOM) + 10, float(TOP) - 10
    visits = np.where(close < low, -1, np.where(close > high, 1, 0))
    ends = visits[visits != 0]
    assert np.count_nonzero(np.diff(ends)) > 20  # from one end of the range to the other


@pytest.mark.parametrize("timeframe", [MINUTE, 5 * MINUTE, HOUR])
def test_volatility_grows_with_the_root_of_the_timeframe(timeframe: int) -> None:
    def per_root_minute(candles: Candles, span: int) -> float:
        return float(np.diff(np.log(candles.close)).std() / np.sqrt(span / MINUTE))

    assert per_root_minute(market(1, 365, timeframe), timeframe) == pytest.approx(
        per_root_minute(market(2, 365), MINUTE), rel=0.05
    )


def test_candles_are_believable() -> None:
    candles = market()
    assert inspect(candles, MINUTE) == []
    follows = candles.open[1:] == candles.close[:-1]
    assert 0.8 < follows.mean() < 1
    assert np.mean(candles.high > np.maximum(candles.open, candles.close)) > 0.8
    assert np.mean(candles.low < np.minimum(candles.open, candles.close)) > 0.8
    assert float(BOTTOM) < candles.open[0] < float(TOP)


@pytest.mark.parametrize(
    ("bottom", "top", "tick", "unit"),
    [
        ("140", "190", "0.01", "0.01"),
        ("140", "190", "0.25", "0.25"),
        ("140", "190", "1e-8", "0.01"),
        ("20000", "90000", "1e-8", "1"),
        ("1", "3", "1e-8", "0.0001"),
        ("0.00001", "0.00003", "1e-8", "1e-9"),
        ("0.00001", "0.00003", "0.00001", "0.00001"),
        ("1", "3", "5", "5"),
        ("1e14", "3e14", "0.0001", "1000"),
        ("1", "3", "0.12345678901234567", "0.12345678901234567"),
    ],
)
def test_prices_are_positive_multiples_of_a_sensible_tick(bottom: str, top: str, tick: str, unit: str) -> None:
    candles = synthetic_candles(5, 0, 999 * MINUTE, MINUTE, Decimal(bottom), Decimal(top), Decimal(tick))
    for index in range(len(candles)):
        for price in prices_of(candles, index):
            assert price > 0
            assert price % Decimal(unit) == 0


@settings(max_examples=50)
@given(
    st.integers(0, 2**32 - 1),
    st.decimals("0.000001", "1000000", places=6),
    st.decimals("1.001", "20", places=3),
    st.sampled_from([SATOSHI, Decimal("1e-7"), CENT, Decimal("0.3"), Decimal("0.12345678901234567")]),
)
def test_floats_are_the_nearest_to_the_exactprices_of(
    seed: int, bottom: Decimal, ratio: Decimal, tick: Decimal
) -> None:
    candles = synthetic_candles(seed, 0, 49 * MINUTE, MINUTE, bottom, bottom * ratio, tick)
    for index in range(len(candles)):
        opened, high, low, close = prices_of(candles, index)
        assert candles.exact(index).time == candles.times[index]
        assert low <= min(opened, close) <= max(opened, close) <= high
        floats = [candles.open[index], candles.high[index], candles.low[index], candles.close[index]]
        assert floats == [float(price) for price in (opened, high, low, close)]
