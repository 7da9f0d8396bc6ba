"""Children that a supervisor makes on demand: the levels of a grid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pykka
import pytest

from actors.system import EndReason, System
from engine.effects import Address
from engine.grid import PlannedLevel
from engine.messages import LevelsStarted, StartLevels, StopLevels
from engine.supervision import ChildSpec, Intensity, Strategy, SupervisorSpec
from engine.values import Side
from tests.actors.house import DESK, QUICK, SOON, Act, House, address, boom, in_turn


@pytest.fixture
def house() -> Iterator[House]:
    with House() as house:
        yield house


@pytest.fixture(autouse=True)
def no_actor_left() -> Iterator[None]:
    yield  # set up before the house, and so looked at after it is gone
    assert pykka.ActorRegistry.get_all() == []


LEVELS: Address[StartLevels | StopLevels] = Address("SOL/USDT/levels")


def planned(*slots: str) -> tuple[PlannedLevel, ...]:
    one = Decimal(1)
    return tuple(PlannedLevel(slot, index, one, one + 1, Side.BUY, one) for index, slot in enumerate(slots))


def run_levels(house: House, on_start: Act = list, intensity: Intensity = QUICK) -> System:
    def grow(level: PlannedLevel) -> ChildSpec:
        return house.child(f"SOL/USDT/level/{level.slot}", on_start=on_start)

    levels = SupervisorSpec(LEVELS, Strategy.ONE_FOR_ONE, (), intensity, grow=grow, grow_reports_to=DESK)
    return house.run(levels)


def level_notes(act: str, *slots: str) -> list[str]:
    return [f"{act} SOL/USDT/level/{slot}" for slot in slots]


def test_levels_start_in_order_once_and_are_reported(house: House) -> None:
    run_levels(house)
    house.post.send(LEVELS, StartLevels(planned("1", "0", "2")))
    assert house.read() == LevelsStarted()
    house.diary.expect(*level_notes("start", "1", "0", "2"))
    house.post.send(LEVELS, StartLevels(planned("0", "1", "2", "2b")))
    assert house.read() == LevelsStarted()
    house.diary.expect(*level_notes("start", "2b"))
    house.post.send(LEVELS, StartLevels(planned("0", "1")))
    assert house.read() == LevelsStarted()
    assert house.diary.is_read


def test_levels_stop_in_reverse_and_are_forgotten(house: House) -> None:
    run_levels(house)
    house.post.send(LEVELS, StartLevels(planned("0", "1")))
    house.diary.expect(*level_notes("start", "0", "1"))
    house.post.send(LEVELS, StopLevels())
    house.diary.expect(*level_notes("close", "1", "0"))
    house.post.send(LEVELS, StartLevels(planned("1")))
    house.diary.expect(*level_notes("start", "1"))


def test_level_that_crashes_is_restarted_alone(house: House) -> None:
    run_levels(house)
    house.post.send(LEVELS, StartLevels(planned("0", "1", "2")))
    assert house.read() == LevelsStarted()
    house.diary.expect(*level_notes("start", "0", "1", "2"))
    house.tell("SOL/USDT/level/1", boom)
    house.diary.expect(*level_notes("close", "1"), *level_notes("start", "1"))
    assert house.speaks("SOL/USDT/level/1") == "SOL/USDT/level/1 speaks"
    assert house.diary.is_read


def test_levels_are_reported_only_when_one_that_failed_at_start_is_up(house: House) -> None:
    run_levels(house, in_turn(boom))
    house.post.send(LEVELS, StartLevels(planned("0", "1")))
    assert house.read() == LevelsStarted()
    house.diary.expect(*level_notes("start", "0"), *level_notes("close", "0"), *level_notes("start", "0", "1"))


def test_levels_are_reported_only_when_one_that_waits_for_its_restart_is_up(house: House) -> None:
    run_levels(house, intensity=Intensity(first_delay=0.03))
    house.post.send(LEVELS, StartLevels(planned("0")))
    assert house.read() == LevelsStarted()
    house.tell("SOL/USDT/level/0", boom)
    house.diary.expect(*level_notes("start", "0"), *level_notes("close", "0"))
    house.post.send(LEVELS, StartLevels(planned("0", "1")))
    assert house.read() == LevelsStarted()
    assert house.diary.read_out() == level_notes("start", "1", "0")


def test_levels_without_a_way_to_make_them_are_an_error(house: House) -> None:
    system = house.run(house.child("a"))
    house.post.send(address("root"), StartLevels(planned("0")))
    assert system.wait(SOON) == EndReason("ValueError: root has no levels to start")
