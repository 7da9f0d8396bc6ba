"""Rows of a candle file: exact, in one form, in the order of time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candles.rows import HEADER, make_row, merged, stamp, time_of, within
from engine.candles.spans import Span
from engine.candles.text import parse_candles

MIDNIGHT = 1_722_470_400_000


@pytest.mark.parametrize(
    ("prices", "volume", "row"),
    [
        (["150.12000000", "151.00000000", "149.50", "150"], "12.30000000", "150.12,151,149.5,150,12.3"),
        ([0.1, 0.30000000000000004, 1e-7, 100.0], 1e21, "0.1,0.30000000000000004,0.0000001,100,1" + "0" * 21),
        (["1e-8", "1E+3", ".5", "5."], 0, "0.00000001,1000,.5,5,0"),
        (["100", "100", "100", "100"], None, "100,100,100,100,"),
        (["0.00000000", "0", "0.0", "10"], "0.0", "0,0,0,10,0"),
    ],
)
def test_numbers_are_written_exactly_and_plainly(
    prices: list[str | float], volume: str | float | None, row: str
) -> None:
    assert make_row(MIDNIGHT, prices, volume) == f"2024-08-01 00:00:00,{row}"


@given(st.lists(st.floats(1e-12, 1e12), min_size=4, max_size=4), st.integers(0, 2**32))
def test_float_is_read_back_as_itself(prices: list[float], second: int) -> None:
    opened, low, high, close = sorted(prices)
    row = make_row(second * 1_000, (opened, high, low, close), None)
    candle = parse_candles("rows", f"{HEADER}\n{row}", None, None).exact(0)
    assert candle.time == second * 1_000 == time_of(row)
    assert [candle.open, candle.high] == [Decimal(repr(opened)), Decimal(repr(high))]


@pytest.mark.parametrize("wrong", ["", "ten", "1,5", "nan", "inf", "1e401", "1e-401", "1\n2", None])
def test_what_is_no_number_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        make_row(MIDNIGHT, (wrong, "1", "1", "1"), "1")


@pytest.mark.parametrize("time", [MIDNIGHT + 1, 10**15, -(10**15)])
def test_time_that_no_candle_opens_at_is_refused(time: int) -> None:
    with pytest.raises(ValueError, match=r"whole second|no time"):
        make_row(time, ("1", "1", "1", "1"), "1")


def rows_of(*seconds: int, close: str = "1") -> list[str]:
    return [make_row(second * 1_000, ("1", "1", "1", close), None) for second in seconds]


def test_merged_rows_are_in_order_and_the_new_one_stays() -> None:
    assert merged(rows_of(1, 5, 9), rows_of(7, 5, 3, close="2")) == [
        *rows_of(1),
        *rows_of(3, 5, 7, close="2"),
        *rows_of(9),
    ]


@given(st.sets(st.integers(0, 50)), st.integers(0, 55_000), st.integers(1, 30_000))
def test_rows_within_a_span_open_in_it(seconds: set[int], start: int, length: int) -> None:
    rows = rows_of(*sorted(seconds))
    inside = [second for second in sorted(seconds) if start <= second * 1_000 < start + length]
    assert list(within(rows, Span(start, start + length))) == rows_of(*inside)


def test_time_between_seconds_is_rounded_up() -> None:
    assert stamp(MIDNIGHT - 999) == stamp(MIDNIGHT) == "2024-08-01 00:00:00"
