from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from engine.gateway.pace import Pace


class Clocked:
    """A pace with a clock: what is to be done later is done when it is time."""

    def __init__(self, *limits: tuple[int, float]) -> None:
        self.pace = Pace(limits)
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def take(self) -> int:
        """Take room; give how many timers that took."""
        timers = self.pace.take()
        self.timers += [(self.now + seconds, action) for seconds, action in timers]
        return len(timers)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        due = sorted((timer for timer in self.timers if timer[0] <= self.now), key=lambda timer: timer[0])
        self.timers = [timer for timer in self.timers if timer[0] > self.now]
        for _, action in due:
            action()


def test_no_limits_leave_room_for_ever() -> None:
    of = Clocked()
    assert [of.take() for _ in range(3)] == [0, 0, 0]
    assert of.pace.has_room


def test_room_ends_with_the_tightest_limit_and_comes_back_when_its_time_is_over() -> None:
    of = Clocked((2, 10.0), (3, 60.0))
    of.take()
    of.wait(5)
    of.take()
    assert not of.pace.has_room
    of.wait(4.9)
    assert not of.pace.has_room
    of.wait(0.1)
    assert of.pace.has_room


def test_room_in_one_limit_is_not_room_in_another() -> None:
    of = Clocked((2, 10.0), (3, 60.0))
    for _ in range(3):
        of.take()
        of.wait(10)
    assert not of.pace.has_room
    of.wait(30)
    assert of.pace.has_room


def test_what_was_taken_without_room_counts() -> None:
    of = Clocked((1, 10.0))
    of.take()
    of.wait(1)
    of.take()
    of.wait(9)
    assert not of.pace.has_room


@pytest.mark.parametrize("seed", range(20))
def test_in_no_span_are_there_more_than_its_limit_and_room_comes_back_little_later(seed: int) -> None:
    """Take whatever room there is, at random moments of three days."""
    random = Random(seed)
    day = 86_400.0
    of, taken = Clocked((10, 10.0), (50, day)), list[float]()
    while of.now < 3 * day:
        of.wait(random.choice((1.0, 30.0, 900.0)))
        if of.pace.has_room:
            of.take()
            taken.append(of.now)
    for seconds, count in ((10.0, 10), (day, 50)):
        assert all(later - first >= seconds for first, later in zip(taken, taken[count:], strict=False))
    assert len(taken) > 2 * 50  # a second and a third day's, hardly later than they might have come


def test_a_busy_day_takes_few_timers() -> None:
    of = Clocked((200_000, 86_400.0))
    timers = 0
    for _ in range(50_000):
        timers += of.take()
        of.wait(1.0)
    assert timers <= 2 * 101
    assert len(of.timers) <= 102
