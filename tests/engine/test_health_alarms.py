"""Told once, again when it is worse, and when it is well again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.health.alarms import Alarms
from engine.health.findings import Finding
from engine.messages.vitals import Level

OK, WARNING, CRITICAL, UNKNOWN = Level.OK, Level.WARNING, Level.CRITICAL, Level.UNKNOWN
COOLDOWN = 900.0
HIDDEN = "hidden"  # a warning that is shown and not told


def finding(level: Level | str, name: str = "prices", grid: str | None = "SOL/USDT") -> Finding:
    if level == HIDDEN:
        return Finding(name, grid, WARNING, "short", tells=False)
    return Finding(name, grid, Level(level), f"is {level}")


def news_of(looks: list[tuple[float, Level | str]], cooldown: float = COOLDOWN) -> list[tuple[float, str]]:
    """Give what is told at which second."""
    alarms = Alarms(cooldown)
    told = ((now, alarms.news(now, finding(level))) for now, level in looks)
    return [(now, text) for now, text in told if text is not None]


WARNED, IS_CRITICAL = "prices: is warning", "prices, critical: is critical"


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([(0, OK), (60, OK)], []),
        ([(0, UNKNOWN), (60, UNKNOWN)], []),
        ([(0, WARNING), (60, WARNING), (899, WARNING)], [(0, WARNED)]),
        ([(0, WARNING), (60, CRITICAL), (120, CRITICAL)], [(0, WARNED), (60, IS_CRITICAL)]),
        ([(0, CRITICAL), (60, WARNING), (120, CRITICAL)], [(0, IS_CRITICAL)]),
        ([(0, WARNING), (60, OK), (120, OK)], [(0, WARNED), (60, "prices: well again after 60 s: is ok")]),
        ([(0, HIDDEN), (60, OK)], []),
        ([(0, HIDDEN), (60, WARNING)], [(60, WARNED)]),
        ([(0, WARNING), (60, HIDDEN), (120, UNKNOWN)], [(0, WARNED)]),
        ([(0, WARNING), (60, UNKNOWN), (300, OK)], [(0, WARNED), (300, "prices: well again after 5 min: is ok")]),
    ],
)
def test_news_are_what_has_changed(looks: list[tuple[float, Level | str]], told: list[tuple[float, str]]) -> None:
    assert news_of(looks) == told


def test_what_comes_and_goes_is_told_once_within_the_cooldown() -> None:
    flapping: list[tuple[float, Level | str]] = [(i * 60.0, OK if i % 2 else WARNING) for i in range(15)]
    assert [now for now, _ in news_of(flapping)] == [0, 60]


def test_what_is_still_so_when_the_cooldown_is_over_is_told_though_it_was_well_meanwhile() -> None:
    looks: list[tuple[float, Level | str]] = [(0, WARNING), (60, OK), (120, WARNING), (899, WARNING), (900, WARNING)]
    assert [now for now, _ in news_of(looks)] == [0, 60, 900]


def test_what_is_worse_is_told_within_the_cooldown_though_it_was_well_meanwhile() -> None:
    assert [now for now, _ in news_of([(0, WARNING), (60, OK), (120, CRITICAL)])] == [0, 60, 120]


def test_what_stays_is_told_again_more_and_more_rarely() -> None:
    looks: list[tuple[float, Level | str]] = [(60.0 * i, WARNING) for i in range(10 * 24 * 60)]
    told = news_of(looks)
    gaps = [later - sooner for (sooner, _), (later, _) in pairwise(told)]
    assert gaps[:4] == [900, 1800, 3600, 7200]
    assert set(gaps[7:]) == {86_400}
    assert told[1][1] == "prices: is warning (told for the first time 15 min ago)"


def test_new_trouble_does_not_wait_as_long_as_the_reminders_of_the_old_one_did() -> None:
    looks: list[tuple[float, Level | str]] = [(60.0 * i, WARNING) for i in range(24 * 60)]
    end = looks[-1][0]
    assert news_of([*looks, (end + 60, OK), (end + 5_000, WARNING)])[-1] == (end + 5_000, WARNED)


def test_checks_and_grids_are_told_apart() -> None:
    alarms = Alarms(COOLDOWN)
    for name, grid in (("prices", "SOL/USDT"), ("prices", "ETH/USDT"), ("clock", "SOL/USDT"), ("clock", None)):
        assert alarms.news(0.0, finding(WARNING, name, grid)) is not None


levels = st.lists(st.sampled_from([OK, WARNING, CRITICAL, UNKNOWN, HIDDEN]), max_size=60)


@given(levels, st.floats(1, 2_000), st.floats(1, 2_000))
def test_same_level_is_never_told_twice_within_the_cooldown(
    of: list[Level | str], interval: float, cooldown: float
) -> None:
    told = news_of([(i * interval, level) for i, level in enumerate(of)], cooldown)
    for text in ("is warning", "is critical"):
        times = [now for now, one in told if text in one]
        assert all(later - sooner >= cooldown * 0.999 for sooner, later in pairwise(times))


@given(levels, st.floats(1, 2_000))
def test_well_again_follows_something_bad_and_nothing_bad_stays_untold(of: list[Level | str], interval: float) -> None:
    looks = [(i * interval, level) for i, level in enumerate(of)]
    told = news_of(looks)
    is_open = False
    for _, text in told:
        assert is_open or "well again" not in text
        is_open = "well again" not in text
    bad = [now for now, level in looks if level in (WARNING, CRITICAL)]
    assert not bad or told[0][0] == bad[0]
    # Whatever is bad for longer than the cooldown has been told by then.
    for start, level in looks:
        after = [(now, one) for now, one in looks if start <= now <= start + COOLDOWN + interval]
        if level == CRITICAL and after[-1][0] >= start + COOLDOWN and all(one == CRITICAL for _, one in after):
            until = after[-1][0]
            assert "well again" not in [text for now, text in told if now <= until][-1]
