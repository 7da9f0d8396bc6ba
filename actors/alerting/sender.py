"""A thread that sends one service its letters, so that nobody else waits for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from engine.messages.notifying import Delivered, DeliveryFailed
from engine.notifying.letters import Letter
from engine.notifying.outbox import Deliver

_MOST_JOBS = 3  # one letter, one with the last words, and the end


@frozen
class Refusal:
    """Say why a service did not take a letter, in words without a secret.

    `of_letter` when it will not take this one, however often it is sent.
    """

    reason: str
    of_letter: bool = False


class Service(Protocol):
    """Reach people."""

    @property
    def name(self) -> str:
        """Name the service without giving away a secret."""

    def deliver(self, letter: Letter, /) -> Refusal | None:
        """Send a letter, which takes its time; None when it was taken."""


class Sender(threading.Thread):
    """Deliver one letter after the other, and tell how that went.

    It ends with the process, whatever the service is doing: a service may hang for as long as it likes.
    """

    def __init__(self, number: int, service: Service, tell: Callable[[Delivered | DeliveryFailed], None]) -> None:
        """Take letters once it is started; `tell` is called in its thread."""
        super().__init__(name=f"sender {number}", daemon=True)
        self._number, self._service, self._tell = number, service, tell
        self._jobs: queue.Queue[Deliver | Letter | None] = queue.Queue(_MOST_JOBS)
        self._is_closing = False

    def send(self, delivery: Deliver) -> None:
        """Have a letter sent: the next one only when this one's outcome has been told."""
        self._jobs.put_nowait(delivery)

    def finish(self, last: Letter | None) -> None:
        """Send one more letter, if there is one, and end; nothing is told any more."""
        self._is_closing = True
        if last is not None:
            self._jobs.put_nowait(last)
        self._jobs.put_nowait(None)

    def run(self) -> None:
        """Send until told to end."""
        while (job := self._jobs.get()) is not None:
            if isinstance(job, Letter):
                self._service.deliver(job)
                continue
            refusal = self._service.deliver(job.letter)
            if not self._is_closing:
                self._tell(self._outcome(job.number, refusal))

    def _outcome(self, number: int, refusal: Refusal | None) -> Delivered | DeliveryFailed:
        if refusal is None:
            return Delivered(self._number, number)
        return DeliveryFailed(self._number, number, refusal.reason, refusal.of_letter)
