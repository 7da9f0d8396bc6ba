"""A gateway that is told what the grid had at the exchange before it knew of anything."""

from __future__ import annotations

from engine.calls import Done, LookUp, NotFound, NotYet, Place, Refusal, Refused
from engine.messages import (
    CancelOrder,
    CatchUp,
    LookUpOrder,
    OpenOrdersListed,
    OrderRejected,
    RecalledOrder,
    RecallOrders,
)
from tests.engine.gateway_desk import Desk, desk, given_up, report, reported, submit, told_fill, trade
from tests.engine.samples import D, Number

LOOK_UP = LookUp("ga-1")
NOWHERE = NotFound("no such order")


def recalled(number: int = 1, order_id: str | None = None, filled: Number = 0) -> RecalledOrder:
    return RecalledOrder(submit(number), f"x{number}" if order_id is None else order_id, D(filled))


def recalling(*orders: RecalledOrder) -> Desk:
    one = desk()
    assert one.tell(RecallOrders(orders, "5")) == []
    return one


def test_trades_of_a_recalled_order_that_ended_meanwhile_are_told_as_the_grids() -> None:
    one = recalling(recalled(1), recalled(2))
    one.tell(CatchUp("5"))
    one.end(Done((), (trade("6", 1), trade("7", 9))))
    assert one.end(Done((report(2),))) == [told_fill("6", 1), OpenOrdersListed((reported(2),))]


def test_orders_that_were_heard_of_are_not_asked_for_one_by_one() -> None:
    assert recalling(recalled(1), recalled(2, "", filled=1)).is_done


def test_order_that_was_never_heard_of_is_looked_up_with_its_trades() -> None:
    one = recalling(recalled(1, ""))
    assert one.call == LOOK_UP
    assert one.end(Done((report(1, filled=1, is_open=False),), (trade("6", 1),))) == [
        told_fill("6", 1),
        reported(1, filled=1, is_open=False),
    ]
    assert one.is_done


def test_order_that_is_told_again_while_it_is_looked_up_is_not_sent() -> None:
    one = recalling(recalled(1, ""))
    one.tell(submit(1))
    assert one.call == LOOK_UP
    assert one.end(Done((report(1, filled=1),), (trade("6"),))) == [told_fill("6"), reported(1, filled=1)]
    assert one.is_done


def test_order_that_never_arrived_is_sent_when_it_certainly_will_not_come_any_more() -> None:
    one = recalling(recalled(1, ""))
    assert one.end(NOWHERE) == []
    one.wait()
    assert one.end(NOWHERE) == []
    one.wait()
    order = submit(1)
    assert one.call == Place("ga-1", order.side, order.kind, order.price, order.quantity)
    assert one.end(Done((report(1),))) == [reported(1)]
    assert one.is_done


def test_order_that_never_arrived_and_is_not_wanted_any_more_is_not_sent() -> None:
    one = recalling(recalled(1, ""))
    one.tell(CancelOrder("ga-1"))
    assert one.end(NOWHERE) == []
    one.wait()
    assert one.call == LOOK_UP
    assert one.end(NOWHERE) == [given_up(1)]
    assert one.is_done


def test_recalled_order_that_the_exchange_has_forgotten_ended_with_what_is_recalled_of_it() -> None:
    one = recalling(recalled(1, filled=2))
    one.tell(LookUpOrder("ga-1"))
    for _ in range(2):
        one.end(NOWHERE)
        one.wait()
    assert one.end(NOWHERE) == [given_up(1, filled=2)]


def test_recalled_order_is_cancelled_like_any_other() -> None:
    one = recalling(recalled(1))
    one.tell(CancelOrder("ga-1"))
    assert one.end(Done((report(1, is_open=False),))) == [reported(1, is_open=False)]


def test_what_is_recalled_again_is_no_news_to_a_gateway_that_went_on() -> None:
    one = desk()
    one.tell(submit(1))
    one.end(Done((report(1, filled=2),)))
    one.tell(RecallOrders((recalled(1, ""), recalled(2)), None), CatchUp("5"))
    one.end(Done((), (trade("6", 1),)))
    assert one.end(Done((report(1, filled=2),)))[0] == told_fill("6", 1)


def test_other_orders_are_sent_as_ever() -> None:
    one = recalling(recalled(1))
    one.tell(submit(2))
    assert isinstance(one.call, Place)


def test_that_an_order_was_refused_is_told_again_and_nothing_is_sent() -> None:
    one = desk()
    one.tell(submit(1))
    refused = one.end(Refused(Refusal.FUNDS, "too poor"))
    assert refused == [OrderRejected("ga-1", Refusal.FUNDS, "too poor")]
    assert one.tell(RecallOrders((recalled(1, ""),), None)) == refused
    assert one.is_done


def test_that_an_order_was_taken_back_before_it_was_sent_is_told_again_and_nothing_is_sent() -> None:
    one = desk()
    one.tell(submit(1))
    one.end(NotYet(5.0, "too many requests"))
    taken_back = one.tell(CancelOrder("ga-1"))
    assert taken_back == [given_up(1)]
    assert one.tell(RecallOrders((recalled(1, ""),), None)) == taken_back
