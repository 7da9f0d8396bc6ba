"""Errors that are logged become alerts: once, in one line, and never in a circle."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actors.alerting.error_alerts import AlertingHandler
from actors.alerting.sender import Sender
from actors.mail import Letter
from actors.post import Post
from engine.addresses import NOTIFIER
from engine.messages.alerting import AlertKind, Notify
from engine.messages.notifying import Delivered
from engine.notifying.letters import Letter as Written
from engine.notifying.letters import Tone
from engine.notifying.outbox import Deliver

Told = Callable[[], list[str]]


@pytest.fixture
def told() -> Iterator[Told]:
    """Let the handler hear everything that is logged; give what the notifier's mailbox has got since."""
    mailbox: queue.SimpleQueue[Letter] = queue.SimpleQueue()
    with Post() as post:
        post.register(NOTIFIER, mailbox.put)
        handler = AlertingHandler(post)
        logging.getLogger().addHandler(handler)

        def texts() -> list[str]:
            messages: list[Any] = []
            while not mailbox.empty():
                messages.append(mailbox.get().message)
            assert all(isinstance(one, Notify) and (one.kind, one.grid) == (AlertKind.ERROR, None) for one in messages)
            return [message.text for message in messages]

        yield texts
        logging.getLogger().removeHandler(handler)


def test_errors_are_told_and_warnings_are_not(told: Told) -> None:
    log = logging.getLogger("actors.anything")
    log.warning("a warning")
    log.error("an %s", "error")
    log.critical("worse\nwith details")

    assert told() == ["an error", "worse"]


def test_error_with_a_traceback_is_told_by_its_last_line_or_its_type(told: Told) -> None:
    log = logging.getLogger("actors.base")
    trace = "Traceback (most recent call last):\n  File x\n    y\nValueError: no such level\n"
    log.error("%s failed: %s", "SOL/USDT/order_manager", trace)
    try:
        int("no number")
    except ValueError:
        log.exception("cannot close")
    log.error("")

    assert told() == [
        "SOL/USDT/order_manager failed: ValueError: no such level",
        "cannot close: ValueError",
        "an error without a word",
    ]


@pytest.mark.parametrize(
    "name", ["apprise", "urllib3.connectionpool", "actors.notifier", "actors.alerting.sender", "requests"]
)
def test_what_sending_itself_logs_is_not_told(told: Told, name: str) -> None:
    logging.getLogger(name).error("cannot send")

    assert told() == []


def test_what_is_logged_by_any_library_in_a_sending_thread_is_not_told(told: Told) -> None:
    outcomes: queue.SimpleQueue[object] = queue.SimpleQueue()

    class Noisy:
        name = "noisy://…"

        def deliver(self, letter: Written) -> None:
            logging.getLogger("some.library").error("cannot send %s", letter.text)

    sender = Sender(0, Noisy(), outcomes.put)
    sender.start()
    sender.send(Deliver(0, 1, Written("a", "b", Tone.PLAIN, is_urgent=False, written_at=0)))
    assert outcomes.get(timeout=5) == Delivered(0, 1)
    sender.finish(None)
    sender.join(5)

    assert not sender.is_alive()
    assert told() == []


def test_what_the_notifier_logs_in_its_own_thread_is_not_told(told: Told) -> None:
    thread = threading.Thread(target=lambda: logging.getLogger("actors.base").error("it failed"), name=NOTIFIER)
    thread.start()
    thread.join(5)

    assert told() == []


def test_a_storm_of_errors_is_bounded_and_its_rest_told_with_the_next(told: Told) -> None:
    log = logging.getLogger("actors.anything")
    for number in range(50):
        log.error("error %d", number)
    assert told() == [f"error {number}" for number in range(20)]
    later = log.makeRecord(log.name, logging.ERROR, "x.py", 1, "again", (), None)
    later.created += 61

    log.handle(later)
    assert told() == ["again (and 30 more errors before it)"]


def test_clock_that_is_set_back_does_not_silence_it(told: Told) -> None:
    log = logging.getLogger("actors.anything")
    for _ in range(20):
        log.error("now")
    earlier = log.makeRecord(log.name, logging.ERROR, "x.py", 1, "earlier", (), None)
    earlier.created -= 3_600

    log.handle(earlier)
    assert told()[-1] == "earlier"


def test_line_is_bounded(told: Told) -> None:
    logging.getLogger("actors.anything").error("x" * 10_000)

    assert told() == ["x" * 400]
