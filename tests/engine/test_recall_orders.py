"""An order manager that begins where another one was: what there was is asked for before anything is served."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from engine.calls import Refusal
from engine.effects import After, Effect, Reply, Send
from engine.journal.rows import OrderRow
from engine.messages import (
    CancelAllOrders,
    CancelOrder,
    CatchUp,
    CaughtUp,
    DescribeOrders,
    LookUpOrder,
    OpenOrdersListed,
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRejected,
    OrderReported,
    OrdersRecalled,
    OrdersRecovered,
    OrdersUnobserved,
    RecalledOrder,
    RecallOrders,
    TradeBooked,
)
from engine.order_manager import OrderManager
from engine.orders import OrderState
from engine.values import ZERO
from tests.engine.journalled import JOURNALLED, booked, ended, intent, name_of, order_row, submit
from tests.engine.samples import BUY, SELL, D, Number, filled, market_wish, messages, told, wish

ONE, TWO = wish("1", BUY, 100, 3), wish("2", SELL, 130, 3, cycle=4)
NEXT = wish("1", SELL, 110, 3, "t")
FIRST, SECOND = name_of(ONE), name_of(TWO)
OPEN = order_row(ONE, state=OrderState.ACCEPTED, order_id="x1")
UNHEARD_OF = order_row(ONE)
PARTLY = order_row(ONE, state=OrderState.PARTLY_FILLED, order_id="x1", filled=D(1))
PART = booked(ONE, "5", quantity=1, complete=False)
NOTHING = OpenOrdersListed(())


def manager() -> OrderManager:
    return OrderManager("tag", JOURNALLED)


def recalled(
    *rows: OrderRow, trades: tuple[TradeBooked, ...] = (), caught_up: str | None = "4", newest: str | None = "5"
) -> OrderManager:
    of = manager()
    of.handle(OrdersRecalled(rows, trades, caught_up, newest))
    return of


def serving(*wishes: Any) -> OrderManager:
    """Give one that has been through its start, with an order for each wish."""
    of = recalled()
    of.handle(NOTHING)
    for one in wishes:
        of.handle(one)
    return of


def report(quantity: Number = 0, *, is_open: bool = True, name: str = FIRST, order_id: str = "x1") -> OrderReported:
    return OrderReported(name, D(quantity), is_open, order_id)


def fill(trade_id: str, quantity: Number, name: str = FIRST) -> OrderFilled:
    return evolve(filled(name, trade_id, 100, quantity), order_id="x1")


def gate(effects: list[Effect]) -> list[Any]:
    """Give what goes to the exchange by way of the journal, and to nobody else."""
    assert told(effects, JOURNALLED.exchange) == []
    passing = CancelOrder | LookUpOrder | CatchUp | RecallOrders
    return [one for one in written(effects) if isinstance(one, passing)]


def written(effects: list[Effect]) -> list[Any]:
    assert JOURNALLED.journal is not None
    return told(effects, JOURNALLED.journal)


def heard(effects: list[Effect]) -> list[Any]:
    return told(effects, JOURNALLED.balance_tracker)


def open_orders(of: OrderManager) -> list[tuple[str, Decimal]]:
    (reply,) = of.handle(DescribeOrders())
    assert isinstance(reply, Reply)
    return [(order.client_order_id, order.filled) for order in reply.value]


# --- before it serves ------------------------------------------------------------------------------------


def test_wishes_are_held_until_the_exchange_has_said_how_all_stands() -> None:
    of = manager()
    assert of.handle(ONE) == []
    assert gate(of.handle(OrdersRecalled((), (), None, None))) == [RecallOrders((), None), CatchUp(None)]
    assert of.handle(TWO) == []
    assert written(of.handle(NOTHING)) == [intent(ONE), intent(TWO)]
    assert written(of.handle(NEXT)) == [intent(NEXT)]


def test_what_there_was_is_recalled_before_it_is_asked_for() -> None:
    of = manager()
    sold = order_row(TWO, order_id="", state=OrderState.ACCEPTED)
    effects = of.handle(OrdersRecalled((PARTLY, sold), (PART,), "4", "5"))
    assert (
        gate(effects)
        == messages(effects)
        == [
            RecallOrders((RecalledOrder(submit(ONE), "x1", D(1)), RecalledOrder(submit(TWO), "", ZERO)), "5"),
            CatchUp("4"),
        ]
    )
    assert open_orders(of) == [(FIRST, D(1)), (SECOND, ZERO)]


def test_nothing_is_asked_for_before_it_is_known_what_there_is() -> None:
    assert manager().handle(OrdersUnobserved()) == []


def test_a_wish_that_is_an_order_already_is_no_second_one() -> None:
    of = recalled(OPEN)
    of.handle(ONE)
    assert written(of.handle(OpenOrdersListed((report(),)))) == [CaughtUp("5"), OrdersRecovered(1, 1)]
    assert of.handle(ONE) == []


# --- what a start finds of an order -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "trades", "news", "books", "ends", "stays"),
    [
        pytest.param(OPEN, (), [OpenOrdersListed((report(),))], [], None, True, id="open"),
        pytest.param(
            OPEN,
            (),
            [fill("6", 3), NOTHING, report(3, is_open=False)],
            [("6", D(3), True)],
            None,
            False,
            id="filled while nobody was there",
        ),
        pytest.param(
            OPEN,
            (),
            [fill("6", 1), OpenOrdersListed((report(1),))],
            [("6", D(1), False)],
            None,
            True,
            id="partly filled and open",
        ),
        pytest.param(
            OPEN,
            (),
            [fill("6", 1), NOTHING, fill("6", 1), report(1, is_open=False)],
            [("6", D(1), False)],
            ended(ONE, 1, "6"),
            False,
            id="partly filled, then cancelled",
        ),
        pytest.param(
            PARTLY,
            (PART,),
            [NOTHING, fill("5", 1), report(1, is_open=False)],
            [],
            ended(ONE, 1, "5"),
            False,
            id="filled no further than we knew, then expired",
        ),
        pytest.param(OPEN, (), [NOTHING, report(0, is_open=False)], [], ended(ONE), False, id="cancelled or expired"),
        pytest.param(
            UNHEARD_OF,
            (),
            [NOTHING, report(0, is_open=False, order_id="")],
            [],
            ended(ONE),
            False,
            id="never arrived, and never will",
        ),
        pytest.param(
            UNHEARD_OF,
            (),
            [NOTHING, OrderRejected(FIRST, Refusal.FUNDS, "too little")],
            [],
            ended(ONE, refusal=Refusal.FUNDS, text="too little"),
            False,
            id="sent again, and refused",
        ),
        pytest.param(UNHEARD_OF, (), [NOTHING, report()], [], None, True, id="unknown until asked: it is open"),
        pytest.param(
            UNHEARD_OF,
            (),
            [NOTHING, fill("6", 3), report(3, is_open=False)],
            [("6", D(3), True)],
            None,
            False,
            id="unknown until asked: it has filled",
        ),
        pytest.param(
            PARTLY,
            (PART,),
            [fill("5", 1), fill("6", 2), NOTHING, fill("6", 2), report(3, is_open=False)],
            [("6", D(2), True)],
            None,
            False,
            id="trades told before, and told twice",
        ),
    ],
)
def test_what_became_of_an_order_is_told_once(
    row: OrderRow,
    trades: tuple[TradeBooked, ...],
    news: list[Any],
    books: list[tuple[str, Decimal, bool]],
    ends: OrderEnded | None,
    stays: bool,  # noqa: FBT001 - a table's column
) -> None:
    of = recalled(row, trades=trades)
    effects = [effect for one in news for effect in of.handle(one)]
    told_of = [one for one in heard(effects) if isinstance(one, TradeBooked)]
    assert [(one.trade_id, one.quantity, one.complete) for one in told_of] == books
    assert [one for one in heard(effects) if isinstance(one, OrderEnded)] == ([] if ends is None else [ends])
    for address in (JOURNALLED.journal, ONE.owner.address):
        same = [one for one in told(effects, str(address)) if isinstance(one, TradeBooked | OrderEnded)]
        assert same == [one for one in heard(effects) if isinstance(one, TradeBooked | OrderEnded)]
    assert [name for name, _ in open_orders(of)] == ([FIRST] if stays else [])


@pytest.mark.parametrize("row", [OPEN, UNHEARD_OF, PARTLY])
def test_whatever_was_to_be_there_and_is_not_is_looked_up(row: OrderRow) -> None:
    of = recalled(row, trades=(PART,) if row is PARTLY else ())
    assert gate(of.handle(NOTHING)) == [LookUpOrder(FIRST)]


def test_trades_that_the_list_shows_and_nobody_has_told_are_asked_for() -> None:
    of = recalled(PARTLY, trades=(PART,))
    effects = of.handle(OpenOrdersListed((report(2),)))
    (due,) = [effect for effect in effects if isinstance(effect, After)]
    assert gate(of.handle(due.message)) == [LookUpOrder(FIRST)]


def test_a_trade_of_an_order_that_ended_before_counts_for_nothing() -> None:
    of = recalled(OPEN)
    assert of.handle(fill("3", 3, SECOND)) == []
    of.handle(fill("6", 3))
    assert of.handle(fill("6", 3)) == []


# --- strangers -----------------------------------------------------------------------------------------


def listing(*names: str) -> OpenOrdersListed:
    return OpenOrdersListed(tuple(report(name=name) for name in names))


def test_an_order_that_bears_the_grids_name_and_is_unknown_is_taken_down_when_two_lists_have_it() -> None:
    of = recalled()
    assert gate(of.handle(listing("tag-9-0b0"))) == []
    of.handle(OrdersUnobserved())
    assert gate(of.handle(listing("tag-9-0b0", "tag-8-0b0"))) == [CancelOrder("tag-9-0b0")]


def test_an_order_that_is_unknown_in_one_list_alone_is_left_alone() -> None:
    of = recalled()
    asked = []
    for names in (("tag-9-0b0",), (), ("tag-9-0b0",)):
        asked += gate(of.handle(listing(*names)))
        of.handle(OrdersUnobserved())
    assert asked == []


def test_an_order_that_has_just_ended_is_no_stranger() -> None:
    of = recalled(OPEN)
    of.handle(fill("6", 3))
    of.handle(listing(FIRST))
    of.handle(OrdersUnobserved())
    assert gate(of.handle(NOTHING)) == []


# --- a stop --------------------------------------------------------------------------------------------


def test_a_stop_that_comes_before_it_is_known_what_there_is_takes_it_down_then() -> None:
    of = manager()
    assert of.handle(CancelAllOrders()) == []
    assert gate(of.handle(OrdersRecalled((OPEN, order_row(TWO)), (), "4", "5")))[1:] == [
        CancelOrder(FIRST),
        CancelOrder(SECOND),
        CatchUp("4"),
    ]


@pytest.mark.parametrize("is_recalled", [False, True])
def test_what_was_held_when_the_grid_stops_never_becomes_an_order(is_recalled: bool) -> None:  # noqa: FBT001
    of = recalled(OPEN) if is_recalled else manager()
    of.handle(TWO)
    effects = of.handle(CancelAllOrders())
    if not is_recalled:
        assert effects == []
        effects = of.handle(OrdersRecalled((OPEN,), (), "4", "5"))
    end = ended(TWO, text="the grid stopped first")
    assert heard(effects) == told(effects, TWO.owner.address) == [end]
    assert end not in written(effects)  # it never was an order
    assert CancelOrder(FIRST) in gate(effects)
    assert intent(TWO) not in written(of.handle(OpenOrdersListed((report(),))))


def test_the_sale_that_follows_a_stop_waits_for_the_list_too() -> None:
    of = recalled(OPEN)
    of.handle(CancelAllOrders())
    sale = market_wish(SELL, 90, 3, cycle=2)
    assert of.handle(sale) == []
    assert intent(sale) in written(of.handle(NOTHING))


# --- what is written --------------------------------------------------------------------------------------


def test_a_wish_goes_to_the_journal_and_not_to_the_exchange() -> None:
    of = serving()
    assert of.handle(ONE) == [Send(JOURNALLED.journal, intent(ONE))]  # type: ignore[arg-type]


def test_the_journal_hears_of_trades_and_ends_before_anybody_else() -> None:
    of = serving(ONE, TWO)
    for news in (fill("6", 1), report(1, is_open=False), OrderRejected(SECOND, Refusal.FUNDS, "")):
        addresses = [effect.to for effect in of.handle(news) if isinstance(effect, Send)]
        assert addresses[0] == JOURNALLED.journal
        assert addresses.count(JOURNALLED.journal) + addresses.count(JOURNALLED.balance_tracker) >= 2


def test_the_last_trade_of_an_order_that_ends_with_it_comes_before_its_end() -> None:
    of = serving(ONE)
    of.handle(report(1, is_open=False))
    effects = of.handle(fill("6", 1))
    for address in (JOURNALLED.journal, JOURNALLED.balance_tracker, ONE.owner.address):
        assert [type(one) for one in told(effects, str(address))] == [TradeBooked, OrderEnded]


def test_an_acceptance_is_noted_once_with_the_order_id() -> None:
    of = serving(ONE)
    assert written(of.handle(report())) == [OrderAccepted(FIRST, "x1")]
    assert of.handle(report()) == []
    assert of.handle(report(order_id="")) == []


def test_an_order_id_that_comes_later_is_noted_then() -> None:
    of = serving(ONE)
    assert written(of.handle(report(order_id=""))) == [OrderAccepted(FIRST, "")]
    assert written(of.handle(report())) == [OrderAccepted(FIRST, "x1")]
    assert of.handle(report()) == []


def test_an_acceptance_that_was_written_in_an_earlier_life_is_not_noted_again() -> None:
    assert written(recalled(OPEN).handle(OpenOrdersListed((report(),)))) == [CaughtUp("5"), OrdersRecovered(1, 1)]


def test_an_order_that_never_arrived_was_never_accepted() -> None:
    of = serving(ONE)
    assert [type(one) for one in written(of.handle(report(is_open=False, order_id="")))] == [OrderEnded]


def test_how_far_all_is_known_is_noted_when_it_has_changed() -> None:
    of = recalled(OPEN, caught_up="5", newest="5")
    assert written(of.handle(OpenOrdersListed((report(),)))) == [OrdersRecovered(1, 1)]
    of.handle(fill("8", 1))
    of.handle(OrdersUnobserved())
    assert written(of.handle(OpenOrdersListed((report(1),)))) == [CaughtUp("8")]
    assert gate(of.handle(OrdersUnobserved())) == [CatchUp("8")]
