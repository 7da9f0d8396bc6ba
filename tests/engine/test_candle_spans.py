"""Spans: what is finished, what is missing, where nothing is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.candles.spans import SETTLING_MS, Span, candles_in, finished, gaps, missing, united

MINUTE = 60_000


def spans() -> st.SearchStrategy[list[Span]]:
    ends = st.tuples(st.integers(-20, 60), st.integers(1, 30))
    return st.lists(ends.map(lambda end: Span(end[0], end[0] + end[1])), max_size=6)


def times(some: list[Span] | tuple[Span, ...]) -> set[int]:
    return {time for span in some for time in range(span.start, span.end)}


def test_span_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a span of nothing"):
        Span(5, 5)


@given(spans())
def test_united_spans_are_the_same_times_in_order_and_apart(some: list[Span]) -> None:
    whole = united(some)
    assert times(whole) == times(some)
    assert all(one.end < other.start for one, other in pairwise(whole))


@given(spans(), st.integers(-20, 60), st.integers(1, 40))
def test_missing_is_what_is_wanted_and_not_known(known: list[Span], start: int, length: int) -> None:
    wanted = Span(start, start + length)
    holes = missing(wanted, known)
    assert times(holes) == times([wanted]) - times(known)
    assert holes == united(holes)


@pytest.mark.parametrize(
    ("start", "end", "now", "span"),
    [
        (0, 5 * MINUTE, 100 * MINUTE, Span(0, 5 * MINUTE + 1)),
        (0, 5 * MINUTE, 6 * MINUTE + SETTLING_MS, Span(0, 5 * MINUTE + 1)),
        (0, 5 * MINUTE, 6 * MINUTE + SETTLING_MS - 1, Span(0, 5 * MINUTE)),
        (0, 5 * MINUTE, 5 * MINUTE, Span(0, 4 * MINUTE - SETTLING_MS + 1)),
        (0, 5 * MINUTE, MINUTE + SETTLING_MS, Span(0, 1)),
        (0, 5 * MINUTE, MINUTE + SETTLING_MS - 1, None),
        (9 * MINUTE, 10 * MINUTE, 0, None),
    ],
)
def test_candle_counts_as_finished_a_little_after_its_end(start: int, end: int, now: int, span: Span | None) -> None:
    assert finished(start, end, MINUTE, now) == span


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        pytest.param([0, 1, 2, 3, 4], [], id="none"),
        pytest.param([], [(0, 4.5)], id="nothing there"),
        pytest.param([0, 1, 4], [(2, 4)], id="in between"),
        pytest.param([0, 2, 4], [(1, 2), (3, 4)], id="twice"),
        pytest.param([2, 3, 4], [(0, 2)], id="before"),
        pytest.param([0, 1, 2], [(3, 5)], id="behind"),
        pytest.param([2.75, 3.75], [(0.75, 2.75)], id="before, between the bounds"),
        pytest.param([0.5, 1.5, 2.5, 3.5], [], id="opening between the bounds"),
    ],
)
def test_gap_is_where_candles_should_open_and_none_does(minutes: list[float], found: list[tuple[float, float]]) -> None:
    opening = np.array([int(minute * MINUTE) for minute in minutes], np.int64)
    wanted = Span(0, int(4.5 * MINUTE))
    assert gaps(opening, wanted, MINUTE) == tuple(Span(int(a * MINUTE), int(b * MINUTE)) for a, b in found)


@given(st.sets(st.integers(0, 30)))
def test_gaps_and_candles_add_up_to_the_span(minutes: set[int]) -> None:
    opening = np.array([minute * MINUTE for minute in sorted(minutes)], np.int64)
    wanted = Span(0, 31 * MINUTE)
    assert candles_in(gaps(opening, wanted, MINUTE), MINUTE) + len(minutes) == 31
