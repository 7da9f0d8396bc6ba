"""Supervision on real threads: starts, restarts, failures at start, giving up."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from functools import partial

import pykka
import pytest

from actors.base import ChildEnded, ChildFailed, ChildStarted
from actors.mail import Letter
from actors.system import EndReason, System, SystemFailedError
from engine.addresses import HEALTH_MONITOR
from engine.effects import Effect, Send, Stop
from engine.messages.steering import RestartAll
from engine.supervision import ChildSpec, Intensity, Restart, Strategy, SupervisorSpec
from tests.actors.house import DESK, NEVER, SOON, Doer, House, address, boom, in_turn


@pytest.fixture
def house() -> Iterator[House]:
    with House() as house:
        yield house


@pytest.fixture(autouse=True)
def no_actor_left() -> Iterator[None]:
    yield  # set up before the house, and so looked at after it is gone
    assert pykka.ActorRegistry.get_all() == []


# --- start and stop ----------------------------------------------------------------------------------


def test_children_start_in_order_and_stop_in_reverse(house: House) -> None:
    inner = SupervisorSpec(address("inner"), Strategy.ONE_FOR_ONE, (house.child("b"), house.child("c")))
    system = house.run(house.child("a"), inner, house.child("d"))
    house.diary.expect("start a", "start b", "start c", "start d")
    assert house.diary.is_read  # the system is up: nobody starts later
    assert system.stop(SOON) == EndReason(None)
    house.diary.expect("close d", "close c", "close b", "close a")
    assert not system.failed
    assert system.wait(SOON) == EndReason(None)


def test_next_child_starts_when_the_one_before_has_performed_its_start(house: House) -> None:
    house.run(
        house.child("a", on_start=lambda: [Send(DESK, "a is up")]),
        house.child("b", on_start=lambda: [Send(address("a"), lambda: [Send(DESK, "a heard b")])]),
    )
    assert [house.read(), house.read()] == ["a is up", "a heard b"]


def test_orderly_stop_handles_what_is_queued(house: House) -> None:
    system = house.run(house.child("a"))
    for word in "xyz":
        house.tell("a", partial(list, [Send(DESK, word)]))
    system.stop(SOON)
    assert [house.read() for _ in range(3)] == ["x", "y", "z"]


def test_waiting_for_a_running_system_times_out(house: House) -> None:
    system = house.run(house.child("a"))
    with pytest.raises(TimeoutError, match="root still runs"):
        system.wait(0.001)


# --- restart -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "closed", "started"),
    [
        (Strategy.ONE_FOR_ONE, "b", "b"),
        (Strategy.REST_FOR_ONE, "bc", "bc"),
        (Strategy.ONE_FOR_ALL, "bca", "abc"),
    ],
)
def test_crash_restarts_who_falls_with_it(house: House, strategy: Strategy, closed: str, started: str) -> None:
    house.run(*map(house.child, "abc"), strategy=strategy)
    house.diary.expect("start a", "start b", "start c")
    house.tell("b", boom)
    house.diary.expect(*(f"close {name}" for name in closed), *(f"start {name}" for name in started))
    assert house.speaks("c") == "c speaks"
    assert house.diary.is_read


def test_children_that_are_to_begin_again_do_so_in_order_and_nobody_has_failed(house: House) -> None:
    system = house.run(*map(house.child, "abc"), intensity=Intensity(max_restarts=0))
    house.diary.expect("start a", "start b", "start c")
    for _ in range(3):
        house.post.send(address("root"), RestartAll("asked to"))
        house.diary.expect("close c", "close b", "close a", "start a", "start b", "start c")
    assert house.speaks("b") == "b speaks"
    assert not system.failed


def test_a_restart_is_told_to_whoever_looks_after_the_whole(house: House) -> None:
    heard: queue.SimpleQueue[Letter] = queue.SimpleQueue()
    house.post.perform(house.post.register(HEALTH_MONITOR, heard.put), [])
    house.run(*map(house.child, "ab"), strategy=Strategy.ONE_FOR_ALL)
    house.tell("a", boom)
    told = heard.get(timeout=SOON).message
    assert (told.address, told.others, told.supervisor) == ("a", ("b",), "root")
    assert "boom" in told.why


def test_restart_is_invisible_to_senders(house: House) -> None:
    system = house.run(house.child("a"))
    for _ in range(3):
        house.diary.expect("start a")
        assert house.speaks("a") == "a speaks"
        house.tell("a", boom)
        house.diary.expect("close a")
    house.diary.expect("start a")
    assert house.speaks("a") == "a speaks"
    assert not system.failed


def test_old_thread_has_ended_before_the_successor_starts(house: House) -> None:
    succeeded = threading.Event()

    def succeed() -> list[Effect]:
        succeeded.set()
        return []

    def on_close() -> None:
        house.post.send(DESK, succeeded.wait(0.03))

    house.run(house.child("a", on_start=in_turn(list, succeed), on_close=on_close))
    house.tell("a", boom)
    assert house.read() is False
    assert succeeded.wait(SOON)


def test_failure_that_an_older_incarnation_reports_is_ignored(house: House) -> None:
    system = house.run(house.child("a"), intensity=Intensity(max_restarts=1, first_delay=0.001))
    house.tell("a", boom)
    house.diary.expect("start a", "close a", "start a")
    for report in (ChildFailed(address("a"), 1, "late", "late"), ChildEnded(address("a"), 1, "late")):
        house.post.send(address("root"), report)
    house.post.send(address("root"), ChildStarted(address("a"), 1))
    house.post.wait_settled(SOON)
    assert house.speaks("a") == "a speaks"
    assert not system.failed
    assert house.diary.is_read


def test_messages_during_the_backoff_are_dead_letters_and_settled(house: House) -> None:
    system = house.run(house.child("a"), house.child("b"), intensity=Intensity(first_delay=5.0))
    house.tell("a", boom)
    house.post.wait_settled(SOON)
    house.tell("a", boom)
    house.post.wait_settled(SOON)
    assert list(house.post.dead_letters) == [("a", "function")]
    assert house.speaks("b") == "b speaks"
    house.diary.expect("start a", "start b", "close a")
    assert system.stop(SOON) == EndReason(None)
    house.diary.expect("close b")


@pytest.mark.parametrize(
    ("restart", "end", "comes_back"),
    [
        (Restart.PERMANENT, [Stop("done")], True),
        (Restart.TRANSIENT, [Stop("done")], False),
        (Restart.TRANSIENT, None, True),
        (Restart.TEMPORARY, [Stop("done")], False),
        (Restart.TEMPORARY, None, False),
    ],
)
def test_restart_kind_decides_who_comes_back(
    house: House, restart: Restart, end: list[Effect] | None, *, comes_back: bool
) -> None:
    system = house.run(house.child("a", restart), house.child("b"))
    house.diary.expect("start a", "start b")
    house.tell("a", boom if end is None else lambda: end)
    house.diary.expect("close a")
    if comes_back:
        house.diary.expect("start a")
    else:
        house.post.wait_settled(SOON)
        assert not house.post.is_alive(address("a"))
    assert house.speaks("b") == "b speaks"
    assert system.stop(SOON) == EndReason(None)
    house.diary.expect(*(["close b", "close a"] if comes_back else ["close b"]))


def test_leaving_the_process_in_one_actor_leaves_the_others_alive(house: House) -> None:
    def leave() -> list[Effect]:
        raise SystemExit(3)

    house.run(house.child("a"), house.child("b"))
    house.diary.expect("start a", "start b")
    house.tell("a", leave)
    house.diary.expect("close a", "start a")
    assert [house.speaks("a"), house.speaks("b")] == ["a speaks", "b speaks"]


def test_crashes_of_the_same_moment_count_once_for_siblings_that_fall_together(house: House) -> None:
    meet = threading.Barrier(2)

    def fail_together() -> list[Effect]:
        meet.wait(SOON)
        return boom()

    once = Intensity(max_restarts=1, first_delay=0.001)
    system = house.run(house.child("a"), house.child("b"), strategy=Strategy.ONE_FOR_ALL, intensity=once)
    house.diary.expect("start a", "start b")
    house.tell("a", fail_together)
    house.tell("b", fail_together)
    assert {house.diary.notes.get(timeout=SOON) for _ in range(2)} == {"close a", "close b"}
    house.diary.expect("start a", "start b")
    assert [house.speaks("a"), house.speaks("b")] == ["a speaks", "b speaks"]
    assert not system.failed


# --- failure at start --------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["factory", "start"])
def test_start_that_fails_is_tried_again_before_the_next_child_starts(house: House, where: str) -> None:
    try_it = in_turn(boom, boom)

    def factory() -> Doer:
        try_it()
        return Doer("a", house.diary)

    good = house.child("a", on_start=try_it)
    house.run(ChildSpec(address("a"), factory) if where == "factory" else good, house.child("b"))
    tries = ["start a", "close a"] * 2 if where == "start" else []
    house.diary.expect(*tries, "start a", "start b")


def test_start_that_always_fails_ends_the_system_in_order(house: House) -> None:
    system = house.run(house.child("a"), house.child("b", on_start=boom), house.child("c"), intensity=NEVER)
    assert system.wait(SOON) == EndReason("b failed (1 within 60 s): ZeroDivisionError: boom")
    house.diary.expect("start a", "start b", "close b", "close a")
    assert system.failed


def test_child_that_does_not_start_in_time_is_replaced(house: House) -> None:
    house.run(house.child("a", start_timeout=0.01, on_start=in_turn(house.hang("late"))), house.child("b"))
    house.diary.expect("start a", "hangs", "start a", "start b")
    house.let_go()
    assert house.speaks("a") == "a speaks"
    assert house.desk.empty()


# --- giving up ---------------------------------------------------------------------------------------


def test_too_many_failures_stop_everything_in_order(house: House) -> None:
    told: list[tuple[str, str | None]] = []

    def hear_failure(reason: str) -> None:
        assert house.speaks("a") == "a speaks"  # still there, to notify somebody
        told.append(("failure", reason))

    intensity = Intensity(max_restarts=1, first_delay=0.001)
    spec = SupervisorSpec(
        address("root"), Strategy.ONE_FOR_ONE, (house.child("a"), house.child("b"), house.child("c")), intensity
    )
    system = System.start(spec, house.post, hear_failure, lambda reason: told.append(("end", reason)))
    house.diary.expect("start a", "start b", "start c")
    house.tell("b", boom)
    house.diary.expect("close b", "start b")
    house.tell("b", boom)
    reason = "b failed (2 within 60 s): ZeroDivisionError: boom"
    assert system.wait(SOON) == EndReason(reason)
    house.diary.expect("close b", "close c", "close a")
    assert told == [("failure", reason), ("end", reason)]
    with pytest.raises(SystemFailedError, match=r"b failed \(2 within 60 s\)"):
        house.post.wait_settled(SOON)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_failure_below_never_looks_settled_to_who_waits(house: House, depth: int) -> None:
    tree: ChildSpec | SupervisorSpec = house.child("a")
    for level in range(depth):
        tree = SupervisorSpec(address(f"nest {level}"), Strategy.ONE_FOR_ALL, (tree,), NEVER)
    system = house.run(tree, intensity=NEVER)
    house.tell("a", boom)
    with pytest.raises(SystemFailedError, match="ZeroDivisionError: boom"):
        house.post.wait_settled(SOON)
    failure = system.wait(SOON).failure
    assert failure is not None
    assert failure.count("failed (1 within 60 s)") == depth + 1


def test_supervisor_that_gives_up_is_restarted_with_all_its_children(house: House) -> None:
    inner = SupervisorSpec(address("inner"), Strategy.ONE_FOR_ONE, (house.child("b"), house.child("c")), NEVER)
    system = house.run(house.child("a"), inner, house.child("d"), strategy=Strategy.REST_FOR_ONE)
    house.diary.expect("start a", "start b", "start c", "start d")
    house.tell("b", boom)
    house.diary.expect("close b", "close c", "close d", "start b", "start c", "start d")
    assert house.speaks("c") == "c speaks"
    assert not system.failed


def test_failure_in_the_hook_of_a_caller_does_not_keep_the_system_from_stopping(house: House) -> None:
    def fail(_: str | None) -> None:
        raise ZeroDivisionError("no mail server")

    spec = SupervisorSpec(address("root"), Strategy.ONE_FOR_ONE, (house.child("a"), house.child("b")), NEVER)
    system = System.start(spec, house.post, fail, fail)
    house.tell("b", boom)
    assert system.wait(SOON).failure is not None
    house.diary.expect("start a", "start b", "close b", "close a")
