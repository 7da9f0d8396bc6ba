"""What the post carries, and what it knows of each incarnation it carries to."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.effects import Address


class AskError(Exception):
    """Say why a question got no answer: nobody there, a crash (its `__cause__`), an end, or too late."""


class Letter:
    """Carry one message; shaped like the envelopes that Pykka's loop takes from an inbox."""

    __slots__ = ("message",)
    reply_to = None  # answers go through the post, so that Pykka never keeps an error from the actor it happened in

    def __init__(self, message: Any) -> None:
        """Close the envelope."""
        self.message = message


class Control:
    """Mark what is for the shell and not for its behaviour."""

    __slots__ = ()


class Answer(NamedTuple):
    """Bring a value, or the error in its place."""

    value: Any = None
    error: AskError | None = None


Asker = queue.SimpleQueue[Answer]


class Question(Control):
    """Carry a message whose sender waits."""

    __slots__ = ("asker", "message")

    def __init__(self, message: Any, asker: Asker) -> None:
        """Note who waits."""
        self.message = message
        self.asker = asker


class Entry:
    """Know one incarnation of the actor at an address: `outstanding` messages wait or are being handled."""

    __slots__ = ("address", "alive", "askers", "generation", "handled", "outstanding", "parent", "put")

    def __init__(
        self, address: Address[Any], generation: int, put: Callable[[Any], None], parent: Entry | None
    ) -> None:
        """Begin with its own start outstanding."""
        self.address = address
        self.generation = generation
        self.put = put
        self.parent = parent
        self.alive = True
        self.outstanding = 1
        self.handled = 0
        self.askers: set[Asker] = set()

    def descends_from(self, ancestor: Entry) -> bool:
        """Tell whether `ancestor` is above it, at any distance."""
        above = self.parent
        while above is not None and above is not ancestor:
            above = above.parent
        return above is not None
