"""Build a supervision tree on a stepper: the same actors as on threads, without the threads."""

from __future__ import annotations

from typing import assert_never

from engine.effects import Effect, Send
from engine.messages import LevelsStarted, LevelSupervisorInbox, StartLevels, StopLevels
from engine.stepper import Stepper
from engine.supervision import ChildSpec, SupervisorSpec


def start_stepped(stepper: Stepper, spec: SupervisorSpec) -> None:
    """Start every child of `spec`, in order; a behaviour that raises later ends the run."""
    for child in spec.children:
        if isinstance(child, SupervisorSpec):
            start_stepped(stepper, child)
        else:
            start(stepper, child)
    if spec.grow is not None:
        stepper.add(spec.address, _Nursery(stepper, spec))


def start(stepper: Stepper, child: ChildSpec) -> None:
    """Start one actor: what it does before any message comes first."""
    behaviour = child.factory()
    stepper.add(child.address, behaviour)
    hook = getattr(behaviour, "start", None)
    if hook is not None:
        stepper.perform(child.address, hook())


class _Nursery:
    """Start and stop levels on demand, as the supervisor of the levels does on threads."""

    def __init__(self, stepper: Stepper, spec: SupervisorSpec) -> None:
        self._stepper, self._spec = stepper, spec
        self._grown: list[ChildSpec] = []

    def handle(self, message: LevelSupervisorInbox) -> list[Effect]:
        match message:
            case StartLevels():
                assert self._spec.grow is not None
                self._grown = [self._spec.grow(level) for level in message.levels]
                for child in self._grown:
                    start(self._stepper, child)
                to = self._spec.grow_reports_to
                return [] if to is None else [Send(to, LevelsStarted())]
            case StopLevels():
                for child in reversed(self._grown):
                    self._stepper.remove(child.address)
                return []
            case _:
                assert_never(message)
