"""What the notifier hears besides what people are to be told: how deliveries ended, timers, and questions."""

from __future__ import annotations

from engine.freezing import frozen
from engine.messages.alerting import CycleEarned, EventsTold, Notify


@frozen
class Delivered:
    """Report that a service has taken the letter called `number`."""

    service: int
    number: int


@frozen
class DeliveryFailed:
    """Report that a service has not taken a letter, and why, in words without a secret.

    `is_refused` when it will not take this letter, however often it is sent.
    """

    service: int
    number: int
    reason: str
    is_refused: bool = False


@frozen
class RedeliveryDue:
    """Remind the notifier that a service which failed may be tried again."""

    service: int


@frozen
class DigestDue:
    """Remind the notifier to tell of `grid` (None for the whole process) what it has only counted."""

    grid: str | None


@frozen
class SummaryDue:
    """Remind the notifier to look whether a day of `grid` is over."""

    grid: str


@frozen
class DescribeNotifier:
    """Ask the notifier for its `NotifierDescribed`."""


@frozen
class NotifierDescribed:
    """Answer `DescribeNotifier`.

    With no `services` nobody is told anything, and nothing waits. `trouble` names the first service that does not
    take what it is sent, None while all do. `waiting`, `sent` and `failed` count letters, in all services together:
    those not delivered yet, those delivered, and attempts that failed.
    """

    services: int
    trouble: str | None
    waiting: int
    sent: int
    failed: int


NotifierInbox = (
    Notify
    | EventsTold
    | CycleEarned
    | Delivered
    | DeliveryFailed
    | RedeliveryDue
    | DigestDue
    | SummaryDue
    | DescribeNotifier
)
