"""Faults that are armed over ``POST /sandbox/faults`` and happen when their turn comes.

One fault is a JSON object, several are a list of them:

=================  ====================================================================================
``route``          ``"POST /api/v3/order"``, ``"ws-api order.place"``; ``*`` and ``?`` match anything:
                   ``"* /api/v3/*"``. The other routes act at once, see `actors.sandbox.control` (``clock``,
                   ``limits``, ``keys``, ``market``, ``fills``, ``orders``) and the streams (``stream``, ``user``)
``action``         ``drop`` closes the connection without a reply; ``cut`` sends half of a reply, then closes;
                   ``delay`` waits ``seconds``; ``status`` replies with ``status``, ``headers`` and ``body``;
                   ``body`` replies 200 with ``body``; ``error`` replies with ``code``, ``msg`` and ``status``
``when``           ``before`` (the default): the operation never happens; ``after``: it has happened
``times``          how many requests are hit, 1 by default; 0: every one until cleared
=================  ====================================================================================

``{"route": "events", "when": "before_reply" | "after_reply", "seconds": 0.1, "times": 1}`` orders a signed request's
user events against its reply: the reply waits, or the events do. ``{"action": "clear"}`` disarms everything.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from attrs import define, field, frozen

REPLY_ACTIONS = ("drop", "cut", "delay", "status", "body", "error")
_WHEN = ("before", "after")
_EVENTS_WHEN = ("before_reply", "after_reply")


class BadFault(ValueError):
    """Say what is wrong with a fault that somebody wanted to arm."""


@frozen
class Fault:
    """Describe one fault; `details` is all that was posted, for whom the named fields are not enough."""

    route: str
    action: str = ""
    when: str = "before"
    seconds: float = 0.0
    status: int = 400
    headers: Mapping[str, str] = field(factory=dict)
    body: str = ""
    code: int = -1000
    msg: str = "An unknown error occurred while processing the request."
    details: Mapping[str, Any] = field(factory=dict)

    @property
    def is_before(self) -> bool:
        """Tell whether the operation must not happen."""
        return self.when == "before"


@define
class _Armed:
    fault: Fault
    left: int | None  # None: until cleared


class Faults:
    """Hold the armed faults; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._listeners: dict[str, Callable[[Fault], None]] = {}

    def listen(self, route: str, listener: Callable[[Fault], None]) -> None:
        """Have faults of `route` act at once: `listener` does it, or raises `BadFault`; it must not block.

        It is also called with the action ``clear``, when everything is to be as it was.
        """
        self._listeners[route] = listener

    def arm(self, posted: Mapping[str, Any]) -> None:
        """Arm what was posted; raises `BadFault`."""
        fault = _read(posted)
        if fault.action == "clear" and not fault.route:
            self.clear()
        elif (listener := self._listeners.get(fault.route)) is not None:
            listener(fault)
        else:
            times = _times(posted)
            _check_route(fault, self._listeners)
            with self._lock:
                self._armed.append(_Armed(fault, times or None))

    def take(self, route: str) -> Fault | None:
        """Give the fault that hits this request, if one does; it counts as used."""
        if not self._armed:  # almost always
            return None
        with self._lock:
            for armed in self._armed:
                if fnmatchcase(route, armed.fault.route):
                    self._use(armed)
                    return armed.fault
        return None

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()
        for route, listener in self._listeners.items():
            listener(Fault(route, "clear"))

    def armed(self) -> list[dict[str, Any]]:
        """List what is still armed, as it was posted, with the times that are left (0: until cleared)."""
        with self._lock:
            return [{**armed.fault.details, "times": armed.left or 0} for armed in self._armed]

    def _use(self, armed: _Armed) -> None:
        if armed.left is not None:
            armed.left -= 1
            if not armed.left:
                self._armed.remove(armed)


def _read(posted: Mapping[str, Any]) -> Fault:
    kinds: dict[str, tuple[type, ...]] = {
        "route": (str,),
        "action": (str,),
        "when": (str,),
        "seconds": (int, float),
        "status": (int,),
        "headers": (dict,),
        "body": (str,),
        "code": (int,),
        "msg": (str,),
    }
    named = {name: posted[name] for name in kinds if name in posted}
    for name, value in named.items():
        if not isinstance(value, kinds[name]) or isinstance(value, bool):
            raise BadFault(f"{name} = {value!r}: allowed is {' or '.join(kind.__name__ for kind in kinds[name])}")
    if "route" not in named and named.get("action") != "clear":
        raise BadFault('route is missing; allowed: "POST /api/v3/order", "ws-api order.place", "clock", ...')
    return Fault(**{"route": "", **named}, details=dict(posted))


def _times(posted: Mapping[str, Any]) -> int:
    times = posted.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 0:
        raise BadFault(f"times = {times!r}: allowed is a whole number from 0 (until cleared)")
    return times


def _check_route(fault: Fault, listeners: Mapping[str, Any]) -> None:
    """Refuse what would never happen."""
    allowed: tuple[str, ...]
    if fault.route == "events":
        allowed, value, name = _EVENTS_WHEN, fault.when, "when"
    elif " " not in fault.route and "*" not in fault.route:
        routes = ", ".join(sorted({"events", *listeners}))
        raise BadFault(f'route = "{fault.route}": allowed are "METHOD /path", "ws-api method", {routes}')
    elif fault.when not in _WHEN:
        allowed, value, name = _WHEN, fault.when, "when"
    else:
        allowed, value, name = REPLY_ACTIONS, fault.action, "action"
    if value not in allowed:
        raise BadFault(f'{name} = "{value}": allowed are {", ".join(allowed)}')
