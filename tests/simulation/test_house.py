"""Lives on one thread: started, failing, replaced, stopped and left behind as on threads."""

from __future__ import annotations

from typing import Any

import pytest

from actors.base import EscalationError
from actors.supervisor import Supervisor
from engine.effects import Address, After, Effect, Send
from engine.supervision import ChildSpec, Intensity, Strategy, SupervisorSpec
from tests.simulation.living.chance import Chance
from tests.simulation.living.house import House
from tests.simulation.living.residents import Killed
from tests.simulation.living.verdict import LawBroken

A, B, TOP = Address[Any]("a"), Address[Any]("b"), Address[Any]("top")


class Teller:
    """Note what it is told, and do what it is told to."""

    def __init__(self, heard: list[Any], name: str) -> None:
        self._heard, self._name = heard, name

    def start(self) -> list[Effect]:
        self._heard.append((self._name, "starts"))
        return []

    def handle(self, message: Any) -> list[Effect]:
        self._heard.append((self._name, message))
        if isinstance(message, Exception):
            raise message
        return list(message) if isinstance(message, tuple) else []

    def close(self) -> None:
        self._heard.append((self._name, "closes"))


def house(**more: Any) -> House:
    options: dict[str, Any] = {
        "disorder": False,
        "slowness": 0.0,
        "crashes": 0.0,
        "hangs": 0.0,
        "kills": 0.0,
        "law_of": lambda _address, _is_supervisor: None,
        "teller": None,
    }
    return House(Chance(1), **(options | more))


def inhabited(home: House, strategy: Strategy = Strategy.ONE_FOR_ALL, restarts: int = 3) -> list[Any]:
    """Let two live under a supervisor; give what they hear."""
    heard: list[Any] = []
    children = tuple(ChildSpec(address, lambda name=str(address): Teller(heard, name)) for address in (A, B))  # type: ignore[misc]
    spec = SupervisorSpec(TOP, strategy, children, Intensity(max_restarts=restarts, jitter=0.0))
    top = home.means.life(TOP, lambda life: Supervisor(spec, home, life, home.means), announces=False)  # type: ignore[arg-type]
    home.launch(top)
    home.run(0.0)
    return heard


def test_children_start_in_order_and_stop_in_reverse() -> None:
    home = house()
    heard = inhabited(home)
    home.end(home.live[TOP])
    home.run(1.0)
    assert heard == [("a", "starts"), ("b", "starts"), ("b", "closes"), ("a", "closes")]
    assert not home.live


def test_a_failure_restarts_who_falls_with_it_after_a_while() -> None:
    home = house()
    heard = inhabited(home)
    heard.clear()
    home.send(A, StoreTrouble("disk"))
    home.run(0.05)
    assert [one for one in heard if one[1] in ("starts", "closes")] == [("a", "closes"), ("b", "closes")]
    home.run(0.2)
    assert [one[0] for one in heard if one[1] == "starts"] == ["a", "b"]
    assert home.generation(A) == home.generation(B) == 2


def test_what_was_sent_to_one_that_fails_is_lost_and_its_timers_die_with_it() -> None:
    home = house()
    heard = inhabited(home, Strategy.ONE_FOR_ONE)
    heard.clear()
    home.send(A, (After(0.5, "late"),))
    home.send(A, StoreTrouble("disk"))
    home.send(A, "unheard")
    home.run(1.0)
    assert ("a", "unheard") not in heard
    assert ("a", "late") not in heard
    assert not [one for one in heard if one[0] == "b"]


def test_who_fails_too_often_fails_those_above() -> None:
    home = house()
    inhabited(home, restarts=0)
    home.send(A, StoreTrouble("disk"))
    home.run(1.0)
    assert not home.live


def test_any_other_error_breaks_a_law() -> None:
    home = house()
    inhabited(home)
    home.send(A, ValueError("a bug"))
    with pytest.raises(LawBroken, match="a bug"):
        home.run(1.0)


def test_one_that_is_stopped_handles_what_it_was_sent_before() -> None:
    home = house()
    heard = inhabited(home)
    heard.clear()
    home.send(B, "before")
    home.end(home.live[B])
    home.send(B, "behind")
    home.run(0.0)
    assert heard == [("b", "before"), ("b", "closes")]


def test_one_that_waits_for_the_world_does_nothing_else_until_it_goes_on() -> None:
    home = house()
    heard = inhabited(home)
    waiting: list[Any] = []
    heard.clear()
    live = home.live[A]
    assert live.behaviour is not None
    handle = live.behaviour.handle

    def blocks(message: Any) -> list[Effect]:
        waiting.append(home.block())
        live.behaviour.handle = handle  # type: ignore[method-assign, union-attr]
        return handle(message)

    live.behaviour.handle = blocks  # type: ignore[method-assign]
    home.send(A, "first")
    home.send(A, "second")
    home.run(1.0)
    assert heard == [("a", "first")]
    home.unblock(waiting[0], [Send(B, "done")])
    home.run(2.0)
    assert sorted(heard[1:]) == [("a", "second"), ("b", "done")]


def test_one_that_does_not_stop_in_time_is_left_behind_and_counts_no_more() -> None:
    home = house()
    heard = inhabited(home, Strategy.ONE_FOR_ONE)
    live = home.live[A]
    live.is_blocked = True
    home.end(home.live[TOP])
    home.run(60.0)
    assert not home.live
    heard.clear()
    home.unblock(live, [Send(B, "from the grave")])
    home.run(61.0)
    assert ("b", "from the grave") not in heard


def test_a_kill_comes_between_any_two_turns() -> None:
    home = house(kills=1.0)
    with pytest.raises(Killed):
        inhabited(home)
    home.wipe()
    assert not home.live
    home.run(10.0)


def test_with_disorder_what_one_sends_to_another_still_arrives_in_order() -> None:
    for seed in range(20):
        home = House(
            Chance(seed),
            disorder=True,
            slowness=0.0,
            crashes=0.0,
            hangs=0.0,
            kills=0.0,
            law_of=lambda _address, _is_supervisor: None,
            teller=None,
        )
        heard = inhabited(home)
        heard.clear()
        home.send(A, tuple(Send(B, number) for number in range(5)))
        home.run(1.0)
        assert [message for name, message in heard if name == "b"] == [0, 1, 2, 3, 4]


class StoreTrouble(EscalationError):
    """Fail in a way in which a life may fail."""


def test_the_clock_of_a_slow_machine_never_goes_back() -> None:
    home = house(slowness=0.9)
    inhabited(home)
    rung: list[float] = []
    for second in range(1, 10):
        home.later(second - home.now + 0.5, lambda: rung.append(home.now))
        home.send(A, "x")
        before = home.now
        home.run(float(second))
        assert home.now >= before
        assert rung == [] or rung[-1] <= home.now
    assert rung == sorted(rung)


def test_what_one_that_hung_has_decided_is_looked_at_before_it_is_done() -> None:
    looked: list[Any] = []
    home = house(hangs=1.0, law_of=lambda address, _: lambda *seen: looked.append((address, *seen[1:])))
    heard = inhabited(home)
    after = ("later",)
    home.send(A, (Send(B, after),))
    home.run(100.0)
    assert [(address, message) for address, message, _ in looked if address != TOP] == [
        ("a", (Send(B, after),)),
        ("b", after),
    ]
    assert heard[-2:] == [("a", (Send(B, after),)), ("b", after)]
