"""Whether a number grows, told only when there is enough to tell it by."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from engine.health.growth import Growth

HOUR, DAY = 3_600.0, 86_400.0
MB = 1e6


def grown(number: Callable[[float], float], hours: float, least: float = MB, interval: float = 60.0) -> float | None:
    growth = Growth(least)
    now = 0.0
    while now <= hours * HOUR:
        growth.take(now, number(now))
        now += interval
    return growth.per_day


@pytest.mark.parametrize("interval", [1.0, 60.0, 600.0, 5_000.0])
def test_steady_growth_is_told_per_day(interval: float) -> None:
    assert grown(lambda now: 400 * MB + 12 * MB * now / DAY, 24, interval=interval) == pytest.approx(12 * MB, rel=0.01)


def test_nothing_is_told_before_there_is_enough_history() -> None:
    assert grown(lambda now: 400 * MB + 100 * MB * now / DAY, 2) is None
    assert grown(lambda now: 400 * MB + 100 * MB * now / DAY, 3) is not None


@pytest.mark.parametrize(
    "number",
    [
        lambda _: 400 * MB,
        lambda now: 100 * MB + 300 * MB * min(now / 600, 1),  # the start
        lambda now: 400 * MB + (500 * MB if 10_000 < now < 12_000 else 0),  # a spike
        lambda now: 400 * MB + 2 * MB * now / DAY,  # less than a hundredth a day
        lambda now: 400 * MB + 50 * MB * (now // 60 % 7),  # up and down
    ],
)
def test_what_does_not_go_on_growing_is_not_told(number: Callable[[float], float]) -> None:
    assert grown(number, 24) is None


def test_growth_is_seen_through_noise_and_spikes() -> None:
    noise = random.Random(1)

    def number(now: float) -> float:
        spike = 1_000 * MB if noise.random() < 0.05 else 0
        return 400 * MB + 50 * MB * now / DAY + noise.gauss(0, 10 * MB) + spike

    assert grown(number, 24) == pytest.approx(50 * MB, rel=0.2)


def test_growth_that_has_ended_is_forgotten_within_two_days() -> None:
    assert grown(lambda now: 400 * MB + 100 * MB * min(now, DAY) / DAY, 72) is None


def test_numbers_that_fall_are_told_too() -> None:
    assert grown(lambda now: 10_000 * MB - 1_200 * MB * now / DAY, 12) == pytest.approx(-1_200 * MB, rel=0.01)


@tried(max_examples=30)
@given(st.floats(1, 1_000), st.floats(100, 100_000))
def test_any_clear_slope_is_found(per_day: float, start: float) -> None:
    told = grown(lambda now: start + per_day * now / DAY, 5, least=1.0, interval=300.0)
    if per_day >= 1.01 and per_day >= 0.011 * (start + per_day):
        assert told == pytest.approx(per_day, rel=0.01)
