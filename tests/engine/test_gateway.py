"""Orders through a gateway: what is asked of the exchange, and what the order manager is told."""

from __future__ import annotations

import pytest

from engine.calls import Cancel, Done, LookUp, NotFound, NotYet, Outcome, Place, Refusal, Refused, Unknown
from engine.effects import Reply, Send
from engine.gateway.gateway import Gateway
from engine.messages import (
    CallEnded,
    CallerReady,
    CancelOrder,
    DescribeGateway,
    GatewayDescribed,
    LookUpOrder,
    MakeCall,
    OrderRejected,
)
from engine.values import Kind
from tests.engine.gateway_desk import RULES, Desk, desk, given_up, report, reported, submit, taken, told_fill, trade
from tests.engine.samples import ADDRESSES, BUY, SELL, D

PLACE = Place("ga-1", BUY, Kind.LIMIT, D(100), D(3))
LOOK_UP, CANCEL = LookUp("ga-1"), Cancel("ga-1")
SILENCE, NOWHERE, REFUSED = Unknown("no answer"), NotFound("no such order"), Refused(Refusal.FUNDS, "too poor")
EMPTY = Done()  # an answer that does not say what it should
GIVEN_UP = given_up()


def placing(**changes: object) -> Desk:
    """Have an order on its way."""
    one = desk(**changes)
    one.tell(submit())
    assert one.call == PLACE
    return one


def resting(**changes: object) -> Desk:
    """Have an order that the exchange took."""
    one = placing(**changes)
    assert one.end(taken()) == [reported()]
    return one


def cancelling(**changes: object) -> Desk:
    one = resting(**changes)
    one.tell(CancelOrder("ga-1"))
    assert one.call == CANCEL
    return one


# --- placing -----------------------------------------------------------------------------------------


def test_order_that_is_taken_is_reported() -> None:
    one = placing()
    assert one.end(taken()) == [reported()]
    assert one.is_done


def test_trades_that_come_with_the_answer_are_told_first() -> None:
    one = placing()
    assert one.end(Done((report(filled=2),), (trade("7"), trade("8"), trade("9", number=2)))) == [
        told_fill("7"),
        told_fill("8"),
        reported(filled=2),
    ]


def test_trades_of_another_order_in_the_answer_are_not_this_ones() -> None:
    one = placing()
    one.end(taken())
    one.tell(submit(2))
    assert one.end(Done((report(2),), (trade("7", number=1),))) == [reported(2)]


def test_limit_orders_are_post_only_where_the_rules_say_so() -> None:
    one = desk(post_only=True, callers=2)
    one.tell(submit(), submit(2, SELL, Kind.MARKET))
    assert one.calls == [
        Place("ga-1", BUY, Kind.LIMIT, D(100), D(3), post_only=True),
        Place("ga-2", SELL, Kind.MARKET, D(100), D(3), post_only=False),
    ]


@pytest.mark.parametrize("reason", Refusal)
def test_order_that_is_refused_is_rejected(reason: Refusal) -> None:
    one = placing()
    assert one.end(Refused(reason, "no")) == [OrderRejected("ga-1", reason, "no")]
    assert one.is_done


def test_order_told_again_is_one_order() -> None:
    one = placing()
    one.tell(submit())
    one.end(taken())
    assert one.calls == []


def test_order_told_again_after_it_was_taken_is_looked_up() -> None:
    one = resting()
    one.tell(submit())
    assert one.call == LOOK_UP
    assert one.end(Done((report(filled=3, is_open=False),), (trade("7", quantity=3),))) == [
        told_fill("7", quantity=3),
        reported(filled=3, is_open=False),
    ]


# --- a place call without an answer ------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [SILENCE, EMPTY, NOWHERE, Done((report(2),))], ids=repr)
def test_placing_without_an_answer_is_looked_up_at_once(outcome: Outcome) -> None:
    one = placing()
    assert one.end(outcome) == []
    assert one.call == LOOK_UP
    assert one.described.unresolved == 1
    assert one.end(Done((report(filled=1),), (trade("7"),))) == [told_fill("7"), reported(filled=1)]
    assert (one.is_done, one.described.unresolved) == (True, 0)


def test_caller_that_is_replaced_has_left_its_call_without_an_answer() -> None:
    one = placing()
    one.out.clear()
    one.tell(CallerReady(0))
    assert one.call == LOOK_UP


def test_order_is_sent_again_when_it_is_not_there_after_the_answer_window() -> None:
    one = placing()
    one.end(SILENCE)
    one.end(NOWHERE)
    assert one.calls == []
    assert (one.wait(), one.call) == (6.0, LOOK_UP)
    assert one.end(NOWHERE) == []
    assert (one.wait(), one.call) == (1.0, PLACE)
    assert one.end(taken()) == [reported()]


def test_order_that_arrives_late_is_taken() -> None:
    one = placing()
    one.end(SILENCE)
    one.end(NOWHERE)
    one.wait()
    assert one.end(taken()) == [reported()]
    assert one.is_done


def test_order_that_never_arrives_is_rejected_after_all_retries() -> None:
    one = placing()
    waits = []
    for _ in range(3):
        assert one.call == PLACE
        one.end(SILENCE)
        one.end(NOWHERE)
        one.wait()
        told = one.end(NOWHERE)
        waits.append(one.wait() if not told else None)
    assert waits == [1.0, 2.0, None]
    assert told == [OrderRejected("ga-1", Refusal.UNREACHABLE, "sent 3 times, never arrived")]
    assert one.is_done


@pytest.mark.parametrize("outcome", [SILENCE, EMPTY, REFUSED], ids=repr)
def test_look_up_without_an_answer_is_tried_for_ever_at_longer_intervals(outcome: Outcome) -> None:
    one = placing()
    one.end(SILENCE)
    waits = []
    for _ in range(9):
        assert one.call == LOOK_UP
        assert one.end(outcome) == []
        waits.append(one.wait())
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, 30]
    assert one.end(taken()) == [reported()]


def test_silence_between_does_not_shorten_the_answer_window() -> None:
    one = placing()
    outcomes: list[Outcome] = [SILENCE, SILENCE, NOWHERE, SILENCE, NOWHERE]
    for outcome, then in zip(outcomes, (0.0, 1.0, 6.0, 1.0, 1.0), strict=True):
        one.end(outcome)
        assert (0 if one.calls else one.wait()) == then
    assert one.call == PLACE


@pytest.mark.parametrize(
    ("answer", "told"), [(taken(), reported()), (NOWHERE, OrderRejected("ga-1", REFUSED.reason, REFUSED.text))]
)
def test_refusal_of_an_order_sent_again_is_believed_only_when_it_is_not_there(answer: Outcome, told: object) -> None:
    one = placing()
    for lost in (SILENCE, NOWHERE, NOWHERE):
        one.end(lost)
        if not one.calls:
            one.wait()
    assert one.calls == [PLACE]
    assert one.end(REFUSED) == []
    assert one.calls == [LOOK_UP]
    assert one.end(answer) == [told]
    assert one.is_done


def test_order_lost_with_its_caller_is_not_sent_again_before_the_successor_has_ended_a_call() -> None:
    one = desk(callers=2)
    one.tell(submit())
    one.out.clear()
    one.tell(CallerReady(0))  # it may have found the order in its inbox, and be about to place it
    assert list(one.out) == [1]
    one.end(NOWHERE)
    one.wait()
    assert (list(one.out), one.call) == ([0], LOOK_UP)
    one.tell(LookUpOrder("ga-2"))
    one.end(NOWHERE, caller=0)  # now it has not, and will not
    one.end(Done((report(2),)), caller=1)
    assert (one.wait(), one.call) == (6.0, LOOK_UP)
    one.end(NOWHERE)
    one.wait()
    assert one.call == PLACE


# --- cancelling --------------------------------------------------------------------------------------


def test_cancelled_order_is_reported() -> None:
    one = cancelling()
    assert one.end(Done((report(filled=1, is_open=False),), (trade("7"),))) == [
        told_fill("7"),
        reported(filled=1, is_open=False),
    ]
    assert one.is_done


def test_order_that_has_not_been_sent_is_dropped() -> None:
    one = placing()
    one.tell(submit(2))
    assert one.tell(CancelOrder("ga-2")) == [given_up(2)]
    one.end(taken())
    assert one.is_done


def test_order_on_its_way_is_cancelled_once_it_has_been_taken() -> None:
    one = placing()
    assert one.tell(CancelOrder("ga-1"), CancelOrder("ga-1")) == []
    assert one.end(taken()) == [reported()]
    assert one.call == CANCEL
    assert one.end(Done((report(is_open=False),))) == [reported(is_open=False)]
    assert one.is_done


def test_order_on_its_way_that_fills_needs_no_cancel() -> None:
    one = placing()
    one.tell(CancelOrder("ga-1"))
    assert one.end(Done((report(filled=3, is_open=False),))) == [reported(filled=3, is_open=False)]
    assert one.is_done


def test_order_on_its_way_that_the_exchange_puts_off_is_dropped() -> None:
    one = placing()
    one.tell(CancelOrder("ga-1"))
    assert one.end(NotYet(5.0, "busy")) == [GIVEN_UP]
    assert one.is_done


def test_cancelled_order_that_never_arrived_is_not_sent_again() -> None:
    one = placing()
    one.tell(CancelOrder("ga-1"))
    one.end(SILENCE)
    assert one.call == LOOK_UP
    one.end(NOWHERE)
    one.wait()
    assert one.end(NOWHERE) == [GIVEN_UP]
    assert one.is_done


def test_order_waiting_to_be_sent_again_is_dropped() -> None:
    one = placing()
    for outcome in (SILENCE, NOWHERE):
        one.end(outcome)
        if not one.calls:
            one.wait()
    one.end(NOWHERE)
    assert one.tell(CancelOrder("ga-1")) == [GIVEN_UP]
    assert one.is_done


@pytest.mark.parametrize("outcome", [NOWHERE, SILENCE, REFUSED, EMPTY], ids=repr)
def test_cancel_that_fails_is_followed_by_the_truth(outcome: Outcome) -> None:
    one = cancelling()
    assert one.end(outcome) == []
    assert one.call == LOOK_UP
    assert one.end(Done((report(filled=3, is_open=False),), (trade("7", quantity=3),))) == [
        told_fill("7", quantity=3),
        reported(filled=3, is_open=False),
    ]
    assert one.is_done


@pytest.mark.parametrize("outcome", [NOWHERE, SILENCE, REFUSED], ids=repr)
def test_cancel_is_tried_until_the_order_has_ended(outcome: Outcome) -> None:
    one = cancelling()
    waits = []
    for _ in range(7):
        one.end(outcome)
        one.end(taken())
        waits.append(one.wait())
        assert one.call == CANCEL
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_order_that_comes_and_goes_is_not_given_up() -> None:
    one = cancelling()
    for _ in range(5):
        one.end(NOWHERE)
        assert one.end(NOWHERE) == []
        one.wait()
        assert one.end(taken()) == [reported()]
        one.wait()
        assert one.call == CANCEL


def test_search_begins_anew_when_an_order_that_is_not_found_is_to_be_cancelled() -> None:
    one = resting()
    one.tell(LookUpOrder("ga-1"))
    one.end(NOWHERE)
    one.tell(CancelOrder("ga-1"))
    assert one.calls == [CANCEL]
    one.end(NOWHERE)
    for _ in range(2):
        assert one.end(NOWHERE) == []
        assert (one.wait(), one.calls) == (6.0, [LOOK_UP])
    assert one.end(NOWHERE) == [GIVEN_UP]


def test_cancel_that_is_done_and_leaves_the_order_open_is_looked_into() -> None:
    one = cancelling()
    assert one.end(taken()) == [reported()]
    assert (one.wait(), one.call) == (1.0, LOOK_UP)


def test_order_that_nothing_is_known_of_is_cancelled() -> None:
    one = desk()
    one.tell(CancelOrder("ga-1"))
    assert one.call == CANCEL


def test_cancel_does_not_wait_for_a_question_that_was_put_off() -> None:
    one = resting()
    one.tell(LookUpOrder("ga-1"))
    one.end(SILENCE)
    assert one.calls == []
    one.tell(CancelOrder("ga-1"))
    assert one.call == CANCEL


def test_cancel_does_not_shorten_the_answer_window() -> None:
    one = placing()
    one.end(SILENCE)
    one.end(NOWHERE)
    one.tell(CancelOrder("ga-1"))
    assert one.wait() == 6.0


# --- looking up --------------------------------------------------------------------------------------


def test_order_is_looked_up_with_its_trades() -> None:
    one = desk()
    one.tell(LookUpOrder("ga-1"), LookUpOrder("ga-1"))
    assert one.end(Done((report(filled=2),), (trade("7"), trade("8")))) == [
        told_fill("7"),
        told_fill("8"),
        reported(filled=2),
    ]
    assert one.is_done


def test_question_about_an_order_on_its_way_is_answered_by_what_becomes_of_it() -> None:
    one = placing()
    one.tell(submit(2), LookUpOrder("ga-2"), LookUpOrder("ga-1"))
    assert one.end(taken()) == [reported()]
    assert one.end(taken(2)) == [reported(2)]
    assert one.is_done


def test_question_during_a_cancel_is_answered_after_it() -> None:
    one = cancelling()
    one.tell(LookUpOrder("ga-1"))
    assert one.end(Done((report(filled=1, is_open=False),))) == [reported(filled=1, is_open=False)]
    assert one.call == LOOK_UP
    assert one.end(Done((report(filled=1, is_open=False),), (trade("7"),)))[0] == told_fill("7")
    assert one.is_done


def test_question_about_an_order_that_was_cancelled_is_no_exit() -> None:
    one = cancelling()
    one.tell(LookUpOrder("ga-1"), LookUpOrder("ga-5"))
    one.end(Done((report(is_open=False),)))
    assert one.calls == [LookUp("ga-5")]


def test_order_that_is_gone_for_good_is_reported_ended_with_what_it_had_filled() -> None:
    one = placing()
    one.end(Done((report(filled=1),)))
    one.tell(LookUpOrder("ga-1"))
    one.end(NOWHERE)
    waits = []
    for _ in range(2):
        waits.append(one.wait())
        told = one.end(NOWHERE)
    assert waits == [6.0, 6.0]
    assert told == [given_up(filled=1)]
    assert one.is_done


# --- callers -----------------------------------------------------------------------------------------


def test_every_caller_has_one_call_and_every_order_one_caller() -> None:
    one = desk(callers=2)
    one.tell(submit(1), submit(2), submit(3), CancelOrder("ga-1"))
    assert [call.client_order_id for call in one.calls if isinstance(call, Place)] == ["ga-1", "ga-2"]
    one.end(taken(), caller=0)
    assert one.calls[0] == CANCEL  # an exit goes before what has waited longer
    assert one.described.pending == 1


def test_nobody_is_asked_before_somebody_is_ready() -> None:
    gateway = Gateway("ga", RULES, ADDRESSES, lambda: 0.0)
    assert gateway.handle(submit()) == []
    assert gateway.handle(CallerReady(3)) == [Send(ADDRESSES.caller(3), MakeCall(1, PLACE))]


@pytest.mark.parametrize(("caller", "number"), [(0, 0), (0, 2), (1, 1), (9, 1)])
def test_end_of_a_call_that_is_not_being_made_is_ignored(caller: int, number: int) -> None:
    one = placing()
    assert one.tell(CallEnded(caller, number, taken())) == []
    assert one.described.in_flight == 1


def test_what_is_going_on_is_described() -> None:
    one = desk(callers=2)
    one.tell(*map(submit, range(1, 6)))
    one.end(SILENCE, caller=0)
    described = one.described
    assert (described.pending, described.in_flight, described.unresolved, described.idle_callers) == (3, 2, 2, 0)
    assert (described.breaker, described.paused, described.put_off) == ("closed", False, 0)


# --- how it gets on with the exchange ----------------------------------------------------------------


def trouble_after(*outcomes: Outcome) -> str | None:
    gateway = Gateway("ga", RULES, ADDRESSES, lambda: 0.0)
    gateway.handle(CallerReady(0))
    for number, outcome in enumerate(outcomes, 1):
        gateway.handle(submit(number))
        gateway.handle(CallEnded(0, number, outcome))
    (reply,) = gateway.handle(DescribeGateway())
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, GatewayDescribed)
    return reply.value.trouble


@pytest.mark.parametrize(
    ("outcomes", "trouble"),
    [
        ((), None),
        ((taken(),), None),
        ((REFUSED,), None),
        ((SILENCE,), "no answer"),
        ((NotYet(5.0, "too many requests"),), "too many requests"),
        ((taken(), SILENCE), "no answer"),
    ],
)
def test_trouble_is_why_the_last_call_found_no_answer(outcomes: tuple[Outcome, ...], trouble: str | None) -> None:
    assert trouble_after(*outcomes) == trouble


def test_answer_ends_the_trouble() -> None:
    assert trouble_after(SILENCE, taken(2)) is None
