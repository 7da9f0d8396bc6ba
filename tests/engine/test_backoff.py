from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gateway.backoff import LONGEST, SHORTEST, Backoff


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (1_000, 30)])
def test_delays_double_up_to_half_a_minute(failures: int, seconds: int) -> None:
    assert Backoff(2, lambda: 0.0).delay(failures) == seconds


def test_chance_takes_off_up_to_half() -> None:
    assert Backoff(2, lambda: 0.5).delay(1) == 1.5


def test_no_delay_at_all_is_never_given() -> None:
    assert Backoff(0, lambda: 0.0).delay(1) == SHORTEST


@given(st.floats(0, 86_400), st.floats(0, 1, exclude_max=True), st.integers(1, 10_000))
def test_every_delay_is_positive_and_bounded(first: float, chance: float, failures: int) -> None:
    assert SHORTEST / 2 <= Backoff(first, lambda: chance).delay(failures) <= LONGEST
