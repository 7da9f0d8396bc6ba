"""Children that hang on real threads are left behind, and nothing that they do later counts."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import pykka
import pytest

from actors.base import EscalationError, Life
from actors.supervisor import PingDue, PongsDue, Supervisor
from actors.system import EndReason
from engine.effects import Send
from engine.supervision import Restart, Strategy, SupervisorSpec
from tests.actors.house import DESK, NEVER, SOON, Doer, House, address, boom


@pytest.fixture
def house() -> Iterator[House]:
    with House() as house:
        yield house


@pytest.fixture(autouse=True)
def no_actor_left() -> Iterator[None]:
    yield  # set up before the house, and so looked at after it is gone
    assert pykka.ActorRegistry.get_all() == []


def test_child_that_does_not_answer_a_ping_is_replaced_and_ignored(house: House) -> None:
    house.run(house.child("a"), house.child("b"), ping_interval=0.005, ping_timeout=0.02)
    house.diary.expect("start a", "start b")
    house.tell("a", house.hang("late"))
    house.tell("a", lambda: [Send(DESK, "behind")])
    house.diary.expect("hangs", "start a")
    assert house.speaks("a") == "a speaks"
    house.let_go()
    house.diary.expect("close a")  # its own things are its own to let go of
    assert house.speaks("a") == "a speaks"
    assert house.desk.empty()


def test_abandoned_child_leaves_nothing_in_flight(house: House) -> None:
    house.run(house.child("a", Restart.TEMPORARY), ping_interval=0.005, ping_timeout=0.02)
    for act in (house.hang("late"), boom, boom):
        house.tell("a", act)
    house.diary.expect("start a", "hangs")
    house.post.wait_settled(SOON)
    house.let_go()
    assert house.post.in_flight == 0
    assert house.desk.empty()


def test_child_that_works_off_a_queue_is_not_taken_for_hanging(house: House) -> None:
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    root = Life(address("root"), lambda _: Doer("root", house.diary))
    root.entry = house.post.register(root.address, inbox.put)
    spec = SupervisorSpec(root.address, Strategy.ONE_FOR_ONE, (house.child("a"),), NEVER, ping_interval=5.0)
    supervisor = Supervisor(spec, house.post, root)
    supervisor.start()
    supervisor.handle(inbox.get(timeout=SOON).message)
    first, second = house.hang(), house.hang()
    house.tell("a", first)
    house.tell("a", second)
    house.diary.expect("start a", "hangs")
    supervisor.handle(PingDue())  # behind the second message
    house.releases[0].set()
    house.diary.expect("hangs")
    supervisor.handle(PongsDue())
    assert house.post.is_alive(address("a"))
    supervisor.handle(PingDue())
    with pytest.raises(EscalationError, match="a failed"):
        supervisor.handle(PongsDue())  # no progress since the last ping
    assert not house.post.is_alive(address("a"))


def test_child_that_does_not_stop_in_time_is_left_behind(house: House) -> None:
    system = house.run(house.child("a"), house.child("b", shutdown_timeout=0.01), house.child("c"))
    house.diary.expect("start a", "start b", "start c")
    house.tell("b", house.hang("late"))
    house.diary.expect("hangs")
    assert system.stop(SOON) == EndReason(None)
    house.diary.expect("close c", "close a")
    house.let_go()
    assert house.desk.empty()
    assert house.post.in_flight == 0


def test_supervisor_that_does_not_stop_in_time_is_left_behind_with_all_below_it(house: House) -> None:
    inner = SupervisorSpec(
        address("inner"), Strategy.ONE_FOR_ONE, (house.child("b"), house.child("c")), shutdown_timeout=0.01
    )
    system = house.run(house.child("a"), inner)
    house.diary.expect("start a", "start b", "start c")
    house.tell("c", house.hang("late"))
    house.diary.expect("hangs")
    assert system.stop(SOON) == EndReason(None)
    house.diary.expect("close a")
    assert not house.post.is_alive(address("b"))
    house.let_go()
    house.diary.expect("close c", "close b")


def test_system_that_does_not_stop_in_time_is_left_behind(house: House) -> None:
    system = house.run(house.child("a"))
    house.diary.expect("start a")
    house.tell("a", house.hang("late"))
    house.diary.expect("hangs")
    assert system.stop(0.01) == EndReason("root did not stop within 0.01 s")
    assert not house.post.is_alive(address("a"))
    house.let_go()
    house.diary.expect("close a")
    assert system.wait(SOON) == EndReason(None)
