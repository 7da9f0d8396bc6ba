from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.effects import Address, After, Effect, Reply, Send, Stop
from engine.stepper import ShakenStepper, Stepper

both = pytest.mark.parametrize("make", [Stepper, lambda: ShakenStepper(1)], ids=["stepper", "shaken"])


class Actor:
    """Note what comes, and do what a table says for it."""

    def __init__(self, log: list[tuple[str, Any]], name: str, answers: dict[Any, list[Effect]] | None = None) -> None:
        self.log, self.name, self.answers = log, name, answers or {}

    def handle(self, message: Any) -> list[Effect]:
        self.log.append((self.name, message))
        return self.answers.get(message, [])


def to(name: str, message: Any) -> Send:
    return Send(Address(name), message)


def crowd(stepper: Stepper, **tables: dict[Any, list[Effect]]) -> list[tuple[str, Any]]:
    """Let actors live at their names; give the log that they share."""
    log: list[tuple[str, Any]] = []
    for name, answers in tables.items():
        stepper.add(name, Actor(log, name, answers))
    return log


def test_messages_are_delivered_first_come_first_served() -> None:
    stepper = Stepper()
    log = crowd(stepper, a={"go": [to("b", 1), to("c", 2), to("b", 3)]}, b={1: [to("c", 4)]}, c={})
    stepper.send("a", "go")
    stepper.send("c", 0)
    stepper.settle()
    assert log == [("a", "go"), ("c", 0), ("b", 1), ("c", 2), ("b", 3), ("c", 4)]
    assert (stepper.delivered, stepper.dead_letters) == (6, 0)


@both
def test_nothing_is_delivered_before_settling(make: Callable[[], Stepper]) -> None:
    stepper = make()
    log = crowd(stepper, a={})
    stepper.send("a", 1)
    assert log == []
    stepper.settle()
    assert log == [("a", 1)]


@both
def test_what_nobody_is_there_to_take_is_counted(make: Callable[[], Stepper]) -> None:
    stepper = make()
    log = crowd(stepper, a={"go": [to("nobody", 1), to("nobody", 2), to("b", 3)]}, b={})
    stepper.send("a", "go")
    stepper.send("nobody", 0)
    stepper.settle()
    assert stepper.dead_letters == 3
    assert log[-1] == ("b", 3)
    stepper.remove("b")
    stepper.send("b", 4)
    stepper.settle()
    assert (stepper.dead_letters, stepper.delivered) == (4, 2)


@both
def test_who_stops_takes_no_more(make: Callable[[], Stepper]) -> None:
    stepper = make()
    log = crowd(stepper, a={"end": [Stop("done")]})
    for message in ("first", "end", "late"):
        stepper.send("a", message)
    stepper.settle()
    assert log == [("a", "first"), ("a", "end")]
    assert stepper.dead_letters == 1


@both
def test_timers_come_when_the_clock_is_moved_in_the_order_of_their_times(make: Callable[[], Stepper]) -> None:
    stepper = make()
    log = crowd(stepper, a={"go": [After(5, "late"), After(1, "soon"), After(5, "later")], "soon": [After(2, "third")]})
    stepper.send("a", "go")
    stepper.settle()
    assert log == [("a", "go")]  # timers do not count as in flight
    times = []
    while stepper.advance_clock():
        times.append(stepper.now)
        stepper.settle()
    assert [message for _, message in log[1:]] == ["soon", "third", "late", "later"]
    assert times == [1.0, 3.0, 5.0, 5.0]
    assert not stepper.advance_clock()
    assert stepper.now == 5.0


@both
def test_asking_gives_the_reply_and_performs_the_rest(make: Callable[[], Stepper]) -> None:
    stepper = make()
    log = crowd(stepper, a={"what": [to("b", 1), Reply(42)], "nothing": []}, b={})
    assert stepper.ask("a", "what") == 42
    assert stepper.ask("a", "nothing") is None
    assert log == [("a", "what"), ("a", "nothing")]
    stepper.settle()
    assert log[-1] == ("b", 1)
    assert stepper.delivered == 3


@both
def test_an_actor_that_takes_the_place_of_another_gets_its_messages(make: Callable[[], Stepper]) -> None:
    stepper = make()
    log = crowd(stepper, a={})
    stepper.send("a", 1)
    stepper.add("a", Actor(log, "successor"))
    stepper.settle()
    assert log == [("successor", 1)]


# --- disorder ------------------------------------------------------------------------------------------


def shaken(seed: int) -> list[tuple[str, Any]]:
    """Let three actors each send five numbered messages to two others; give the order they came in."""
    stepper = ShakenStepper(seed)
    senders: dict[str, dict[Any, list[Effect]]] = {
        name: {"go": [to(x, f"{name}{n}") for n in range(5) for x in ("x", "y")]} for name in "abc"
    }
    log = crowd(stepper, **senders, x={}, y={})
    for name in senders:
        stepper.send(name, "go")
    stepper.settle()
    assert stepper.delivered == len(log) == 33
    return [entry for entry in log if entry[0] in "xy"]


@pytest.mark.parametrize("seed", range(10))
def test_disorder_keeps_what_one_sends_to_another_in_order(seed: int) -> None:
    log = shaken(seed)
    for receiver in "xy":
        for sender in "abc":
            numbers = [message for name, message in log if name == receiver and message[0] == sender]
            assert numbers == [f"{sender}{n}" for n in range(5)]


def test_disorder_differs_by_seed_and_is_the_same_for_one() -> None:
    logs = [shaken(seed) for seed in range(10)]
    assert logs == [shaken(seed) for seed in range(10)]
    assert len({tuple(log) for log in logs}) == len(logs)


def test_disorder_lets_others_run_between_two_sends_of_one() -> None:
    """The receiver must sometimes have taken the first message, and answered it, before the second is sent."""

    def came(seed: int) -> tuple[Any, ...]:
        stepper = ShakenStepper(seed)
        log = crowd(stepper, a={"go": [to("b", 1), to("c", 2)]}, b={1: [to("c", 3)]}, c={})
        stepper.send("a", "go")
        stepper.settle()
        return tuple(message for name, message in log if name == "c")

    assert {came(seed) for seed in range(30)} == {(2, 3), (3, 2)}


def test_disorder_takes_each_actor_one_message_at_a_time() -> None:
    """An actor performs all effects of a message before it takes the next, as one with a single thread does."""
    for seed in range(20):
        stepper = ShakenStepper(seed)
        log = crowd(stepper, a={"one": [to("b", 1), to("b", 2)], "two": [to("b", 3), to("b", 4)]}, b={})
        stepper.send("a", "one")
        stepper.send("a", "two")
        stepper.settle()
        assert [message for name, message in log if name == "b"] == [1, 2, 3, 4]
