from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candles import Candle, Candles
from engine.candles.recorder import CandleRecorder
from tests.engine.samples import MINUTE, D, Number, candle

START = 1_733_821_200_000  # 2024-12-10T09:00:00Z


def recorded(*prices: tuple[int, Number], width: int = MINUTE) -> Candles:
    """Record prices, each at so many ms after a full minute."""
    recorder = CandleRecorder(width)
    for time, price in prices:
        recorder.price(time, D(price))
    made = recorder.candles()
    assert made is not None
    return made


def exact(of: Candles) -> list[Candle]:
    return [of.exact(index) for index in range(len(of))]


def test_before_the_first_price_there_is_nothing_to_give() -> None:
    assert CandleRecorder(MINUTE).candles() is None


def test_a_candle_opens_with_its_first_price_and_closes_with_its_last() -> None:
    of = recorded((1, 100), (2, 104), (3, 97), (4, 101), (MINUTE, 102))
    assert exact(of) == [candle(0, 100, 104, 97, 101), candle(1, 102, 102, 102, 102)]


def test_candles_are_aligned_to_utc_and_the_unfinished_one_is_there() -> None:
    of = recorded((START + 90_500, 100), width=5 * MINUTE)
    assert of.times.tolist() == [START]


def test_candles_without_a_price_stand_at_the_close_before() -> None:
    of = recorded((0, 100), (30_000, 103), (4 * MINUTE, 90))
    assert exact(of)[1:4] == [candle(index, 103, 103, 103, 103) for index in (1, 2, 3)]
    assert exact(of)[4] == candle(4, 90, 90, 90, 90)
    assert np.diff(of.times).tolist() == [MINUTE] * 4


def test_a_price_that_comes_late_counts_where_it_is_heard() -> None:
    of = recorded((0, 100), (MINUTE, 101), (MINUTE - 1, 95), (MINUTE + 5, 102))
    assert exact(of) == [candle(0, 100, 100, 100, 100), candle(1, 101, 102, 95, 102)]


def test_what_was_given_stays_while_recording_goes_on() -> None:
    recorder = CandleRecorder(MINUTE)
    recorder.price(0, D("100.00000000000000001"))
    before = recorder.candles()
    recorder.price(1, D(90))
    recorder.price(MINUTE, D(80))
    assert before is not None
    assert exact(before) == [candle(0, *["100.00000000000000001"] * 4)]
    assert before.close.tolist() == [100.0]


@pytest.mark.parametrize(
    "price", ["61234.56", "0.00000001", "0.1", "1234567.89012345", "123456789012345.12345678", "1E+3", "0.30"]
)
def test_prices_stay_exact_whatever_their_size(price: str) -> None:
    of = recorded((0, "7"), (MINUTE, price))
    assert of.exact(1).close == D(price)
    assert of.close[1] == float(price)


def test_a_price_too_long_for_a_double_is_forgotten_when_the_candle_moves_on() -> None:
    of = recorded((0, 100), (1, "100.00000000000000001"), (2, 101), (3, 102))
    assert exact(of) == [candle(0, 100, 102, 100, 102)]


def test_the_end_can_be_asked_for_as_in_a_list_and_what_is_beyond_is_an_error() -> None:
    of = recorded((0, 100), (MINUTE, "100.00000000000000001"))
    assert of.exact(-1) == of.exact(1) == candle(1, *["100.00000000000000001"] * 4)
    with pytest.raises(IndexError):
        of.exact(2)


PRICES = st.decimals(min_value=Decimal("0.00000001"), max_value=10**9, places=8)


@given(st.lists(st.tuples(st.integers(0, 40_000), PRICES), min_size=1, max_size=30))
def test_candles_hold_every_price_exactly(steps: Iterable[tuple[int, Decimal]]) -> None:
    recorder, time = CandleRecorder(MINUTE), 0
    heard = dict[int, list[Decimal]]()
    for wait, price in steps:
        time += wait
        recorder.price(time, price)
        heard.setdefault(time // MINUTE, []).append(price)
    of = recorder.candles()
    assert of is not None
    first, close = min(heard), heard[min(heard)][-1]
    for index, row in enumerate(exact(of), first):
        prices = heard.get(index, [close])
        assert row == Candle(index * MINUTE, prices[0], max(prices), min(prices), prices[-1])
        close = prices[-1]
    floats = [[float(price) for price in (row.open, row.high, row.low, row.close)] for row in exact(of)]
    assert np.column_stack((of.open, of.high, of.low, of.close)).tolist() == floats
    assert len(of) == max(heard) - first + 1
