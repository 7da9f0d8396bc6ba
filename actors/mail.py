"""What the post carries, and what it knows of each incarnation it carries to."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, NamedTuple, Protocol

from engine.effects import Address
from engine.messages.vitals import Mailbox


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


class Asker(Protocol):
    """Take the answer to a question; quickly, and without asking anything of the post."""

    def put(self, item: Answer, /) -> None:
        """Take it."""


class Knock(Control):
    """Have a shell note that it has come to this in its mailbox."""

    __slots__ = ()


class Question(Control):
    """Carry a message whose sender waits."""

    __slots__ = ("asker", "message")

    def __init__(self, message: Any, asker: Asker) -> None:
        """Note who waits."""
        self.message = message
        self.asker = asker


class Entry:
    """Know one incarnation of the actor at an address: `outstanding` messages wait or are being handled."""

    __slots__ = (
        "address",
        "alive",
        "askers",
        "generation",
        "handled",
        "hears_knocks",
        "is_supervisor",
        "knocked_at",
        "outstanding",
        "parent",
        "put",
        "waited",
    )

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
        self.hears_knocks = False  # a shell does; others may live at an address too
        self.is_supervisor = False
        self.knocked_at: float | None = None  # (monotonic) while a knock waits for its answer
        self.waited = 0.0

    def answer_knock(self) -> None:
        """Note how long the knock has waited."""
        if self.knocked_at is not None:
            self.waited = monotonic() - self.knocked_at
            self.knocked_at = None

    def mailbox(self) -> Mailbox:
        """Tell how it gets on with its mailbox."""
        knocked_at = self.knocked_at
        waited = self.waited if knocked_at is None else monotonic() - knocked_at
        return Mailbox(
            str(self.address),
            self.generation,
            self.outstanding,
            self.handled,
            waited,
            knocked_at is None,
            self.is_supervisor,
        )

    def descends_from(self, ancestor: Entry) -> bool:
        """Tell whether `ancestor` is above it, at any distance."""
        above = self.parent
        while above is not None and above is not ancestor:
            above = above.parent
        return above is not None
