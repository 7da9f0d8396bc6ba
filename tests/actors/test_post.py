"""Addresses, the count of what is in flight, questions, timers and dead letters; no actor needed."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pykka
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.mail import AskError, Entry, Question
from actors.post import OrphanError, Post
from engine.effects import Address, After, Reply, Send, Stop

HERE: Address[Any] = Address("SOL/USDT/level/7")
THERE: Address[Any] = Address("order_manager")
SOON = 5.0  # seconds that nothing here takes unless it is broken


class Inhabitant:
    """An incarnation whose inbox the test reads."""

    def __init__(self, post: Post, address: Address[Any], parent: Entry | None = None) -> None:
        self.inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.post = post
        self.entry = post.register(address, self.inbox.put, parent)
        post.perform(self.entry, [])  # it has started

    def take(self) -> Any:
        return self.inbox.get(timeout=SOON).message


@pytest.fixture(autouse=True)
def no_actor_left() -> Iterator[None]:
    yield
    assert pykka.ActorRegistry.get_all() == []


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as post:
        yield post


def test_message_reaches_who_lives_there(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(HERE, "hello")
    assert here.take() == "hello"
    assert there.inbox.empty()


def test_messages_of_one_sender_keep_their_order(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(THERE, "go")
    post.perform(there.entry, [Send(HERE, 1), Send(HERE, 2), Send(HERE, 3)])
    assert [here.take() for _ in range(3)] == [1, 2, 3]


def test_two_cannot_live_at_one_address(post: Post) -> None:
    Inhabitant(post, HERE)
    with pytest.raises(ValueError, match="somebody lives at SOL/USDT/level/7"):
        Inhabitant(post, HERE)


def test_generations_count_the_incarnations_of_an_address(post: Post) -> None:
    generations = []
    for _ in range(3):
        entry = Inhabitant(post, HERE).entry
        generations.append(entry.generation)
        post.retire(entry)
    assert generations == [1, 2, 3]
    assert Inhabitant(post, THERE).entry.generation == 1


def test_successor_gets_what_is_sent_to_the_address(post: Post) -> None:
    first = Inhabitant(post, HERE)
    post.retire(first.entry)
    second = Inhabitant(post, HERE)
    post.send(HERE, "hello")
    assert second.take() == "hello"
    assert first.inbox.empty()


def test_dead_letter_is_logged_once_and_counted_always(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    there = Inhabitant(post, THERE)
    with caplog.at_level(logging.WARNING):
        post.send(HERE, 1)
        post.send(HERE, 2)
        post.send(HERE, "another type")
        post.send(THERE, "go")
        post.perform(there.entry, [Send(HERE, 3)])
    assert post.dead_letters == {(HERE, "int"): 3, (HERE, "str"): 1}
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert post.in_flight == 0


def test_dead_letters_of_a_system_that_is_stopping_are_only_counted(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.miss_nobody()
    post.send(HERE, 1)
    assert post.dead_letters == {(HERE, "int"): 1}
    assert caplog.records == []


# --- in flight ---------------------------------------------------------------------------------------


def test_start_is_in_flight_until_its_effects_are_performed(post: Post) -> None:
    entry = post.register(HERE, lambda _: None)
    assert post.in_flight == 1
    post.perform(entry, [])
    assert post.in_flight == 0


def test_message_is_in_flight_until_its_effects_are_performed(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(HERE, "go")
    here.take()
    assert post.in_flight == 1
    post.perform(here.entry, [Send(THERE, 1), Send(THERE, 2)])
    assert post.in_flight == 2
    post.perform(there.entry, [])
    post.perform(there.entry, [])
    assert post.in_flight == 0


def test_wait_settled_returns_when_the_last_message_is_handled(post: Post) -> None:
    here = Inhabitant(post, HERE)
    post.send(HERE, "go")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(post.wait_settled, SOON)
        assert not waiting.done()
        post.perform(here.entry, [])
        waiting.result(SOON)


def test_wait_settled_gives_up_after_its_timeout(post: Post) -> None:
    Inhabitant(post, HERE)
    post.send(HERE, "go")
    with pytest.raises(TimeoutError, match="1 messages still in flight"):
        post.wait_settled(0.001)


def test_wait_settled_raises_what_the_post_failed_with(post: Post) -> None:
    Inhabitant(post, HERE)
    post.send(HERE, "go")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(post.wait_settled, SOON)
        post.fail(RuntimeError("the root gave up"))
        post.fail(RuntimeError("something that followed from it"))
        with pytest.raises(RuntimeError, match="the root gave up"):
            waiting.result(SOON)
    with pytest.raises(RuntimeError, match="the root gave up"):
        post.wait_settled()


def test_retired_incarnation_takes_what_it_had_in_flight_with_it(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    for _ in range(3):
        post.send(HERE, "go")
    post.send(THERE, "go")
    post.retire(here.entry)
    assert post.in_flight == 1
    post.perform(there.entry, [])
    post.wait_settled(SOON)


def test_nothing_that_a_retired_incarnation_does_counts(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(HERE, "go")
    post.retire(here.entry)
    heir = Inhabitant(post, HERE)
    post.perform(here.entry, [Send(THERE, "late"), Send(HERE, "late"), After(0.0, "late")])
    assert post.in_flight == 0
    assert post.retire(here.entry, Send(THERE, "late last words")) is False
    post.after(0.0, THERE, "the timer behind that one")
    assert there.take() == "the timer behind that one"
    assert there.inbox.empty()
    assert heir.inbox.empty()
    assert post.is_alive(HERE)


def test_last_words_are_in_flight_before_the_speaker_is_counted_down(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(HERE, "go")
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(post.wait_settled, SOON)
        assert post.retire(here.entry, Send(THERE, "I failed"))
        assert there.take() == "I failed"
        post.fail(RuntimeError("dealt with"))
        post.perform(there.entry, [])
        with pytest.raises(RuntimeError, match="dealt with"):
            waiting.result(SOON)


def test_stop_stays_in_flight_until_the_incarnation_is_retired(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(HERE, "go")
    assert post.perform(here.entry, [Send(THERE, "bye"), Stop("done")]) == Stop("done")
    assert post.in_flight == 2
    post.retire(here.entry)
    assert (post.in_flight, there.take()) == (1, "bye")


def test_what_is_no_effect_sends_nothing(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    post.send(HERE, "go")
    effects: list[Any] = [Send(THERE, "too early"), "no effect"]
    with pytest.raises(TypeError, match="not an effect: 'no effect'"):
        post.perform(here.entry, effects)
    assert there.inbox.empty()
    assert post.in_flight == 1


def test_abandoning_retires_all_below(post: Post) -> None:
    top = Inhabitant(post, Address("core"))
    middle = Inhabitant(post, Address("levels"), top.entry)
    Inhabitant(post, HERE, middle.entry)
    beside = Inhabitant(post, THERE)
    family: list[Address[Any]] = [Address("core"), Address("levels"), HERE]
    for address in (*family, THERE):
        post.send(address, "go")
    post.abandon(top.entry)
    assert post.in_flight == 1
    assert not any(map(post.is_alive, family))
    assert beside.take() == "go"


def test_incarnation_that_is_not_alive_gets_no_children(post: Post) -> None:
    top = Inhabitant(post, Address("core"))
    post.retire(top.entry)
    with pytest.raises(OrphanError, match="core, above SOL/USDT/level/7, is no longer alive"):
        Inhabitant(post, HERE, top.entry)


@given(
    st.lists(
        st.tuples(st.sampled_from(["send", "handle", "forward", "replace"]), st.integers(0, 2), st.integers(0, 2)),
        max_size=40,
    )
)
def test_in_flight_is_what_the_living_have_not_handled(steps: list[tuple[str, int, int]]) -> None:
    post = Post()
    addresses: list[Address[Any]] = [Address(name) for name in "abc"]
    living = [Inhabitant(post, address) for address in addresses]
    waiting = [0, 0, 0]
    for act, one, other in steps:
        if act == "send":
            post.send(addresses[one], "m")
            waiting[one] += 1
        elif act == "replace":
            post.retire(living[one].entry)
            living[one] = Inhabitant(post, addresses[one])
            waiting[one] = 0
        elif waiting[one]:
            post.perform(living[one].entry, [Send(addresses[other], "m")] if act == "forward" else [])
            waiting[one] -= 1
            waiting[other] += act == "forward"
        assert post.in_flight == sum(waiting)


# --- questions ---------------------------------------------------------------------------------------


def ask_in_thread(post: Post, threads: ThreadPoolExecutor, here: Inhabitant) -> tuple[Any, Question]:
    """Let another thread ask `here`; give its future and the question as it arrived."""
    asking = threads.submit(post.ask, HERE, "how much?", SOON)
    question = here.take()
    assert isinstance(question, Question)
    return asking, question


@pytest.mark.parametrize(("effects", "answer"), [([Reply(42)], 42), ([Reply(None)], None), ([], None)])
def test_question_is_answered_with_the_reply(post: Post, effects: list[Any], answer: object) -> None:
    here = Inhabitant(post, HERE)
    with ThreadPoolExecutor(1) as threads:
        asking, question = ask_in_thread(post, threads, here)
        assert post.in_flight == 1
        post.perform(here.entry, effects, question.asker)
        assert asking.result(SOON) == answer
    assert post.in_flight == 0


def test_question_to_nobody_fails_at_once(post: Post) -> None:
    with pytest.raises(AskError, match="nobody lives at SOL/USDT/level/7"):
        post.ask(HERE, "how much?", SOON)


def test_question_that_is_not_answered_in_time_fails(post: Post) -> None:
    Inhabitant(post, HERE)
    with pytest.raises(AskError, match=r"no answer from SOL/USDT/level/7 within 0.001 s"):
        post.ask(HERE, "how much?", 0.001)


def test_end_of_the_one_asked_fails_the_question_with_its_cause(post: Post) -> None:
    here = Inhabitant(post, HERE)
    with ThreadPoolExecutor(1) as threads:
        asking, _ = ask_in_thread(post, threads, here)
        cause = ZeroDivisionError("division by zero")
        post.retire(here.entry, cause=cause)
        error = asking.exception(SOON)
    assert isinstance(error, AskError)
    assert error.__cause__ is cause


def test_late_answer_of_a_retired_incarnation_is_ignored(post: Post) -> None:
    here = Inhabitant(post, HERE)
    with ThreadPoolExecutor(1) as threads:
        asking, question = ask_in_thread(post, threads, here)
        post.abandon(here.entry)
        post.perform(here.entry, [Reply("late")], question.asker)
        assert isinstance(asking.exception(SOON), AskError)


# --- timers ------------------------------------------------------------------------------------------


def test_timers_ring_in_the_order_of_their_times(post: Post) -> None:
    here = Inhabitant(post, HERE)
    post.after(0.02, HERE, "second")
    post.after(0.01, HERE, "first")
    assert [here.take(), here.take()] == ["first", "second"]


def test_timer_is_in_flight_only_when_it_is_due(post: Post) -> None:
    here = Inhabitant(post, HERE)
    post.after(3600.0, HERE, "in an hour")
    post.wait_settled(SOON)
    post.after(0.0, HERE, "now")
    assert here.take() == "now"
    assert post.in_flight == 1


def test_timer_for_an_address_reaches_the_successor(post: Post) -> None:
    post.retire(Inhabitant(post, HERE).entry)
    post.after(0.0, HERE, "hello")
    assert Inhabitant(post, HERE).take() == "hello"


def test_timer_that_an_incarnation_set_dies_with_it(post: Post) -> None:
    here = Inhabitant(post, HERE)
    post.send(HERE, "go")
    post.perform(here.entry, [After(0.005, "for myself")])
    post.retire(here.entry)
    heir = Inhabitant(post, HERE)
    post.after(0.01, HERE, "for anybody")
    assert heir.take() == "for anybody"
    assert heir.inbox.empty()
    assert post.in_flight == 1


def test_closing_drops_timers_and_ends_their_thread() -> None:
    post = Post()
    here = Inhabitant(post, HERE)
    post.after(3600.0, HERE, "in an hour")
    timers = next(thread for thread in threading.enumerate() if thread.name == "timers")
    post.close()
    assert not timers.is_alive()
    post.after(0.0, HERE, "after the end")
    assert here.inbox.empty()


def test_post_without_timers_has_no_thread() -> None:
    with Post() as post:
        post.send(Inhabitant(post, HERE).entry.address, "hello")
        assert "timers" not in {thread.name for thread in threading.enumerate()}


def test_asking_settled_waits_for_what_the_answer_set_off(post: Post) -> None:
    here, there = Inhabitant(post, HERE), Inhabitant(post, THERE)
    handled = threading.Event()

    def live() -> None:
        question: Question = here.take()
        post.perform(here.entry, [Send(THERE, "and you?"), Reply(42)], question.asker)
        there.take()
        handled.set()
        post.perform(there.entry, [])

    with ThreadPoolExecutor() as pool:
        life = pool.submit(live)
        assert post.ask_settled(HERE, "how much?", SOON) == 42
        assert handled.is_set()
        life.result(SOON)


def test_asking_settled_raises_what_the_system_failed_with(post: Post) -> None:
    here = Inhabitant(post, HERE)

    def fail() -> None:
        here.take()
        post.fail(RuntimeError("the root gave up"))

    with ThreadPoolExecutor() as pool:
        life = pool.submit(fail)
        with pytest.raises(RuntimeError, match="the root gave up"):
            post.ask_settled(HERE, "how much?", SOON)
        life.result(SOON)


def test_asking_settled_of_nobody_is_refused(post: Post) -> None:
    with pytest.raises(AskError, match="nobody lives at"):
        post.ask_settled(HERE, "how much?", SOON)
