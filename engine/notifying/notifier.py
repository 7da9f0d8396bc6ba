"""The notifier: who is told what, when, and again if they did not take it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from attrs import evolve

from engine.effects import After, Effect, Reply
from engine.messages.alerting import AlertKind, CycleEarned, EventsTold, Notify
from engine.messages.notifying import (
    Delivered,
    DeliveryFailed,
    DescribeNotifier,
    DigestDue,
    NotifierDescribed,
    NotifierInbox,
    RedeliveryDue,
    SummaryDue,
)
from engine.notifying.day import Day, next_time
from engine.notifying.desk import Choice, Desk, Topic
from engine.notifying.letters import Alert, Letter, worst
from engine.notifying.outbox import Deliver, Outbox
from engine.notifying.wording import Narrator

_PROCESS = "gridactors"  # what alerts of the whole process are told under
_LONGEST_TEXT = 1_000  # characters
_LONGEST_SLEEP = 3_600.0  # seconds: a clock may be set meanwhile
_MOST_LAST_WORDS = 40


class _Grid:
    """Keep together what is known of one grid."""

    def __init__(self, topic: Topic, now: int) -> None:
        self.topic = topic
        self.desk = Desk(topic.grid, topic.choice)
        self.narrator = Narrator(topic.grid, topic.market)
        self.begin_day(now)

    def begin_day(self, now: int) -> None:
        """Count anew from now on."""
        self.day = Day(self.topic.grid, self.topic.market, now)
        at = self.topic.daily_summary
        self.day_ends = None if at is None else next_time(at, now)


class Notifier:
    """Turn events and alerts into letters, and have each service sent its own, one at a time.

    Without services there is nobody to tell: it takes everything and does nothing. What needs the time is given it,
    in epoch milliseconds.
    """

    def __init__(self, topics: Sequence[Topic], services: Sequence[str], numbers: Iterator[int]) -> None:
        """Name the grids, the services and, for their letters, numbers that nobody else takes."""
        self._topics = tuple(topics)
        self._outboxes = [Outbox(index, name, numbers) for index, name in enumerate(services)]
        self._grids: dict[str, _Grid] = {}
        self._process = Desk(_PROCESS, Choice.of_all([topic.choice for topic in topics]))
        self._awaited: set[str | None] = set()  # digests that a timer is set for

    def start(self, now: int) -> list[Effect | Deliver]:
        """Begin the first day of every grid."""
        if not self._outboxes:
            return []
        self._grids = {topic.grid: _Grid(topic, now) for topic in self._topics}
        return [effect for grid in self._grids.values() for effect in self._sleep(grid, now)]

    def handle(self, message: NotifierInbox, now: int) -> list[Effect | Deliver]:
        """Move on by one message."""
        if isinstance(message, DescribeNotifier):
            return [Reply(self._described(now))]
        if not self._outboxes and isinstance(message, NotifierInbox):
            return []
        match message:
            case Notify():
                return self._alert(message.grid, Alert(message.kind, message.text), now)
            case EventsTold():
                return self._told(message, now)
            case CycleEarned():
                if (grid := self._grids.get(message.grid)) is not None:
                    grid.day.add_cycle(message.profit)
                return []
            case DigestDue():
                self._awaited.discard(message.grid)
                return self._send(self._desk(message.grid).digests(now), now)
            case SummaryDue():
                return self._summary(message.grid, now)
            case Delivered():
                self._outboxes[message.service].delivered(message.number, now)
                return self._hand_out(now)
            case DeliveryFailed():
                return self._failed(message, now)
            case RedeliveryDue():
                self._outboxes[message.service].rested()
                return self._hand_out(now)
            case _:
                assert_never(message)

    def trouble(self, now: int) -> str | None:
        """Say what is wrong with the first service that takes nothing, None while all do."""
        troubles = (outbox.trouble(now) for outbox in self._outboxes)
        return next((trouble for trouble in troubles if trouble is not None), None)

    def last_words(self, now: int) -> list[Letter | None]:
        """Give each service one letter with all that it has not been told; None where there is nothing."""
        digests = [letter for desk in self._desks() for letter in desk.digests(now)]
        for outbox in self._outboxes:
            for letter in digests:
                outbox.put(letter)
        return [_joined(outbox.take_all(), now) for outbox in self._outboxes]

    def _told(self, told: EventsTold, now: int) -> list[Effect | Deliver]:
        grid = self._grids.get(told.grid)
        if grid is None:
            return []
        grid.day.add_trades(told.trades)
        effects = [self._alert(told.grid, alert, now) for alert in grid.narrator.alerts(told)]
        return [effect for part in effects for effect in part]

    def _alert(self, name: str | None, alert: Alert, now: int) -> list[Effect | Deliver]:
        grid = None if name is None else self._grids.get(name)
        if grid is not None:
            grid.day.count(alert.kind)
        desk = self._desk(name)
        letter = desk.alert(evolve(alert, text=_clean(name, alert.text)), now)
        effects = [] if letter is None else self._send([letter], now)
        key = None if grid is None else name
        if desk.is_waiting and key not in self._awaited:
            self._awaited.add(key)
            effects.append(After(desk.digest_interval, DigestDue(key)))
        return effects

    def _summary(self, name: str, now: int) -> list[Effect | Deliver]:
        grid = self._grids.get(name)
        if grid is None or grid.day_ends is None:
            return []
        effects: list[Effect | Deliver] = []
        if now >= grid.day_ends:
            effects += self._alert(name, Alert(AlertKind.SUMMARY, grid.day.text(now)), now)
            grid.begin_day(now)
        return [*effects, *self._sleep(grid, now)]

    def _sleep(self, grid: _Grid, now: int) -> list[Effect]:
        if grid.day_ends is None or AlertKind.SUMMARY not in grid.topic.choice.kinds:
            return []
        return [After(min((grid.day_ends - now) / 1000, _LONGEST_SLEEP), SummaryDue(grid.topic.grid))]

    def _send(self, letters: list[Letter], now: int) -> list[Effect | Deliver]:
        for outbox in self._outboxes:
            for letter in letters:
                outbox.put(letter)
        return self._hand_out(now)

    def _hand_out(self, now: int) -> list[Effect | Deliver]:
        deliveries = [outbox.next(now) for outbox in self._outboxes]
        return [delivery for delivery in deliveries if delivery is not None]

    def _failed(self, failed: DeliveryFailed, now: int) -> list[Effect | Deliver]:
        outbox = self._outboxes[failed.service]
        delay = outbox.failed_to(failed.number, failed.reason, now, is_refused=failed.is_refused)
        return [] if delay is None else [After(delay, RedeliveryDue(failed.service))]

    def _desk(self, name: str | None) -> Desk:
        """Give the desk of a grid; that of the process for none, or one that is not known."""
        grid = None if name is None else self._grids.get(name)
        return self._process if grid is None else grid.desk

    def _desks(self) -> list[Desk]:
        return [self._process, *(grid.desk for grid in self._grids.values())]

    def _described(self, now: int) -> NotifierDescribed:
        return NotifierDescribed(
            services=len(self._outboxes),
            trouble=self.trouble(now),
            waiting=sum(outbox.waiting for outbox in self._outboxes),
            sent=sum(outbox.sent for outbox in self._outboxes),
            failed=sum(outbox.failed for outbox in self._outboxes),
        )


def _clean(grid: str | None, text: str) -> str:
    """Put the grid's name before a text that does not begin with it, and bound what comes out."""
    text = text.strip() or "(nothing was said)"
    if grid is not None and not text.startswith(grid):
        text = f"{grid}: {text}"
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text[:_LONGEST_TEXT])


def _joined(letters: list[Letter], now: int) -> Letter | None:
    """Make one letter of several, so that there is time for it."""
    if len(letters) < 2:
        return letters[0] if letters else None
    lines = [letter.text for letter in letters[:_MOST_LAST_WORDS]]
    if (rest := len(letters) - _MOST_LAST_WORDS) > 0:
        lines.append(f"and {rest} more messages")
    tone = worst([letter.tone for letter in letters])
    return Letter(_PROCESS, "\n".join(lines), tone, is_urgent=True, written_at=now)
