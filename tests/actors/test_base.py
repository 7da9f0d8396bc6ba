"""The shell on a real thread: effects, failures, questions, pings, ends."""

from __future__ import annotations

import logging
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest
from attrs import define, field

from actors.base import ChildEnded, ChildFailed, ChildStarted, EscalationError, Life, Ping, launch
from actors.mail import AskError, Entry
from actors.post import Post
from engine.effects import Address, After, Behaviour, Effect, Reply, Send, Stop

Act = Callable[[], list[Effect]]
HERE: Address[Any] = Address("SOL/USDT/level/7")
ABOVE: Address[Any] = Address("SOL/USDT/levels")
DESK: Address[Any] = Address("desk")
SOON = 5.0  # seconds that nothing here takes unless it is broken


class Doer:
    """Do what each message says; let the hooks be given."""

    def __init__(self, start: Act | None = None, close: Callable[[], None] | None = None) -> None:
        if start is not None:
            self.start = start
        if close is not None:
            self.close = close

    def handle(self, act: Act, /) -> list[Effect]:
        return act()


@define
class Nest:
    """Launch actors as a supervisor would, and read what they report and what they send."""

    post: Post = field(factory=Post)
    reports: queue.SimpleQueue[Any] = field(factory=queue.SimpleQueue)
    desk: queue.SimpleQueue[Any] = field(factory=queue.SimpleQueue)
    readers: dict[Address[Any], Entry] = field(factory=dict)
    lives: list[Life] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        for address, inbox in ((ABOVE, self.reports), (DESK, self.desk)):
            self.readers[address] = self.post.register(address, inbox.put)
            self.post.perform(self.readers[address], [])

    def launch(self, build: Callable[[], Behaviour] = Doer, address: Address[Any] = HERE) -> Life:
        life = Life(address, lambda _: build(), reports_to=ABOVE)
        launch(life, self.post)
        self.lives.append(life)
        return life

    def started(self, build: Callable[[], Behaviour] = Doer, address: Address[Any] = HERE) -> Life:
        life = self.launch(build, address)
        assert self.report() == ChildStarted(address, life.generation)
        return life

    def report(self) -> Any:
        return self._take(ABOVE, self.reports)

    def read(self) -> Any:
        return self._take(DESK, self.desk)

    def _take(self, address: Address[Any], inbox: queue.SimpleQueue[Any]) -> Any:
        message = inbox.get(timeout=SOON).message
        self.post.perform(self.readers[address], [])
        return message


@pytest.fixture
def nest() -> Iterator[Nest]:
    nest = Nest()
    yield nest
    for life in nest.lives:
        life.stop()
        assert life.join(SOON)
    nest.post.close()


@pytest.fixture(autouse=True)
def no_actor_left(nest: Nest) -> Iterator[None]:
    yield
    for life in nest.lives:
        life.stop()
        assert life.join(SOON)
    assert pykka.ActorRegistry.get_all() == []


def say(word: object) -> Act:
    return lambda: [Send(DESK, word)]


def boom() -> list[Effect]:
    raise ZeroDivisionError("boom")


def test_behaviour_is_built_in_the_thread_that_handles_its_messages(nest: Nest) -> None:
    threads: list[threading.Thread] = []

    def build() -> Behaviour:
        threads.append(threading.current_thread())
        return Doer()

    life = nest.started(build)
    nest.post.send(HERE, lambda: [Send(DESK, threading.current_thread())])
    assert nest.read() is threads[0] is life.thread
    assert life.thread.name == HERE
    assert life.thread.daemon


def test_effects_of_start_come_before_any_message(nest: Nest) -> None:
    go = threading.Event()

    def start() -> list[Effect]:
        go.wait(SOON)
        return [Send(DESK, "started")]

    nest.launch(lambda: Doer(start))
    nest.post.send(HERE, say("handled"))
    go.set()
    assert [nest.read(), nest.read()] == ["started", "handled"]


def test_sends_reach_their_addresses_and_timers_come_back(nest: Nest) -> None:
    nest.started()
    nest.post.send(HERE, lambda: [Send(DESK, "now"), After(0.0, say("later"))])
    assert [nest.read(), nest.read()] == ["now", "later"]


def test_settled_means_handled_and_performed(nest: Nest) -> None:
    nest.started()
    for _ in range(100):
        nest.post.send(HERE, lambda: [Send(HERE, list)])
    nest.post.wait_settled(SOON)
    assert nest.post.in_flight == 0


# --- failures ----------------------------------------------------------------------------------------


def test_handler_that_raises_performs_nothing_and_is_reported(nest: Nest, caplog: pytest.LogCaptureFixture) -> None:
    def fail_late() -> list[Effect]:
        nest.post.send(DESK, "said before")
        return boom()

    life = nest.started()
    nest.post.send(HERE, fail_late)
    nest.post.send(HERE, say("never said"))
    report = nest.report()
    assert isinstance(report, ChildFailed)
    assert (report.address, report.generation, report.error) == (HERE, 1, "ZeroDivisionError: boom")
    assert "in fail_late" in report.trace
    assert life.join(SOON)
    assert nest.read() == "said before"
    assert nest.desk.empty()
    assert not nest.post.is_alive(HERE)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_what_is_no_effect_fails_the_actor(nest: Nest) -> None:
    nest.started()
    wrong: list[Any] = [Send(DESK, "never said"), "no effect"]
    nest.post.send(HERE, lambda: wrong)
    assert nest.report().error == "TypeError: not an effect: 'no effect'"
    assert nest.desk.empty()


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_error_that_would_end_all_ends_only_its_actor(nest: Nest, error: BaseException) -> None:
    def leave() -> list[Effect]:
        raise error

    nest.started()
    nest.started(address=Address("neighbour"))
    nest.post.send(HERE, leave)
    assert isinstance(nest.report(), ChildFailed)
    nest.post.send(Address("neighbour"), say("still here"))
    assert nest.read() == "still here"


@pytest.mark.parametrize("error", [ValueError("no such file"), SystemExit(3)])
@pytest.mark.parametrize("where", ["factory", "start"])
def test_failure_at_start_is_reported_in_its_place(nest: Nest, where: str, error: BaseException) -> None:
    def fail() -> Any:
        raise error

    life = nest.launch(fail if where == "factory" else lambda: Doer(start=fail))
    assert isinstance(nest.report(), ChildFailed)
    assert life.join(SOON)
    assert nest.reports.empty()  # it never claimed to be up
    assert life.failure is not None


def test_messages_left_in_a_crashed_inbox_do_not_keep_the_post_unsettled(nest: Nest) -> None:
    go = threading.Event()

    def fail_when_told() -> list[Effect]:
        go.wait(SOON)
        return boom()

    def hear() -> list[Effect]:
        heard.append("something")
        return []

    heard: list[str] = []
    life = nest.started()
    for act in (fail_when_told, hear, hear):
        nest.post.send(HERE, act)
    go.set()
    assert isinstance(nest.report(), ChildFailed)
    assert nest.post.in_flight == 0
    assert life.join(SOON)
    assert heard == []


def test_escalation_is_reported_without_a_traceback(nest: Nest) -> None:
    def give_up() -> list[Effect]:
        raise EscalationError("level/7 failed (4 within 60 s)")

    nest.started()
    nest.post.send(HERE, give_up)
    report = nest.report()
    assert report.error == report.trace == "level/7 failed (4 within 60 s)"


def test_failure_with_nobody_above_is_told_before_anything_is_counted_down(nest: Nest) -> None:
    def fail_post(reason: str) -> None:
        in_flight.append(nest.post.in_flight)
        nest.post.fail(RuntimeError(reason))

    in_flight: list[int] = []
    ends: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    life = Life(HERE, lambda _: Doer(), on_failure=fail_post, on_end=ends.put)
    launch(life, nest.post)
    nest.lives.append(life)
    nest.post.send(HERE, boom)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: boom"):
        nest.post.wait_settled(SOON)
    assert ends.get(timeout=SOON) == "ZeroDivisionError: boom"
    assert in_flight == [1]


# --- questions ---------------------------------------------------------------------------------------


def test_question_gets_the_reply(nest: Nest) -> None:
    nest.started()
    assert nest.post.ask(HERE, lambda: [Send(DESK, "asked"), Reply(42)], SOON) == 42
    assert nest.read() == "asked"


def test_reply_to_nobody_is_dropped(nest: Nest) -> None:
    nest.started()
    nest.post.send(HERE, lambda: [Reply(42), Send(DESK, "told")])
    assert nest.read() == "told"


def test_question_to_a_handler_that_raises_gets_the_error_and_fails_the_actor(nest: Nest) -> None:
    life = nest.started()
    with pytest.raises(AskError) as caught:
        nest.post.ask(HERE, boom, SOON)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert isinstance(nest.report(), ChildFailed)
    assert life.join(SOON)


def test_question_to_an_actor_that_leaves_the_process_does_not_take_the_asker_along(nest: Nest) -> None:
    nest.started()
    with pytest.raises(AskError):
        nest.post.ask(HERE, sys.exit, SOON)
    assert isinstance(nest.report(), ChildFailed)


def test_question_behind_a_crash_is_answered_at_once(nest: Nest) -> None:
    go = threading.Event()

    def fail_when_told() -> list[Effect]:
        go.wait(SOON)
        return boom()

    def put(letter: Any) -> None:
        life.entry.put = inbox_put
        inbox_put(letter)
        go.set()

    life = nest.started()
    nest.post.send(HERE, fail_when_told)
    inbox_put = life.entry.put
    life.entry.put = put  # the question goes in, and only then the crash happens
    with pytest.raises(AskError, match=r"ended without an answer: ZeroDivisionError\('boom'\)"):
        nest.post.ask(HERE, lambda: [Reply(42)], 60.0)
    nest.report()


# --- ends --------------------------------------------------------------------------------------------


def test_stop_effect_ends_the_actor_normally(nest: Nest) -> None:
    life = nest.started()
    nest.post.send(HERE, lambda: [Stop("path ended"), Send(DESK, "last")])
    assert nest.report() == ChildEnded(HERE, 1, "path ended")
    assert nest.read() == "last"
    assert life.join(SOON)
    assert life.failure is None


def test_stop_effect_of_start_is_reported_behind_the_start(nest: Nest) -> None:
    nest.launch(lambda: Doer(start=lambda: [Stop("nothing to do")]))
    assert [type(nest.report()), type(nest.report())] == [ChildStarted, ChildEnded]


def test_orderly_stop_handles_what_is_queued_then_closes(nest: Nest) -> None:
    life = nest.started(lambda: Doer(close=lambda: nest.post.send(DESK, threading.current_thread())))
    for word in range(3):
        nest.post.send(HERE, say(word))
    life.stop()
    assert life.join(SOON)
    assert [nest.read() for _ in range(4)] == [0, 1, 2, life.thread]
    assert nest.reports.empty()


def test_crashed_behaviour_is_closed_too(nest: Nest) -> None:
    closed = threading.Event()
    nest.started(lambda: Doer(close=closed.set))
    nest.post.send(HERE, boom)
    assert closed.wait(SOON)


@pytest.mark.parametrize("error", [OSError("disk full"), SystemExit(3)])
def test_failure_to_close_is_logged_and_ends_only_its_actor(
    nest: Nest, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    def fail() -> None:
        raise error

    nest.started(address=Address("neighbour"))
    life = nest.started(lambda: Doer(close=fail))
    life.stop()
    assert life.join(SOON)
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.ERROR, f"{HERE} failed to close")
    ]
    assert nest.post.is_alive(Address("neighbour"))


def test_ping_is_answered_without_the_behaviour(nest: Nest) -> None:
    life = nest.started()
    life.ponged = False
    nest.post.put_control(life.entry, Ping())
    nest.post.send(HERE, say("behind the ping"))
    assert nest.read() == "behind the ping"
    assert life.ponged


def test_abandoned_actor_does_nothing_that_counts_and_leaves_when_it_can(nest: Nest) -> None:
    hung, go = threading.Event(), threading.Event()

    def hang() -> list[Effect]:
        hung.set()
        go.wait(SOON)
        return [Send(DESK, "late"), After(0.0, say("later"))]

    old = nest.started()
    nest.post.send(HERE, hang)
    nest.post.send(HERE, say("behind"))
    assert hung.wait(SOON)
    assert not old.join(0.001)
    old.abandon(nest.post)
    assert nest.post.in_flight == 0
    assert pykka.ActorRegistry.get_all() == []
    new = nest.started()
    assert new.generation == 2
    go.set()
    assert old.join(SOON)
    nest.post.send(HERE, say("the successor speaks"))
    assert nest.read() == "the successor speaks"
    nest.post.wait_settled(SOON)
    assert nest.desk.empty()


def test_no_thread_to_be_had_leaves_nothing_behind(nest: Nest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    life = Life(HERE, lambda _: Doer(), reports_to=ABOVE)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            launch(life, nest.post)
    assert not nest.post.is_alive(HERE)
    assert nest.post.in_flight == 0
