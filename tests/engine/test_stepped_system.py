from __future__ import annotations

from typing import Any

from engine.effects import Address, Effect, Reply
from engine.grid import PlannedLevel
from engine.messages import LevelsStarted, StartLevels, StopLevels
from engine.stepped_system import start_stepped
from engine.stepper import Stepper
from engine.supervision import ChildSpec, Intensity, Strategy, SupervisorSpec
from tests.engine.samples import planned

ONCE = Intensity(max_restarts=0)


class Echo:
    """Reply its name to anything, and remember what came."""

    def __init__(self, name: str, log: list[Any]) -> None:
        self.name, self.log = name, log

    def handle(self, message: Any) -> list[Effect]:
        self.log.append((self.name, message))
        return [Reply(self.name)]


def tree(log: list[Any], *, reports: bool = True) -> SupervisorSpec:
    """Describe a root with one child and a nursery of levels that reports to it."""

    def child(name: str) -> ChildSpec:
        return ChildSpec(Address(name), lambda: Echo(name, log))

    def grown(level: PlannedLevel) -> ChildSpec:
        return child(f"level/{level.slot}")

    nursery = SupervisorSpec(
        Address("levels"),
        Strategy.ONE_FOR_ONE,
        (),
        ONCE,
        grow=grown,
        grow_reports_to=Address("manager") if reports else None,
    )
    inner = SupervisorSpec(Address("core"), Strategy.ONE_FOR_ALL, (child("manager"), nursery), ONCE)
    return SupervisorSpec(Address("root"), Strategy.ONE_FOR_ONE, (child("reporter"), inner), ONCE)


def started(*, reports: bool = True) -> tuple[Stepper, list[Any]]:
    log: list[Any] = []
    stepper = Stepper()
    start_stepped(stepper, tree(log, reports=reports))
    return stepper, log


def test_every_child_at_every_depth_lives_at_its_address() -> None:
    stepper, _ = started()
    assert [stepper.ask(name, "who?") for name in ("reporter", "manager")] == ["reporter", "manager"]


def test_levels_live_from_their_start_to_their_stop() -> None:
    stepper, log = started()
    stepper.send("level/1", "too early")
    stepper.send("levels", StartLevels((planned("1"), planned("1b"))))
    stepper.settle()
    assert stepper.dead_letters == 1
    assert log == [("manager", LevelsStarted())]
    assert [stepper.ask(name, "who?") for name in ("level/1", "level/1b")] == ["level/1", "level/1b"]
    stepper.send("levels", StopLevels())
    stepper.settle()
    stepper.send("level/1b", "too late")
    stepper.settle()
    assert stepper.dead_letters == 2


def test_a_nursery_that_reports_to_nobody_is_silent() -> None:
    stepper, log = started(reports=False)
    stepper.send("levels", StartLevels((planned(),)))
    stepper.settle()
    assert log == []
    assert stepper.dead_letters == 0
