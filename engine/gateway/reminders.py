"""What is to be done later, each once: a timer carries only its ticket."""

from __future__ import annotations

from collections.abc import Callable

from engine.effects import After
from engine.messages import RetryDue


class Reminders:
    """Hand out tickets for what is put off, and do it when they are due."""

    def __init__(self) -> None:
        """Begin with nothing put off."""
        self._tickets = 0
        self._actions: dict[int, Callable[[], None]] = {}

    def put_off(self, delay: float, action: Callable[[], None]) -> tuple[int, After]:
        """Have `action` done in `delay` seconds; give its ticket, and the timer that is to be set."""
        self._tickets += 1
        self._actions[self._tickets] = action
        return self._tickets, After(delay, RetryDue(self._tickets))

    def due(self, ticket: int) -> None:
        """Do what `ticket` stands for, unless that was done or forgotten."""
        action = self._actions.pop(ticket, None)
        if action is not None:
            action()

    def forget(self, ticket: int) -> None:
        """Do nothing when `ticket` is due."""
        self._actions.pop(ticket, None)
