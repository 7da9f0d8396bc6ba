from __future__ import annotations

from itertools import count, pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from engine.effects import After
from engine.feeds.connection import Connect, Disconnect, FeedConnection, Patience, Probe
from engine.feeds.timers import FeedTimers, Purpose
from engine.messages import FeedTimer, HeartbeatSeen, StreamEnded, StreamLeaving, StreamOpened
from tests.engine.configurations import load
from tests.engine.wires import STEADY, Network, Wire, fails, hangs, in_turn, opens, opens_for

DAY = 24 * 3600


def connection(patience: Patience = STEADY) -> FeedConnection:
    return FeedConnection(patience, count(1), lambda: 0.0)


def wire(network: Network, patience: Patience = STEADY) -> Wire:
    return Wire(connection(patience), network)


# --- again ---------------------------------------------------------------------------------------------


def test_first_connection_is_made_at_once_and_is_current_when_it_opens() -> None:
    link = wire(opens)
    assert link.log == [(0.0, Connect(1))]
    assert (link.feed.current, link.feed.trouble) == (None, None)
    link.run(1)
    assert (link.feed.current, link.feed.trouble) == (1, None)


def test_attempts_that_fail_are_spaced_ever_wider_and_never_end() -> None:
    link = wire(fails)
    link.run(500)
    tried = link.times(Connect)
    gaps = [later - earlier - 1 for earlier, later in pairwise(tried)]
    assert gaps[:4] == [5, 10, 20, 40]
    assert set(gaps[4:]) == {60}
    assert len(gaps) >= 10


def test_trouble_changes_its_tone_after_the_configured_retries_and_ends_when_one_succeeds() -> None:
    link = wire(in_turn(fails, fails, fails, fails, opens), evolve(STEADY, max_retries=2))
    troubles = []
    while link.feed.current is None:
        link.run(1)
        troubles.append(link.feed.trouble)
    said = list(dict.fromkeys(troubles))
    assert said == [
        "no connection: refused",
        "no connection after 2 retries, and trying on: refused",
        None,
    ]


def test_attempt_that_hangs_is_given_up() -> None:
    link = wire(in_turn(hangs, opens))
    link.run(30)
    assert link.log == [(0.0, Connect(1)), (20.0, Disconnect(1)), (25.0, Connect(2))]
    assert link.feed.current == 2


def test_connection_that_has_lived_is_replaced_at_once() -> None:
    link = wire(in_turn(opens_for(100), opens))
    link.run(105)
    assert link.log[:3] == [(0.0, Connect(1)), (101.0, Disconnect(1)), (101.0, Connect(2))]


def test_connection_that_opens_and_drops_again_and_again_counts_as_failing() -> None:
    link = wire(opens_for(1))
    link.run(120)
    assert link.times(Connect) == [0, 2 + 5, 7 + 2 + 10, 19 + 2 + 20, 41 + 2 + 40]


def test_failures_are_forgotten_once_a_connection_has_lived() -> None:
    link = wire(in_turn(fails, fails, fails, opens_for(100), fails, opens))
    link.run(300)
    tried = link.times(Connect)
    lost = link.times(Disconnect)[3]
    assert tried[4] == lost  # at once
    assert tried[5] == lost + 1 + 5  # as after a first failure


@pytest.mark.parametrize(("random01", "factor"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_delays_are_varied_by_chance(random01: float, factor: float) -> None:
    assert Patience().delay(3, random01) == pytest.approx(20 * factor)


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1e5), st.integers(0, 10**6))
def test_delay_is_never_nothing_and_never_beyond_the_longest(
    failures: int, random01: float, base: float, retries: int
) -> None:
    patience = Patience.of(
        load(
            ("execution.websocket_retry_base_delay", min(base, 86_400.0)), ("execution.websocket_max_retries", retries)
        ).execution
    )
    assert 0 < patience.delay(failures, random01) <= patience.longest_delay * 1.2


# --- silence -------------------------------------------------------------------------------------------


def test_silent_connection_is_asked_for_a_sign_of_life_and_then_replaced() -> None:
    link = wire(opens)
    link.run(32)
    assert link.log == [(0.0, Connect(1)), (21.0, Probe(1)), (31.0, Disconnect(1)), (31.0, Connect(2))]
    link.tell(StreamEnded(1, "late"))
    link.run(1)
    assert link.feed.current == 2


def test_connection_that_shows_life_is_left_alone() -> None:
    link = wire(opens_for(600))
    link.run(600)
    assert link.log == [(0.0, Connect(1))]


def test_answer_to_the_question_for_life_is_enough() -> None:
    link = wire(opens)
    link.run(22)
    link.tell(HeartbeatSeen(1))
    link.run(10)
    assert link.numbers(Connect) == [1]


def test_life_of_another_connection_is_no_sign() -> None:
    link = wire(opens)
    for _ in range(31):
        link.run(1)
        link.tell(HeartbeatSeen(7))
    assert link.numbers(Connect) == [1, 2]


# --- renewal -------------------------------------------------------------------------------------------


def test_connection_is_renewed_before_its_day_is_over_and_heard_out() -> None:
    link = wire(opens_for(2 * DAY))
    link.run(DAY)
    made = link.times(Connect)
    assert link.numbers(Connect) == [1, 2]
    assert 0.8 * DAY < made[1] < 0.99 * DAY
    assert [(time, command) for time, command in link.log if isinstance(command, Disconnect)] == [
        (made[1] + 1 + STEADY.overlap, Disconnect(1))
    ]


@pytest.mark.parametrize("random01", [0.0, 1.0])
def test_renewal_comes_well_before_a_day_whatever_the_chance(random01: float) -> None:
    assert DAY / 2 < Patience().renewal(random01) < DAY - 1000


def test_server_that_leaves_is_replaced_before_it_does() -> None:
    link = wire(opens)
    link.run(2)
    link.tell(StreamLeaving(1))
    link.tell(StreamLeaving(1))
    assert link.numbers(Connect) == [1, 2]
    assert link.feed.current == 1
    assert link.feed.is_heard(1)
    link.run(1)
    assert link.feed.current == 2
    assert link.feed.is_heard(1)
    link.run(STEADY.overlap)
    assert not link.feed.is_heard(1)
    assert link.numbers(Disconnect) == [1]


def test_server_that_has_left_before_its_successor_is_up_is_no_failure_of_the_successor() -> None:
    link = wire(opens)
    link.run(2)
    link.tell(StreamLeaving(1))
    link.tell(StreamEnded(1, "gone"))
    assert link.feed.trouble == "no connection: gone"
    link.run(1)
    assert (link.feed.current, link.feed.trouble) == (2, None)
    assert link.numbers(Connect) == [1, 2]


def test_successor_that_fails_is_tried_again_while_the_old_one_is_up() -> None:
    link = wire(in_turn(opens_for(900), fails, fails, opens))
    link.run(2)
    link.tell(StreamLeaving(1))
    link.run(20)
    assert link.numbers(Connect) == [1, 2, 3, 4]
    assert link.feed.current == 4


@pytest.mark.parametrize("number", [0, 2, 99])
def test_leaving_or_end_of_a_connection_that_is_not_there_changes_nothing(number: int) -> None:
    link = wire(opens)
    link.run(2)
    for message in (StreamLeaving(number), StreamEnded(number, "late"), StreamOpened(number)):
        link.tell(message)
    assert link.feed.current == 1
    assert link.log == [(0.0, Connect(1))]


# --- whatever comes ------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("oelht"), st.integers(0, 6)), max_size=60))
def test_whatever_comes_somebody_is_connected_or_on_the_way(script: list[tuple[str, int]]) -> None:
    link, timers, alive, last = connection(), list[FeedTimer](), set[int](), 0

    def perform(effects: list[Any]) -> None:
        nonlocal last
        for effect in effects:
            match effect:
                case After():
                    timers.append(effect.message)
                case Connect():
                    assert effect.connection == last + 1
                    last += 1
                    alive.add(last)
                case Disconnect():
                    alive.discard(effect.connection)
                case Probe():
                    assert effect.connection in alive

    perform(link.start())
    has_ended = False
    for what, which in script:
        number = max(1, last - which)
        match what:
            case "o":
                perform(link.handle(StreamOpened(number)))
            case "e":
                perform(link.handle(StreamEnded(number, "gone")))
                alive.discard(number)
            case "l":
                perform(link.handle(StreamLeaving(number)))
            case "h":
                perform(link.handle(HeartbeatSeen(number)))
            case "t" if timers:
                perform(link.handle(timers.pop(which % len(timers))))
        retries = [timer for timer in timers if timer.purpose == Purpose.RETRY]
        assert alive or retries
        assert len(alive) <= 3
        assert link.current is None or link.current in alive
        has_ended |= any(number not in alive for number in range(1, last + 1))
        if has_ended:  # until then there is nothing to be troubled about
            assert (link.trouble is None) == (link.current is not None)


def test_timer_counts_once_and_only_the_latest_of_its_purpose() -> None:
    timers = FeedTimers()
    first = timers.set(Purpose.RETRY, 1.0).message
    second = timers.set(Purpose.RETRY, 1.0).message
    other = timers.set(Purpose.SILENCE, 1.0).message
    assert [timers.is_due(timer) for timer in (first, second, second, other)] == [False, True, False, True]
    third = timers.set(Purpose.RETRY, 1.0).message
    timers.cancel(Purpose.RETRY)
    assert not timers.is_due(third)
