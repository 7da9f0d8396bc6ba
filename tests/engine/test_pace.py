from __future__ import annotations

from engine.gateway.pace import Pace


def test_no_limits_leave_room_for_ever() -> None:
    pace = Pace(())
    assert [pace.take() for _ in range(3)] == [[], [], []]
    assert pace.has_room


def test_room_ends_with_the_tightest_limit_and_comes_back_when_given_back() -> None:
    pace = Pace(((2, 10.0), (3, 60.0)))
    assert pace.take() == [(0, 10.0), (1, 60.0)]
    pace.take()
    assert not pace.has_room
    pace.give_back(0)
    assert pace.has_room


def test_room_in_one_limit_is_not_room_in_another() -> None:
    pace = Pace(((2, 10.0), (3, 60.0)))
    for _ in range(3):
        pace.take()
        pace.give_back(0)
    assert not pace.has_room
    pace.give_back(1)
    assert pace.has_room


def test_what_was_taken_without_room_counts() -> None:
    pace = Pace(((1, 10.0),))
    pace.take()
    pace.take()
    pace.give_back(0)
    assert not pace.has_room
