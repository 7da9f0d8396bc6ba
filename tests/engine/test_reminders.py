from __future__ import annotations

from engine.effects import After
from engine.gateway.reminders import Reminders
from engine.messages import RetryDue


def test_what_is_put_off_is_done_once_when_its_ticket_is_due() -> None:
    reminders, done = Reminders(), list[str]()
    first, timer = reminders.put_off(2.5, lambda: done.append("first"))
    second, _ = reminders.put_off(1.0, lambda: done.append("second"))
    assert timer == After(2.5, RetryDue(first))
    for ticket in (second, first, second, first):
        reminders.due(ticket)
    assert done == ["second", "first"]


def test_what_is_forgotten_is_not_done() -> None:
    reminders, done = Reminders(), list[str]()
    ticket, _ = reminders.put_off(1.0, lambda: done.append("never"))
    reminders.forget(ticket)
    reminders.forget(ticket)
    reminders.due(ticket)
    assert done == []
