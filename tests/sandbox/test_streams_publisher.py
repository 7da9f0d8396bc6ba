"""The thread that publishes."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from actors.sandbox.publisher import Publisher
from actors.sandbox.quirky_connection import RateGate

PATIENCE = 5.0  # seconds


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    running = Publisher("publisher")
    running.start()
    try:
        yield running
    finally:
        running.close()


def test_actions_run_in_order_and_later_ones_when_they_are_due(publisher: Publisher) -> None:
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    publisher.later(0.1, partial(done.put, "later"))
    publisher.later(0.05, partial(done.put, "sooner"))
    publisher.do(partial(done.put, "first"))
    publisher.do(partial(done.put, "second"))
    assert [done.get(timeout=PATIENCE) for _ in range(4)] == ["first", "second", "sooner", "later"]


def test_what_is_due_at_one_time_runs_in_the_order_asked(publisher: Publisher) -> None:
    done: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(20):
        publisher.later(0.05, partial(done.put, number))
    assert [done.get(timeout=PATIENCE) for _ in range(20)] == list(range(20))


def test_a_failing_action_stops_nothing(publisher: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    done = threading.Event()
    with caplog.at_level(logging.ERROR):
        publisher.do(lambda: 1 / 0)  # type: ignore[arg-type]  # it never returns
        publisher.do(done.set)
        assert done.wait(PATIENCE)
    assert "ZeroDivisionError" in caplog.text


def test_a_repeated_action_outlives_its_failures_and_a_flood(publisher: Publisher) -> None:
    runs = threading.Semaphore(0)
    stop = threading.Event()

    def flood() -> None:
        if not stop.is_set():
            publisher.do(flood)

    def run() -> None:
        runs.release()
        raise RuntimeError

    publisher.do(flood)
    publisher.every(0.01, run)
    try:
        for _ in range(5):
            assert runs.acquire(timeout=PATIENCE)
    finally:
        stop.set()


def test_closing_drops_what_is_left() -> None:
    publisher = Publisher("publisher")
    publisher.start()
    publisher.later(60, partial(pytest.fail, "too late"))
    publisher.close()
    assert "publisher" not in {thread.name for thread in threading.enumerate()}


def test_a_gate_lets_so_many_pass_within_a_second() -> None:
    gate = RateGate(3)
    assert [gate.passes() for _ in range(5)] == [True, True, True, False, False]
