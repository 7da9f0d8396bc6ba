from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feeds.price_path import path_between
from tests.engine.samples import Number, decimals

prices = st.integers(1, 30).map(Decimal)


@pytest.mark.parametrize(
    ("before", "low", "high", "newest", "path"),
    [
        (100, 103, 103, 103, [103]),
        (100, 100, 100, 100, [100]),
        (100, 101, 105, 105, [105]),  # straight up
        (100, 101, 105, 103, [105, 103]),
        (100, 99, 105, 103, [99, 105, 103]),  # the nearer extreme first
        (100, 90, 103, 103, [103, 90, 103]),  # as a candle that closes at its high
        (100, 90, 103, 99, [103, 90, 99]),
        (100, 95, 105, 100, [95, 105, 100]),  # the low on a tie
        (100, 95, 99, 95, [95]),
        (100, 95, 99, 99, [95, 99]),
    ],
)
def test_path_visits_the_nearer_extreme_first_and_skips_what_lies_on_the_way(
    before: int, low: int, high: int, newest: int, path: list[Number]
) -> None:
    assert path_between(Decimal(before), decimals(low, high), Decimal(newest)) == list(decimals(*path))


@given(prices, st.lists(prices), prices)
def test_path_reaches_everything_that_was_touched_and_ends_at_the_newest(
    before: Decimal, touched: list[Decimal], newest: Decimal
) -> None:
    path = path_between(before, touched, newest)
    assert path[-1] == newest
    assert len(path) <= 3
    reach = [before, *path]
    assert min(reach) == min(before, newest, *touched)
    assert max(reach) == max(before, newest, *touched)
    assert set(path) <= {newest, *touched}
