"""Catching up through a gateway: every trade since one that is known, then every open order."""

from __future__ import annotations

import pytest

from engine.calls import Done, ListOpenOrders, ListTrades, NotFound, OrderReport, Outcome, Refusal, Refused, Unknown
from engine.messages import CatchUp, LookUpOrder, OpenOrdersListed
from tests.engine.gateway_desk import Desk, desk, report, reported, submit, told_fill, trade
from tests.engine.samples import D

FOREIGN = OrderReport("web_1", "x9", D(0), is_open=True)
NOTHING = OpenOrdersListed(())


def catching_up(after: str | None = "5") -> Desk:
    one = desk()
    one.tell(CatchUp(after))
    assert one.call == ListTrades(after)
    return one


def test_trades_are_told_in_order_then_the_open_orders_that_are_the_grids() -> None:
    one = catching_up()
    assert one.end(Done((), (trade("6", 2), trade("7", 9), trade("8", 1), trade("9", 2)))) == []
    assert one.call == ListOpenOrders()
    assert one.end(Done((report(1, filled=1), FOREIGN, report(2, filled=2)))) == [
        told_fill("6", 2),
        told_fill("8", 1),
        told_fill("9", 2),
        OpenOrdersListed((reported(1, filled=1), reported(2, filled=2))),
    ]
    assert one.is_done


def test_trades_of_orders_that_have_ended_are_told_as_long_as_they_are_known() -> None:
    one = desk()
    one.tell(submit(1))
    one.end(Done((report(1, is_open=False),)))
    one.tell(CatchUp(None))
    one.end(Done((), (trade("6", 1), trade("7", 2))))
    assert one.end(Done()) == [told_fill("6", 1), NOTHING]


@pytest.mark.parametrize("failure", [Unknown("no answer"), Refused(Refusal.PERMISSION, "no"), NotFound("?")], ids=repr)
def test_failures_are_tried_again_at_longer_intervals(failure: Outcome) -> None:
    one = catching_up()
    waits = []
    for _ in range(3):
        one.end(failure)
        waits.append(one.wait())
        assert one.call == ListTrades("5")
    one.end(Done((), ()))
    for _ in range(2):
        one.end(failure)
        waits.append(one.wait())
        assert one.call == ListOpenOrders()
    assert waits == [1, 2, 4, 1, 2]
    assert one.end(Done()) == [NOTHING]


def test_newer_one_replaces_one_that_waits() -> None:
    one = desk()
    one.tell(LookUpOrder("ga-1"), CatchUp("5"), CatchUp("8"))
    one.end(Done((report(1),)))
    assert one.call == ListTrades("8")
    one.end(Done())
    assert one.end(Done()) == [NOTHING]
    assert one.is_done


@pytest.mark.parametrize("answered", [0, 1])
def test_newer_one_is_asked_from_its_beginning_and_what_is_older_is_not_told(answered: int) -> None:
    one = catching_up()
    for _ in range(answered):
        one.end(Done((), (trade("6", 1),)))
    one.tell(CatchUp("8"))
    assert one.end(Done((report(1),), (trade("6", 1),))) == []
    assert one.call == ListTrades("8")
    one.end(Done((), (trade("9", 1),)))
    assert one.end(Done((report(1),))) == [told_fill("9"), OpenOrdersListed((reported(1),))]
    assert one.is_done


def test_newer_one_does_not_hurry_one_that_failed() -> None:
    one = catching_up()
    one.end(Unknown("no answer"))
    one.tell(CatchUp("8"))
    assert one.calls == []
    assert (one.wait(), one.call) == (1.0, ListTrades("8"))
