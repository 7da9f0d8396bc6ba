"""Knocks and questions that nobody waits for, on real threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pykka
import pytest
from attrs import define, field

from actors.base import Life, launch
from actors.mail import Letter
from actors.post import Post
from engine.effects import Address, Behaviour, Effect, Reply, Send, Stop
from engine.messages.questions import Answered
from engine.messages.vitals import Mailbox

HERE: Address[Any] = Address("SOL/USDT/level/7")
THERE: Address[Any] = Address("SOL/USDT/order_manager")
ASKER: Address[Any] = Address("health_monitor")
SOON = 5.0  # seconds that nothing here takes unless it is broken


@define(eq=False)
class Busy:
    """Answer with what it is asked; be busy with a "work" until it is let go."""

    entered: threading.Event = field(factory=threading.Event)
    released: threading.Event = field(factory=threading.Event)

    def handle(self, message: Any) -> list[Effect]:
        if message == "work":
            self.entered.set()
            assert self.released.wait(SOON)
        if message == "fail":
            raise ValueError("no")
        return [Stop("told to")] if message == "stop" else [Reply(message)]


@define(eq=False)
class House:
    """Real actors on one post, and somebody who hears the answers."""

    post: Post
    answers: queue.SimpleQueue[Letter] = field(factory=queue.SimpleQueue)
    lives: list[Life] = field(factory=list)

    def lodge(self, behaviour: Behaviour, address: Address[Any] = HERE, *, announces: bool = True) -> Life:
        life = Life(address, lambda _: behaviour, announces=announces)
        launch(life, self.post)
        self.lives.append(life)
        self.post.wait_settled(SOON)
        return life

    def hear(self) -> Answered:
        message = self.answers.get(timeout=SOON).message
        assert isinstance(message, Answered)
        return message

    def box(self, address: Address[Any] = HERE) -> Mailbox:
        box = self.post.mailbox(address)
        assert box is not None
        return box


@pytest.fixture
def house() -> Iterator[House]:
    with Post() as post:
        house = House(post)
        post.perform(post.register(ASKER, house.answers.put), [])
        yield house
        for life in house.lives:
            life.stop()
        assert all(life.join(SOON) for life in house.lives)
    assert pykka.ActorRegistry.get_all() == []


def until_answered(house: House, address: Address[Any] = HERE) -> None:
    """Wait until everything sent so far to an actor has been come to, knocks included."""
    assert house.post.ask(address, "through?", SOON) == "through?"


# --- knocks ------------------------------------------------------------------------------------------


def test_knock_is_answered_behind_what_waits(house: House) -> None:
    busy = Busy()
    house.lodge(busy)
    house.post.send(HERE, "work")
    assert busy.entered.wait(SOON)
    house.post.knock()
    first = house.box()
    assert (first.is_answered, first.depth) == (False, 1)
    later = house.box()
    assert later.waited >= first.waited > 0
    busy.released.set()
    until_answered(house)
    answered = house.box()
    assert (answered.is_answered, answered.depth) == (True, 0)
    assert answered.waited >= later.waited


def test_second_knock_does_not_make_the_first_one_younger(house: House) -> None:
    busy = Busy()
    house.lodge(busy)
    house.post.send(HERE, "work")
    assert busy.entered.wait(SOON)
    house.post.knock()
    before = house.box().waited
    house.post.knock()
    assert house.box().waited >= before
    busy.released.set()


def test_knocks_are_not_in_flight(house: House) -> None:
    busy = Busy()
    house.lodge(busy)
    house.post.send(HERE, "work")
    assert busy.entered.wait(SOON)
    house.post.knock()
    assert house.post.in_flight == 1
    busy.released.set()
    house.post.wait_settled(SOON)
    assert house.box().handled == 2  # its start and the work


def test_nobody_is_woken_who_has_nothing_to_do(house: House) -> None:
    house.lodge(Busy())
    house.post.knock()
    assert house.box() == Mailbox(HERE, 1, 0, 1, 0.0, is_answered=True, is_supervisor=False)


def test_supervisors_are_knocked_at_though_they_have_nothing_to_do(house: House) -> None:
    house.lodge(Busy(), announces=False)
    house.post.knock()
    until_answered(house)
    box = house.box()
    assert (box.is_supervisor, box.is_answered, box.waited > 0) == (True, True, True)


def test_wait_of_long_ago_is_forgotten_with_the_next_knock(house: House) -> None:
    house.lodge(Busy(), announces=False)
    house.lives[0].entry.is_supervisor = False
    house.lives[0].entry.waited = 60.0
    house.post.knock()
    assert house.box().waited == 0.0


def test_successor_does_not_inherit_a_knock(house: House) -> None:
    busy = Busy()
    life = house.lodge(busy)
    house.post.send(HERE, "work")
    assert busy.entered.wait(SOON)
    house.post.knock()
    life.abandon(house.post)
    house.lodge(Busy())
    box = house.box()
    assert (box.generation, box.is_answered, box.waited) == (2, True, 0.0)
    busy.released.set()


def test_those_who_only_read_their_mail_are_neither_knocked_at_nor_listed(house: House) -> None:
    house.lodge(Busy())
    house.post.send(ASKER, "a letter")
    house.post.knock()
    assert [box.address for box in house.post.mailboxes()] == [HERE]
    assert house.post.mailbox(ASKER) is None
    assert house.answers.get_nowait().message == "a letter"
    assert house.answers.empty()


def test_nobody_has_no_mailbox(house: House) -> None:
    assert house.post.mailbox(THERE) is None
    assert house.post.mailboxes() == ()


# --- questions ---------------------------------------------------------------------------------------


def test_answer_comes_as_a_message(house: House) -> None:
    house.lodge(Busy())
    house.post.inquire(HERE, "how are you?", ASKER)
    assert house.hear() == Answered(HERE, "how are you?")


def test_question_to_nobody_is_answered_with_nothing(house: House) -> None:
    house.post.inquire(HERE, "how are you?", ASKER)
    assert house.hear() == Answered(HERE, None)


@pytest.mark.parametrize("message", ["fail", "stop"])
def test_end_of_the_one_asked_is_answered_with_nothing(house: House, message: str) -> None:
    house.lodge(Busy())
    house.post.inquire(HERE, message, ASKER)
    assert house.hear() == Answered(HERE, None)


def test_asking_somebody_who_hangs_holds_nobody_up(house: House) -> None:
    busy = Busy()
    life = house.lodge(busy)
    house.post.send(HERE, "work")
    assert busy.entered.wait(SOON)
    house.post.inquire(HERE, "how are you?", ASKER)
    assert house.answers.empty()
    life.abandon(house.post)
    assert house.hear() == Answered(HERE, None)
    busy.released.set()
    assert life.join(SOON)
    assert house.answers.empty()


def test_each_question_is_answered_once_and_forgotten(house: House) -> None:
    life = house.lodge(Busy())
    for number in range(3):
        house.post.inquire(HERE, number, ASKER)
    assert [house.hear().value for _ in range(3)] == [0, 1, 2]
    assert life.entry.askers == set()
    life.stop()
    assert life.join(SOON)
    assert house.answers.empty()


def test_several_questions_are_answered_with_nothing_when_the_one_asked_ends(house: House) -> None:
    busy = Busy()
    life = house.lodge(busy)
    house.post.send(HERE, "work")
    assert busy.entered.wait(SOON)
    for number in range(3):
        house.post.inquire(HERE, number, ASKER)
    life.abandon(house.post)
    assert [house.hear() for _ in range(3)] == [Answered(HERE, None)] * 3
    busy.released.set()


def test_answer_to_nobody_is_dropped(house: House) -> None:
    house.lodge(Busy())
    house.post.inquire(HERE, "how are you?", THERE)
    until_answered(house)
    assert house.post.in_flight == 0


def test_answer_is_in_flight_until_it_is_handled(house: House) -> None:
    heard: list[Any] = []

    @define(eq=False)
    class Ear:
        tell: Callable[[Any], None]

        def handle(self, message: Any) -> list[Effect]:
            self.tell(message)
            return [Send(ASKER, message)]

    house.lodge(Busy())
    house.lodge(Ear(heard.append), THERE)
    house.post.inquire(HERE, "how are you?", THERE)
    assert house.hear() == Answered(HERE, "how are you?")
    assert heard == [Answered(HERE, "how are you?")]
