"""When a gateway keeps silent: pauses that the exchange asks for, the circuit breaker, the pace of orders."""

from __future__ import annotations

import pytest

from engine.calls import (
    Call,
    Cancel,
    Done,
    LookUp,
    NotFound,
    NotYet,
    Outcome,
    Place,
    Refusal,
    Refused,
    Unknown,
)
from engine.gateway.breaker import BreakerState
from engine.messages import CancelOrder, CatchUp, LookUpOrder
from engine.values import Kind
from tests.engine.gateway_desk import Desk, desk, report, reported, submit, taken
from tests.engine.samples import SELL

SILENCE = Unknown("no answer")


def name(call: Call) -> str:
    """Give a call in short: what, and of which order."""
    return type(call).__name__ + (call.client_order_id[2:] if isinstance(call, Place | Cancel | LookUp) else "")


def names(one: Desk) -> list[str]:
    return [name(call) for call in one.calls]


def state(one: Desk) -> BreakerState:
    return one.described.breaker


def served(one: Desk) -> list[str]:
    """End every call well, and give them in the order they were made."""
    order = []
    while one.calls:
        order += names(one)
        call = one.call
        number = int(call.client_order_id[3:]) if isinstance(call, Place | Cancel | LookUp) else 0
        one.end(Done((report(number, is_open=False),)))
    return order


# --- ranks -------------------------------------------------------------------------------------------


def test_exits_go_first_then_questions_then_entries_then_catching_up() -> None:
    one = desk()
    one.tell(
        submit(1), CatchUp(None), submit(2), LookUpOrder("ga-3"), submit(4, SELL, Kind.MARKET), CancelOrder("ga-5")
    )
    one.tell(submit(6), submit(7, kind=Kind.MARKET))
    assert served(one) == [
        "Place-1",
        "Place-4",
        "Cancel-5",
        "LookUp-3",
        "Place-2",
        "Place-6",
        "Place-7",
        "ListTrades",
        "ListOpenOrders",
    ]


def test_question_that_an_exit_waits_for_is_one() -> None:
    one = desk()
    one.tell(submit(4, SELL, Kind.MARKET), LookUpOrder("ga-3"), submit(1))
    one.end(SILENCE)
    assert served(one) == ["LookUp-4", "LookUp-3", "Place-1"]


def test_question_becomes_an_exit_when_its_order_is_cancelled() -> None:
    one = desk()
    one.tell(submit(1))
    one.end(SILENCE)
    one.end(SILENCE)
    one.tell(submit(2), LookUpOrder("ga-3"), CancelOrder("ga-1"))
    one.end(taken(2))
    assert names(one) == ["LookUp-1"]


# --- pauses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_banned", [False, True])
def test_all_is_silent_for_as_long_as_the_exchange_wants_exits_too(is_banned: bool) -> None:  # noqa: FBT001 a table's column
    one = desk()
    one.tell(submit(1), submit(2))
    assert one.end(NotYet(120.0, "slow down", banned=is_banned)) == []
    one.tell(CancelOrder("ga-9"))
    assert (one.calls, one.described.paused, one.described.pending) == ([], True, 3)
    assert one.wait() == 120.0
    assert not one.described.paused
    assert served(one) == ["Cancel-9", "Place-1", "Place-2"]


def test_longest_of_several_pauses_counts() -> None:
    one = desk(callers=2)
    one.tell(submit(1), submit(2))
    one.end(NotYet(30.0, "slow down"), caller=0)
    one.end(NotYet(10.0, "slow down"), caller=1)
    assert one.wait() == 30.0
    assert names(one) == ["Place-1", "Place-2"]


def test_pause_of_no_time_is_a_retry_delay() -> None:
    one = desk()
    one.tell(submit(1))
    one.end(NotYet(0.0, "slow down"))
    assert one.wait() == 1.0


def test_calls_put_off_by_the_exchange_are_all_made_again() -> None:
    one = desk()
    one.tell(CancelOrder("ga-1"), LookUpOrder("ga-2"), CatchUp("5"))
    for expected in ("Cancel-1", "LookUp-2", "ListTrades"):
        assert names(one) == [expected]
        one.end(NotYet(5.0, "slow down"))
        assert (one.wait(), names(one)) == (5.0, [expected])
        number = expected[-1]
        one.end(Done((report(int(number), is_open=False),)) if number.isdigit() else Done())
    assert names(one) == ["ListOpenOrders"]


# --- the breaker -------------------------------------------------------------------------------------


def broken(*then: object, **changes: object) -> Desk:
    """Have one order's call and its next two questions unanswered, which is as much as the breaker takes."""
    one = desk(**{"breaker_threshold": 3, **changes})
    one.tell(submit(1))
    one.end(SILENCE)
    one.end(SILENCE)
    one.wait()
    one.end(SILENCE)
    assert state(one) is BreakerState.OPEN
    one.tell(*then)
    return one


def test_open_breaker_holds_entries_and_questions_back_until_it_recovers() -> None:
    one = broken(submit(2), LookUpOrder("ga-3"), CatchUp(None))
    assert one.calls == []
    assert one.wait() == 60.0
    assert (names(one), state(one)) == (["LookUp-3"], BreakerState.HALF_OPEN)


def test_success_on_trial_closes_it_for_everybody() -> None:
    one = broken(submit(2), callers=3, breaker_trials=2)
    one.wait()
    assert names(one) == ["LookUp-1", "Place-2"]
    one.tell(submit(3))
    assert names(one) == ["LookUp-1", "Place-2"]
    one.end(NotFound("no such order"), caller=next(iter(one.out)))
    assert state(one) is BreakerState.CLOSED
    assert sorted(names(one)) == ["Place-2", "Place-3"]


def test_silence_on_trial_opens_it_for_as_long_again() -> None:
    one = broken()
    one.wait()
    one.end(SILENCE)
    assert state(one) is BreakerState.OPEN
    assert one.wait() == 60.0


@pytest.mark.parametrize("answer", [Done(), NotFound("none"), Refused(Refusal.CLOSED, "no")], ids=repr)
def test_answers_of_any_kind_keep_it_closed(answer: Outcome) -> None:
    one = desk(breaker_threshold=2)
    for number in range(1, 6):
        one.tell(LookUpOrder(f"ga-{number}"))
        one.end(SILENCE)
        one.tell(LookUpOrder(f"ga-{number + 100}"))
        one.end(answer)
    assert state(one) is BreakerState.CLOSED


def test_trial_that_the_exchange_puts_off_is_repeated() -> None:
    one = broken()
    one.wait()
    one.end(NotYet(5.0, "slow down"))
    assert state(one) is BreakerState.HALF_OPEN
    assert (one.wait(), names(one)) == (5.0, ["LookUp-1"])


def test_exits_are_tried_while_it_is_open_one_at_a_time_at_longer_intervals() -> None:
    one = broken(CancelOrder("ga-7"), submit(8, SELL, Kind.MARKET), callers=4)
    assert names(one) == ["Cancel-7"]
    waits = []
    for _ in range(4):
        one.end(SILENCE)
        waits.append(one.wait())
        assert len(one.calls) == 1
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_exit_that_is_answered_closes_it() -> None:
    one = broken(CancelOrder("ga-7"), submit(2), callers=4)
    assert one.end(Done((report(7, is_open=False),))) == [reported(7, is_open=False)]
    assert state(one) is BreakerState.CLOSED
    assert "Place-2" in names(one)


def test_exits_held_back_when_it_closed_are_not_held_for_ever_when_it_opens_again() -> None:
    one = desk(callers=2, breaker_threshold=2)
    one.tell(LookUpOrder("ga-1"), CancelOrder("ga-7"))
    one.end(SILENCE, caller=1)
    one.end(SILENCE, caller=1)
    assert state(one) is BreakerState.OPEN
    one.end(Done((report(1),)), caller=0)  # asked before it opened
    assert state(one) is BreakerState.CLOSED
    waits = []
    for _ in range(4):
        waits.append(one.wait())
        assert names(one) == ["LookUp-7"]
        one.end(SILENCE)
    assert waits == [1, 2, 4, 8]
    assert state(one) is BreakerState.OPEN


def test_recovery_of_a_breaker_that_was_closed_meanwhile_does_not_end_the_next_opening() -> None:
    one = broken(CancelOrder("ga-7"))
    one.end(Done((report(7, is_open=False),)))
    assert one.wait() > 0
    for number in (2, 3, 4):
        assert state(one) is BreakerState.CLOSED
        one.tell(LookUpOrder(f"ga-{number}"))
        one.end(SILENCE)
    assert state(one) is BreakerState.OPEN
    assert one.calls == []
    assert one.wait() == 60.0


# --- the pace ----------------------------------------------------------------------------------------


def test_no_more_orders_are_placed_than_each_limit_allows() -> None:
    one = desk(order_limits=((2, 10.0), (5, 60.0)))
    one.tell(*map(submit, range(7)))
    placed = []
    for number in range(7):
        if not one.calls:
            one.wait()
        placed.append(one.stepper.now)
        one.end(taken(number))
    assert placed == [0, 0, 10, 10, 20, 60, 60]


def test_exits_and_questions_do_not_wait_for_the_pace() -> None:
    one = desk(order_limits=((1, 10.0),))
    one.tell(submit(1), submit(2), CatchUp(None), LookUpOrder("ga-3"), submit(4, SELL, Kind.MARKET))
    assert served(one) == ["Place-1", "Place-4", "LookUp-3", "ListTrades", "ListOpenOrders"]
    assert one.described.pending == 1


def test_exits_use_up_the_pace() -> None:
    one = desk(order_limits=((1, 10.0),))
    one.tell(submit(4, SELL, Kind.MARKET), submit(1))
    one.end(Done((report(4, is_open=False),)))
    assert one.calls == []
    assert (one.wait(), names(one)) == (10.0, ["Place-1"])


def test_order_sent_again_counts_again() -> None:
    one = desk(order_limits=((1, 60.0),))
    one.tell(submit(1))
    one.end(SILENCE)
    one.end(NotFound("no such order"))
    one.wait()
    one.end(NotFound("no such order"))
    one.wait()
    assert (one.stepper.now, names(one)) == (60.0, ["Place-1"])
