"""The metrics of the process: its actors and their mailboxes, its health, what it lost."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.core import Metric

from actors.control.metric_families import Sample, counter, gauge
from engine.messages.vitals import Check, HealthDescribed, Level, Mailbox

_ACTOR = ("actor",)
_CHECK = ("check", "grid")
_LEVELS = {Level.OK: 0.0, Level.WARNING: 1.0, Level.CRITICAL: 2.0, Level.UNKNOWN: 3.0}
_FEEDS = {"prices": "prices", "order_stream": "orders"}  # by the check that watches it
_ALIKE = ("/level/", "/caller/")  # actors of which a grid may have hundreds: one series for all of them


def actor_metrics(mailboxes: Sequence[Mailbox], restarts: Mapping[str, int] | None) -> Iterator[Metric]:
    """Give how the actors get on; the levels of a grid are one, and so are those who call its exchange.

    Without `restarts`, by address, those count that show in the mailboxes.
    """
    depths: defaultdict[str, float] = defaultdict(float)
    waits: defaultdict[str, float] = defaultdict(float)
    for mailbox in mailboxes:
        name = _shared(mailbox.address)
        depths[name] += mailbox.depth
        waits[name] = max(waits[name], mailbox.waited)
    if restarts is None:
        restarts = {mailbox.address: mailbox.generation - 1 for mailbox in mailboxes}
    counts: defaultdict[str, float] = defaultdict(float)
    for address, number in restarts.items():
        counts[_shared(address)] += number
    yield gauge("mailbox_depth", "Messages that wait or are being handled.", _ACTOR, _samples(depths))
    told = "How long the last knock at an actor's door waited for its answer; of several actors, the longest."
    yield gauge("mailbox_wait_seconds", told, _ACTOR, _samples(waits))
    yield counter("actor_restarts", "Restarts of actors.", _ACTOR, _samples(counts))


def health_metrics(health: HealthDescribed | None) -> Iterator[Metric]:
    """Give what the health monitor has found; no samples where it has not been heard."""
    checks = () if health is None else health.checks
    levels = "0 for well, 1 for a warning, 2 for critical, 3 for unknown."
    overall: list[Sample] = [] if health is None else [((), _LEVELS[health.level])]
    yield gauge("health", f"The worst of all checks: {levels}", (), overall)
    found = [(_check(check), _LEVELS[check.level]) for check in checks]
    yield gauge("health_check", f"One check, of a grid or of the process: {levels}", _CHECK, found)
    numbers = [((*_check(check), check.unit), check.number) for check in checks if check.number is not None]
    yield gauge("health_number", "What a check has measured, in its unit.", (*_CHECK, "unit"), numbers)
    yield gauge(
        "feed_age_seconds",
        "Prices: since the stream was heard last. Orders: for how long there has been trouble with their stream.",
        ("grid", "feed"),
        [
            ((check.grid or "", _FEEDS[check.name]), check.number or 0.0)
            for check in checks
            if check.name in _FEEDS and (check.number is not None or check.level is Level.OK)
        ],
    )


def loss_metrics(dead_letters: int, records_lost: int) -> Iterator[Metric]:
    """Give what went nowhere, and what only this process can count of itself."""
    yield counter("dead_letters", "Messages to actors that were not there.", (), [((), float(dead_letters))])
    told = "Log records that are not in the log's file, for want of disk or of time."
    yield counter("log_records_lost", told, (), [((), float(records_lost))])
    yield gauge("threads", "Threads of the process.", (), [((), float(threading.active_count()))])


def _check(check: Check) -> tuple[str, str]:
    return check.name, check.grid or ""


def _shared(address: str) -> str:
    for alike in _ALIKE:
        before, found, _ = address.partition(alike)
        if found:
            return before + alike.rstrip("/")
    return address


def _samples(numbers: Mapping[str, float]) -> list[Sample]:
    return [((name,), number) for name, number in numbers.items()]
