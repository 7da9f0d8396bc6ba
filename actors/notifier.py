"""The notifier, as an actor: it decides, and a thread for each service sends."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from itertools import count

from actors.alerting.sender import Sender, Service
from actors.post import Post
from engine.addresses import NOTIFIER
from engine.effects import Effect
from engine.grid_setup import GridSetup
from engine.messages.notifying import Delivered, DeliveryFailed, NotifierInbox
from engine.notifying.desk import Topic
from engine.notifying.notifier import Notifier
from engine.notifying.outbox import Deliver
from engine.supervision import ChildSpec

_LAST_WORDS_WITHIN = 2.0  # seconds at the end for what is still to be told, in all services together
_log = logging.getLogger(__name__)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def spec(
    grids: Sequence[GridSetup],
    services: Sequence[Service],
    post: Post,
    *,
    now: Callable[[], int] = _now_ms,
    last_words_within: float = _LAST_WORDS_WITHIN,
) -> ChildSpec:
    """Describe the notifier of `grids`, which tells people through `services`; with none it is there, but idle.

    `now` gives epoch milliseconds. When it is stopped, what is still to be told is sent if that takes no more than
    `last_words_within` seconds.
    """
    topics = [Topic.of(grid.name, grid.rules.market, grid.settings.notifications) for grid in grids]
    numbers = count(1)  # they go on when the notifier is restarted, so that an old outcome is never taken for a new one

    def tell(outcome: Delivered | DeliveryFailed) -> None:
        post.send(NOTIFIER, outcome)

    def factory() -> NotifierShell:
        notifier = Notifier(topics, [f"service {n} ({one.name})" for n, one in enumerate(services, start=1)], numbers)
        senders = [Sender(index, service, tell) for index, service in enumerate(services)]
        return NotifierShell(notifier, senders, now, last_words_within)

    return ChildSpec(NOTIFIER, factory, shutdown_timeout=last_words_within + 1.0)


class NotifierShell:
    """Run the behaviour, and hand what is to be sent to the threads that send."""

    def __init__(
        self, notifier: Notifier, senders: Sequence[Sender], now: Callable[[], int], last_words_within: float
    ) -> None:
        """Begin with nothing sent."""
        self._notifier, self._senders = notifier, senders
        self._now, self._last_words_within = now, last_words_within
        self._trouble: str | None = None

    def start(self) -> list[Effect]:
        """Have the threads wait for letters."""
        for sender in self._senders:
            sender.start()
        return self._perform(self._notifier.start(self._now()))

    def handle(self, message: NotifierInbox) -> list[Effect]:
        """Move on by one message."""
        effects = self._perform(self._notifier.handle(message, self._now()))
        if isinstance(message, Delivered | DeliveryFailed):
            self._log_trouble()
        return effects

    def close(self) -> None:
        """Say the last words, and leave behind who does not listen."""
        deadline = time.monotonic() + self._last_words_within
        running = [sender for sender in self._senders if sender.is_alive()]
        for sender, letter in zip(self._senders, self._notifier.last_words(self._now()), strict=True):
            if sender in running:
                sender.finish(letter)
        for sender in running:
            sender.join(max(0.0, deadline - time.monotonic()))
        if left := sum(sender.is_alive() for sender in running):
            _log.warning("%d of %d services did not take the last messages in time", left, len(running))

    def _perform(self, effects: Sequence[Effect | Deliver]) -> list[Effect]:
        rest: list[Effect] = []
        for effect in effects:
            if isinstance(effect, Deliver):
                self._senders[effect.service].send(effect)
            else:
                rest.append(effect)
        return rest

    def _log_trouble(self) -> None:
        """Log when services begin to take nothing, and when all take everything again; not each attempt."""
        trouble = self._notifier.trouble(self._now())
        if trouble is not None and self._trouble is None:
            _log.warning("%s", trouble)
        elif trouble is None and self._trouble is not None:
            _log.info("alerts are delivered again")
        self._trouble = trouble
