"""Those who live in the house: one incarnation of an actor each, as its supervisor and the post know it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import frozen

from actors.base import Life
from actors.mail import Entry
from engine.effects import Behaviour, Effect


@frozen
class Told:
    """Tell one thing that happened, for people; `time` is virtual, in seconds."""

    time: float
    sender: str
    receiver: str
    message: object


Law = Callable[[Any, Any, list[Effect]], None]  # of a behaviour, what it has handled, and what it decided
Teller = Callable[[Told], None]


class Killed(BaseException):
    """The process is gone, between any two steps of it."""


class Crash(Exception):
    """Stand for any bug that a handler may have."""


class Resident(Entry):
    """Be one incarnation of one actor: what the post knows of it, and where its thread is."""

    __slots__ = ("behaviour", "has_ended", "inbox", "is_at_it", "is_blocked", "is_queued", "law", "life", "outbox")

    def __init__(self, life: Life, generation: int, law: Law | None) -> None:
        self.inbox: deque[Any] = deque()
        super().__init__(life.address, generation, self.inbox.append, life.parent)
        self.life, self.law = life, law
        self.behaviour: Behaviour | None = None
        self.has_ended = self.is_at_it = self.is_blocked = self.is_queued = False
        self.outbox: deque[Effect] = deque()


class HousedLife(Life):
    """Be followed from outside as one on a thread is."""

    def stop(self) -> None:
        self.house.end(self.entry)  # type: ignore[attr-defined]

    def join(self, timeout: float | None) -> bool:
        return self.house.wait_for_end(self.entry, timeout)  # type: ignore[attr-defined,no-any-return]

    def abandon(self, _post: Any) -> None:
        self.house.abandon(self.entry)  # type: ignore[attr-defined]
        self.stop()
