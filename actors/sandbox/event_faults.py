"""What goes wrong with single events: they are lost, come twice, or come late."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from actors.sandbox.faults import BadFault, Fault
from actors.sandbox.publisher import Publisher

ACTIONS = ("gap", "lose", "duplicate", "late")
_ON_TIME = (0.0,)


@define(eq=False)
class EventFault:
    """Hit the next events that are called `event` (None: any) and, of execution reports, are such an `execution`."""

    action: str
    event: str | None
    execution: str | None
    seconds: float
    left: float  # events that it still hits

    def hits(self, payload: Any) -> bool:
        """Tell whether it is meant for `payload`, and count it if so."""
        if not isinstance(payload, Mapping):
            return False
        if self.event not in {None, payload.get("e")} or self.execution not in {None, payload.get("x")}:
            return False
        self.left -= 1
        return True

    def delays(self) -> tuple[float, ...]:
        """Say when the event is sent, in seconds from now, as often as it is sent."""
        return {"duplicate": (0.0, 0.0), "late": (self.seconds,)}.get(self.action, ())


@define(eq=False)
class EventFaults:
    """Send events as the armed faults will have it. All of it happens on the publisher's thread."""

    publisher: Publisher
    _armed: list[EventFault] = field(init=False, factory=list)

    def arm(self, fault: EventFault) -> None:
        """Let a fault hit what comes next, after those that are armed already."""
        self._armed.append(fault)

    def clear(self) -> None:
        """Let everything through; what is held up still comes."""
        self._armed.clear()

    def send(self, payload: Any, send: Callable[[], None]) -> None:
        """Have `send` send an event now, later, twice, or never."""
        for delay in self._delays(payload):
            if delay:
                self.publisher.later(delay, send)
            else:
                send()

    def _delays(self, payload: Any) -> tuple[float, ...]:
        for fault in self._armed:
            if fault.hits(payload):
                if fault.left <= 0:
                    self._armed.remove(fault)
                return fault.delays()
        return _ON_TIME


def read_event_fault(fault: Fault) -> EventFault:
    """Read what was posted; raises `BadFault`."""
    event = "depthUpdate" if fault.action == "gap" else _word(fault, "event")
    return EventFault(fault.action, event, _word(fault, "execution"), seconds_of(fault, 1.0), times_of(fault))


def times_of(fault: Fault) -> float:
    """Give how often a fault hits, infinity for 0; raises `BadFault`."""
    times = fault.details.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 0:
        raise BadFault(f"times = {times!r}: allowed is a whole number from 0 (until cleared)")
    return times or math.inf


def seconds_of(fault: Fault, default: float | None) -> float:
    """Give the seconds of a fault, which must be told when there is no default; raises `BadFault`."""
    seconds = fault.details.get("seconds", default)
    if seconds is None or isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise BadFault(f"seconds = {seconds!r}: allowed is a number from 0")
    return float(seconds)


def _word(fault: Fault, name: str) -> str | None:
    word = fault.details.get(name)
    if word is not None and not isinstance(word, str):
        raise BadFault(f"{name} = {word!r}: allowed is a text")
    return word
