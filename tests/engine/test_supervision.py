"""What is stopped and started when a child fails: every strategy, restart kind, backoff and window."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.effects import Address, Effect
from engine.supervision import (
    ChildSpec,
    GiveUp,
    Intensity,
    LeaveDown,
    Restart,
    RestartChildren,
    Strategy,
    Supervision,
    SupervisorSpec,
)

DEFAULT = Intensity()
MIDDLE = 0.5  # the random value that gives a delay without jitter


class Idle:
    """Do nothing."""

    def handle(self, _message: Any, /) -> list[Effect]:
        """Do nothing."""
        return []


def child(name: str, restart: Restart = Restart.PERMANENT) -> ChildSpec:
    return ChildSpec(Address(name), Idle, restart)


def supervise(
    strategy: Strategy = Strategy.ONE_FOR_ONE,
    names: str = "abcd",
    kinds: dict[str, Restart] | None = None,
    intensity: Intensity = DEFAULT,
) -> Supervision:
    children = tuple(child(name, (kinds or {}).get(name, Restart.PERMANENT)) for name in names)
    return Supervision(SupervisorSpec(Address("s"), strategy, children, intensity))


def start_batch(core: Supervision, ticket: int) -> str:
    """Start all that a ticket allows; give their names in order."""
    started = ""
    while (spec := core.next_to_start(ticket)) is not None:
        started += spec.address
        core.child_started(spec.address)
    return started


def running(core: Supervision) -> Supervision:
    start_batch(core, core.begin())
    return core


def fail(core: Supervision, name: str, now: float = 0.0, random01: float = MIDDLE) -> RestartChildren:
    decision = core.child_failed(Address(name), now, random01)
    assert isinstance(decision, RestartChildren)
    return decision


def names(addresses: tuple[Address[Any], ...]) -> str:
    return "".join(addresses)


def test_children_start_one_at_a_time_in_order() -> None:
    core = supervise()
    assert start_batch(core, core.begin()) == "abcd"
    assert core.settled
    assert names(core.stop_order) == "dcba"


def test_next_child_waits_until_asked_for() -> None:
    core = supervise()
    core.next_to_start(core.begin())
    assert not core.settled
    assert not core.is_up(Address("a"))


@pytest.mark.parametrize(
    ("strategy", "failed", "stop", "start"),
    [
        (Strategy.ONE_FOR_ONE, "a", "", "a"),
        (Strategy.ONE_FOR_ONE, "b", "", "b"),
        (Strategy.REST_FOR_ONE, "a", "dcb", "abcd"),
        (Strategy.REST_FOR_ONE, "b", "dc", "bcd"),
        (Strategy.REST_FOR_ONE, "d", "", "d"),
        (Strategy.ONE_FOR_ALL, "a", "dcb", "abcd"),
        (Strategy.ONE_FOR_ALL, "b", "dca", "abcd"),
        (Strategy.ONE_FOR_ALL, "d", "cba", "abcd"),
    ],
)
def test_failure_restarts_who_falls_with_it(strategy: Strategy, failed: str, stop: str, start: str) -> None:
    core = running(supervise(strategy))
    decision = fail(core, failed)
    assert (names(decision.stop), names(decision.start)) == (stop, start)
    assert start_batch(core, decision.ticket) == start


@pytest.mark.parametrize("failed", ["b", "c"])
def test_second_failure_while_the_first_waits_restarts_both(failed: str) -> None:
    core = running(supervise(Strategy.ONE_FOR_ONE))
    first, second = fail(core, "a"), fail(core, failed)
    assert start_batch(core, second.ticket) == failed
    assert start_batch(core, first.ticket) == "a"


def test_overtaken_ticket_starts_nothing() -> None:
    core = running(supervise(Strategy.REST_FOR_ONE))
    first, second = fail(core, "c"), fail(core, "a")
    assert names(second.stop) == "b"  # c and d are down already
    assert start_batch(core, first.ticket) == ""
    assert start_batch(core, second.ticket) == "abcd"


@pytest.mark.parametrize("strategy", Strategy)
def test_failure_at_start_makes_those_behind_it_wait(strategy: Strategy) -> None:
    core = supervise(strategy)
    ticket = core.begin()
    core.next_to_start(ticket)
    core.child_started(Address("a"))
    core.next_to_start(ticket)
    decision = fail(core, "b")
    assert core.next_to_start(ticket) is None
    assert names(decision.stop) == ("a" if strategy is Strategy.ONE_FOR_ALL else "")
    assert start_batch(core, decision.ticket) == ("abcd" if strategy is Strategy.ONE_FOR_ALL else "bcd")


def test_failure_above_a_starting_child_stops_it() -> None:
    core = running(supervise(Strategy.REST_FOR_ONE))
    again = fail(core, "c")
    core.next_to_start(again.ticket)
    decision = fail(core, "a")
    assert (names(decision.stop), names(decision.start)) == ("cb", "abcd")


@pytest.mark.parametrize(
    ("restart", "after_failure", "after_normal_end"),
    [
        (Restart.PERMANENT, RestartChildren, RestartChildren),
        (Restart.TRANSIENT, RestartChildren, LeaveDown),
        (Restart.TEMPORARY, LeaveDown, LeaveDown),
    ],
)
def test_restart_kind_decides_who_comes_back(restart: Restart, after_failure: type, after_normal_end: type) -> None:
    for end, expected in (("child_failed", after_failure), ("child_ended", after_normal_end)):
        core = running(supervise(kinds={"b": restart}))
        decision = getattr(core, end)(Address("b"), 0.0, MIDDLE)
        assert type(decision) is expected
        assert core.settled is (expected is LeaveDown)


def test_temporary_child_that_does_not_start_lets_those_behind_it_start() -> None:
    core = supervise(kinds={"b": Restart.TEMPORARY}, intensity=Intensity(max_restarts=0))
    ticket = core.begin()
    core.next_to_start(ticket)
    core.child_started(Address("a"))
    core.next_to_start(ticket)
    decision = fail(core, "b")
    assert decision.delay == 0
    assert start_batch(core, decision.ticket) == "cd"


@pytest.mark.parametrize(("kind", "start"), [(Restart.TEMPORARY, "abd"), (Restart.TRANSIENT, "abcd")])
def test_sibling_stopped_with_the_failed_one_comes_back_unless_temporary(kind: Restart, start: str) -> None:
    core = running(supervise(Strategy.ONE_FOR_ALL, kinds={"c": kind}))
    decision = fail(core, "a")
    assert names(decision.stop) == "dcb"
    assert start_batch(core, decision.ticket) == start


def test_report_on_a_child_that_is_down_changes_nothing() -> None:
    core = running(supervise(Strategy.ONE_FOR_ALL))
    ticket = fail(core, "a").ticket
    assert core.child_failed(Address("b"), 0.0, MIDDLE) == LeaveDown()
    assert start_batch(core, ticket) == "abcd"


@pytest.mark.parametrize(
    ("random01", "delays"),
    [(0.0, [0.09, 0.18, 0.36, 0.45]), (MIDDLE, [0.1, 0.2, 0.4, 0.5]), (1.0, [0.11, 0.22, 0.44, 0.55])],
)
def test_backoff_doubles_up_to_the_longest_delay(random01: float, delays: list[float]) -> None:
    core = running(supervise(intensity=Intensity(max_restarts=4, longest_delay=0.5)))
    for delay in delays:
        decision = fail(core, "a", random01=random01)
        assert decision.delay == pytest.approx(delay)
        start_batch(core, decision.ticket)


def test_failures_of_all_children_count_together() -> None:
    core = running(supervise(intensity=Intensity(max_restarts=2)))
    fail(core, "a")
    fail(core, "b")
    decision = core.child_failed(Address("c"), 0.0, MIDDLE)
    assert decision == GiveUp("c failed (3 within 60 s)")


@pytest.mark.parametrize(("last", "expected"), [(9.9, GiveUp), (10.0, RestartChildren), (10.5, RestartChildren)])
def test_failures_older_than_the_window_are_forgiven(last: float, expected: type) -> None:
    core = running(supervise(intensity=Intensity(max_restarts=2, window=10.0)))
    for now in (0.0, 5.0):
        start_batch(core, fail(core, "a", now).ticket)
    decision = core.child_failed(Address("a"), last, MIDDLE)
    assert type(decision) is expected
    if isinstance(decision, RestartChildren):
        assert decision.delay == pytest.approx(0.2)  # the second within the window


def test_without_restarts_any_failure_goes_upward() -> None:
    core = running(supervise(intensity=Intensity(max_restarts=0)))
    assert isinstance(core.child_failed(Address("d"), 0.0, MIDDLE), GiveUp)


def test_failure_at_start_counts_like_any_other() -> None:
    core = supervise(intensity=Intensity(max_restarts=1))
    core.next_to_start(core.begin())
    core.next_to_start(fail(core, "a").ticket)
    assert isinstance(core.child_failed(Address("a"), 0.0, MIDDLE), GiveUp)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_restarts": -1},
        {"max_restarts": 3, "window": 0.7, "jitter": 0.0},  # 0.1 + 0.2 + 0.4
        {"max_restarts": 20},  # 20 restarts, most of them after 5 s, take longer than a minute
        {"first_delay": 6.0},
        {"first_delay": -0.1},
        {"jitter": 1.0},
        {"max_restarts": 0, "window": 0.0},
    ],
)
def test_intensity_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"intensity|window"):
        Intensity(**wrong)


def test_window_just_longer_than_the_summed_backoff_is_accepted() -> None:
    assert Intensity(max_restarts=3, window=0.71, jitter=0.0).window == pytest.approx(0.71)


def test_two_actors_at_one_address_are_refused() -> None:
    inner = SupervisorSpec(Address("inner"), Strategy.ONE_FOR_ONE, (child("a"),))
    with pytest.raises(ValueError, match="more than one actor at a"):
        SupervisorSpec(Address("s"), Strategy.ONE_FOR_ONE, (child("a"), inner))


def test_grown_children_start_in_order_and_only_once() -> None:
    core = running(supervise(names="a"))
    assert start_batch(core, core.grow([child("x"), child("y")])) == "xy"
    assert start_batch(core, core.grow([child("x"), child("y"), child("z")])) == "z"
    assert names(core.stop_order) == "zyxa"


def test_grown_child_that_ended_starts_again_when_asked_for() -> None:
    core = running(supervise(names="a"))
    start_batch(core, core.grow([child("x", Restart.TEMPORARY)]))
    core.child_failed(Address("x"), 0.0, MIDDLE)
    assert start_batch(core, core.grow([child("x", Restart.TEMPORARY)])) == "x"


def test_grown_child_that_waits_for_its_restart_is_not_started_twice() -> None:
    core = running(supervise(names="a"))
    start_batch(core, core.grow([child("x")]))
    waiting = fail(core, "x").ticket
    assert start_batch(core, core.grow([child("x")])) == ""
    assert not core.settled
    assert start_batch(core, waiting) == "x"


def test_shrinking_forgets_only_what_grew() -> None:
    core = running(supervise(names="ab"))
    start_batch(core, core.grow([child("x"), child("y")]))
    ticket = fail(core, "x").ticket
    assert names(core.grown) == "yx"
    core.shrink()
    assert names(core.stop_order) == "ba"
    assert start_batch(core, ticket) == ""


@given(
    strategy=st.sampled_from(Strategy),
    steps=st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=12),
)
def test_whatever_fails_in_whatever_order_all_come_back(strategy: Strategy, steps: list[tuple[str, bool]]) -> None:
    core = running(supervise(strategy, intensity=Intensity(max_restarts=12, first_delay=0.01)))
    tickets: list[int] = []
    up = set("abcd")
    for name, restarts_are_due in steps:
        decision = core.child_failed(Address(name), 0.0, MIDDLE)
        if isinstance(decision, RestartChildren):
            assert set(decision.stop) | {name} <= up
            up -= {*decision.stop, name}
            tickets.append(decision.ticket)
        else:
            assert name not in up
        if restarts_are_due:
            up |= {name for ticket in tickets for name in start_batch(core, ticket)}
            tickets.clear()
    up |= {name for ticket in tickets for name in start_batch(core, ticket)}
    assert up == set("abcd")
    assert core.settled
