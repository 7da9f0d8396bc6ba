from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candles import Candle
from engine.candles.lists import candles_from
from engine.candles.path import QuietScan, waypoints
from tests.engine.samples import D, Number, candle, candles


@pytest.mark.parametrize(
    ("row", "way"),
    [
        ((100, 110, 95, 105), (100, 95, 110, 105)),
        ((100, 105, 90, 95), (100, 105, 90, 95)),
        ((100, 110, 90, 105), (100, 90, 110, 105)),  # a tie goes to the low
        ((100, 100, 100, 100), (100, 100, 100, 100)),
        ((90, 110, 90, 110), (90, 90, 110, 110)),
        ((110, 110, 90, 90), (110, 110, 90, 90)),
        (("0.2", "0.3", "0.1", "0.2"), ("0.2", "0.1", "0.3", "0.2")),  # as doubles the high would be nearer
        ((85, 110, 90, 100), (85, 90, 110, 100)),  # opens below its low
        ((115, 110, 90, 100), (115, 110, 90, 100)),  # and above its high
    ],
)
def test_the_price_goes_to_the_nearer_extreme_first(row: tuple[Number, ...], way: tuple[Number, ...]) -> None:
    assert waypoints(candle(0, *row)) == tuple(map(D, way))


def test_the_tie_of_the_table_is_one_that_doubles_get_wrong() -> None:
    assert not 0.2 - 0.1 <= 0.3 - 0.2


# Prices that a double cannot hold, next to those that many computations end in.
awkward = st.one_of(
    st.sampled_from(["0.3", "0.30000000000000004", "0.29999999999999998", "0.1", "0.2", "0.7", "0.7000000000000001"]),
    st.decimals("0.1", "0.9", places=17).map(str),
    st.floats(0.1, 0.9).map(repr),
).map(Decimal)


@settings(deadline=None, max_examples=120)
@given(
    rows=st.lists(st.tuples(awkward, awkward, awkward, awkward), min_size=1, max_size=6),
    below=awkward,
    above=awkward,
    own=st.booleans(),
)
def test_a_touch_is_never_missed(
    rows: list[tuple[Decimal, Decimal, Decimal, Decimal]],
    below: Decimal,
    above: Decimal,
    own: bool,  # noqa: FBT001 - drawn
) -> None:
    # A high is never below its low; open and close may be anywhere.
    rows = [(first, max(one, two), min(one, two), last) for first, one, two, last in rows]
    series = [Candle(index, *row) for index, row in enumerate(rows)]
    if own:  # exactly at prices of the last candle
        below, above = min(rows[-1]), max(rows[-1])
    touching = [index for index, row in enumerate(rows) if any(price <= below or price >= above for price in row)]
    found = QuietScan(candles_from(series)).next_reaching(0, float(below), float(above))
    assert found <= min(touching, default=len(rows))
    if found < len(rows) and found not in touching:  # visited in vain: as doubles it does touch
        assert any(float(price) <= float(below) or float(price) >= float(above) for price in rows[found])


def test_an_open_or_close_outside_its_candle_is_a_touch() -> None:
    scan = QuietScan(candles(100, (90, 105, 95, 100), 100, (100, 105, 95, 110), 100))
    assert scan.next_reaching(0, 90, math.inf) == 1
    assert scan.next_reaching(0, -math.inf, 110) == 3
    assert scan.next_reaching(0, 89.9, 110.1) == 5


def test_nothing_to_reach_is_never_reached() -> None:
    assert QuietScan(candles(100, 1, 10**9)).next_reaching(0, -math.inf, math.inf) == 3


def test_no_candle_is_passed_over_however_far_away() -> None:
    """A price that falls by one a candle reaches each threshold in a candle of its own, on all edges of a search."""
    scan = QuietScan(candles(*range(3000, 1000, -1)))
    for start in (0, 1, 700):
        found = [scan.next_reaching(start, 3000.0 - place, math.inf) for place in range(start, 2000)]
        assert found == list(range(start, 2000))


@settings(deadline=None, max_examples=60)
@given(
    length=st.integers(1, 3000),
    seed=st.integers(0, 10**6),
    touches=st.lists(st.integers(0, 2999), max_size=3),
    start=st.integers(0, 3000),
)
def test_near_and_far_touches_are_found_alike(length: int, seed: int, touches: list[int], start: int) -> None:
    close = 100 + np.random.RandomState(seed).randint(-3, 4, length)
    for place in touches:
        if place < length:
            close[place] = 90 if place % 2 else 110
    scan = QuietScan(candles(*map(int, close)))
    expected = [index for index in range(start, length) if close[index] <= 90 or close[index] >= 110]
    assert scan.next_reaching(min(start, length), 90.0, 110.0) == min(expected, default=length)
    inside = [index for index in range(start, length) if 105 <= close[index] <= 110]
    assert scan.next_closing(min(start, length), 105.0, 110.0) == min(inside, default=length)


@pytest.mark.parametrize(("start", "found"), [(0, 1), (1, 1), (2, 4), (4, 4), (5, 6), (6, 6)])
def test_a_close_in_range_counts_to_its_very_edges(start: int, found: int) -> None:
    scan = QuietScan(candles((110, 130, 90, 95), 100, 99, 141, 140, 150))
    assert scan.next_closing(start, 100.0, 140.0) == found
