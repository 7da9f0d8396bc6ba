"""The order manager between streams and answers: any order, some told twice, some never."""

from __future__ import annotations

import pytest

from engine.calls import Refusal
from engine.effects import After, Effect
from engine.messages import (
    CatchUp,
    LookUpDue,
    LookUpOrder,
    OpenOrdersListed,
    OrderEnded,
    OrderRejected,
    OrderReported,
    OrdersUnobserved,
    TradeBooked,
)
from engine.values import ZERO
from tests.engine.samples import ADDRESSES, BUY, D, Number, filled, messages, told
from tests.engine.test_order_manager import FIRST, ONE, SECOND, TWO, booked, manager, open_orders


def report(name: str, quantity: Number = 0, *, is_open: bool = True) -> OrderReported:
    return OrderReported(name, D(quantity), is_open)


def ends(effects: list[Effect]) -> list[OrderEnded]:
    """Give what the ledger is told of ends; the owner is told the same."""
    ended = [one for one in told(effects, ADDRESSES.balance_tracker) if isinstance(one, OrderEnded)]
    assert ended == [one for one in told(effects, ADDRESSES.level("1")) if isinstance(one, OrderEnded)]
    return ended


def asked(effects: list[Effect]) -> list[object]:
    return told(effects, ADDRESSES.exchange)


def test_an_acceptance_tells_nobody() -> None:
    of = manager(ONE)
    assert of.handle(report(FIRST)) == []
    assert of.handle(report(FIRST)) == []
    assert open_orders(of) == (ONE,)


def test_a_fill_may_come_before_the_acceptance() -> None:
    of = manager(ONE)
    assert booked(of.handle(filled(FIRST, "t", 100, 3))).complete
    assert of.handle(report(FIRST, 3, is_open=False)) == []


def test_an_end_waits_until_every_reported_trade_was_told() -> None:
    of = manager(ONE)
    of.handle(filled(FIRST, "t", 100, 1))
    (due,) = of.handle(report(FIRST, 2, is_open=False))
    assert isinstance(due, After)
    assert due.message == LookUpDue(FIRST)
    effects = of.handle(filled(FIRST, "u", 100, 1))
    assert [one.trade_id for one in messages(effects) if isinstance(one, TradeBooked)] == ["u", "u", "u"]
    assert ends(effects) == [OrderEnded(ONE.owner, BUY, D(2), "u")]
    assert of.handle(LookUpDue(FIRST)) == []


def test_missing_trades_are_asked_for_until_they_come() -> None:
    of = manager(ONE)
    delays = []
    effects = of.handle(report(FIRST, 2))
    for _ in range(8):
        (due,) = [effect for effect in effects if isinstance(effect, After)]
        delays.append(due.delay)
        effects = of.handle(due.message)
        assert asked(effects) == [LookUpOrder(FIRST)]
        assert of.handle(report(FIRST, 2)) == []  # one reminder is enough
    assert delays == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10])
    of.handle(filled(FIRST, "t", 100, 2))
    assert of.handle(LookUpDue(FIRST)) == []


def test_a_rejected_order_ends_with_the_exchanges_words() -> None:
    of = manager(ONE)
    effects = of.handle(OrderRejected(FIRST, Refusal.FUNDS, "insufficient balance"))
    assert ends(effects) == [OrderEnded(ONE.owner, BUY, ZERO, "", Refusal.FUNDS, "insufficient balance")]
    assert open_orders(of) == ()


@pytest.mark.parametrize("news", [report(FIRST), filled(FIRST, "t", 100, 1)])
def test_a_rejection_of_an_order_that_the_exchange_has_shown_is_looked_into(news: OrderReported) -> None:
    of = manager(ONE)
    of.handle(news)
    assert asked(of.handle(OrderRejected(FIRST, Refusal.RULES, "?"))) == [LookUpOrder(FIRST)]
    assert open_orders(of) == (ONE,)


def test_a_catch_up_begins_after_the_trades_that_the_last_one_covered() -> None:
    of = manager(ONE)
    assert messages(of.handle(OrdersUnobserved())) == [CatchUp(None)]
    of.handle(OpenOrdersListed((report(FIRST),)))
    of.handle(filled(FIRST, "9", 100, 1))
    assert messages(of.handle(OrdersUnobserved())) == [CatchUp(None)]  # 8 may have been lost on the way
    of.handle(filled(FIRST, "10", 100, 1))
    of.handle(OpenOrdersListed((report(FIRST, 2),)))
    assert messages(of.handle(OrdersUnobserved())) == [CatchUp("9")]
    of.handle(OpenOrdersListed((report(FIRST, 2),)))
    assert messages(of.handle(OrdersUnobserved())) == [CatchUp("10")]


def test_of_catch_ups_there_is_one_at_a_time() -> None:
    of = manager(ONE)
    assert messages(of.handle(OrdersUnobserved())) == [CatchUp(None)]
    assert of.handle(OrdersUnobserved()) == []
    assert of.handle(OrdersUnobserved()) == []
    assert messages(of.handle(OpenOrdersListed((report(FIRST),)))) == [CatchUp(None)]
    assert of.handle(OpenOrdersListed((report(FIRST),))) == []


def test_what_vanished_from_the_list_is_looked_up() -> None:
    of = manager(ONE, TWO)
    of.handle(report(FIRST))
    of.handle(OrdersUnobserved())
    of.handle(report(SECOND))  # accepted after the question: the list cannot tell
    assert asked(of.handle(OpenOrdersListed(()))) == [LookUpOrder(FIRST)]


def test_the_list_shows_what_was_filled_unheard() -> None:
    of = manager(ONE)
    of.handle(OrdersUnobserved())
    (due,) = of.handle(OpenOrdersListed((report(FIRST, 1), report("somebody's", 7))))
    assert isinstance(due, After)
    assert due.message == LookUpDue(FIRST)
