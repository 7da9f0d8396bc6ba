"""Who speaks too early or too late, exits on a full disk, differences that creep."""

from __future__ import annotations

import pytest

from engine.effects import After, Reply, Send
from engine.journal.store import StoreUnavailable
from engine.messages import (
    CancelOrder,
    CommitDue,
    DescribeHistory,
    FundsCleared,
    GridRecalled,
    HaltTrading,
    HistoryRecalled,
    InventoryBought,
    LiquidateGrid,
    LookUpOrder,
    OrderReported,
    OrdersRecalled,
    RecallHistory,
    StopGrid,
    TradeBooked,
)
from engine.messages.alerting import EventsTold
from engine.reporter import Reporter
from engine.values import ZERO
from tests.engine.journalled import BEGUN, JOURNALLED, begun_store, booked, ended, intent, name_of
from tests.engine.samples import BUY, D, told, wish
from tests.engine.test_journal import FULL, failing, holding, sent
from tests.engine.test_recall_manager import IN_RANGE, PURCHASE, RUNNING, manager, recalled, wishes
from tests.engine.test_recall_orders import NOTHING, ONE, OPEN, TWO, fill, written
from tests.engine.test_recall_orders import manager as order_manager
from tests.engine.test_reconciler import Desk

# --- the grid manager acts before it is told how far the grid has come (StopGrid is kept, these are not) --------


def test_an_exit_that_comes_first_is_kept_until_it_is_known_what_there_is_to_sell() -> None:
    """The core crashed and begins again while the risk monitor lives: its word comes before the journal's."""
    of = manager()
    effects = of.handle(LiquidateGrid("stop_loss", D(90)))
    assert told(effects, JOURNALLED.balance_tracker) == []
    effects = of.handle(GridRecalled(RUNNING, (), ()))
    assert told(effects, JOURNALLED.balance_tracker) == [HaltTrading()]
    assert [one.quantity for one in wishes(of.handle(FundsCleared(D(300), D(7))))] == [D(7)]


def test_a_range_that_is_entered_first_arms_the_grid_once() -> None:
    """Until it is known whether it has armed, the range is nobody's business; it is watched again then."""
    of = manager()
    effects = of.handle(IN_RANGE)
    effects += of.handle(GridRecalled(BEGUN, (), ()))
    effects += of.handle(IN_RANGE)
    assert len(wishes(effects)) == 1
    of.handle(booked(PURCHASE, "5"))


# --- after a stop by hand nothing is sold ----------------------------------------------------------------------


def test_a_purchase_that_was_to_be_tried_again_is_no_sale_after_a_stop_by_hand() -> None:
    """The reminder of the purchase comes after the stop, which is to keep what is held."""
    of, _ = recalled(BEGUN)
    of.handle(IN_RANGE)
    of.handle(booked(PURCHASE, "5", quantity=2, complete=False))
    (due,) = of.handle(ended(PURCHASE, 2, "5"))
    assert isinstance(due, After)
    of.handle(StopGrid("SIGINT"))
    of.handle(FundsCleared(D(960), D(2)))
    assert wishes(of.handle(due.message)) == []


# --- the order manager ------------------------------------------------------------------------------------------


def test_a_list_that_comes_before_it_is_known_what_there_was_serves_nobody() -> None:
    """It answers the catch-up of an earlier incarnation."""
    of = order_manager()
    of.handle(NOTHING)
    assert of.handle(ONE) == []
    of.handle(OrdersRecalled((), (), None, None))
    assert of.handle(TWO) == []


def test_a_trade_that_was_booked_between_two_recalls_is_not_booked_again() -> None:
    """Once is enough: whatever comes later is of an earlier incarnation."""
    of = order_manager()
    of.handle(OrdersRecalled((OPEN,), (), "4", "5"))
    of.handle(fill("6", 1))
    of.handle(OrdersRecalled((OPEN,), (), "4", "5"))  # as the journal knew it before it heard of trade 6
    assert [one for one in written(of.handle(fill("6", 1))) if isinstance(one, TradeBooked)] == []


# --- a full disk -------------------------------------------------------------------------------------------------


def test_with_a_full_disk_orders_that_were_never_sent_end_when_they_are_cancelled() -> None:
    """If their cancellations waited behind them, the ledger would never clear and nothing be sold."""
    store = begun_store()
    of = holding(store)
    unsent = wish("0", BUY, 100, 2)
    store.failure = FULL
    of.handle(intent(unsent))
    of.handle(CancelOrder(name_of(unsent)))
    effects = [effect for some in failing(of, 7) for effect in some]
    assert sent(effects) == []
    assert told(effects, JOURNALLED.order_manager) == [OrderReported(name_of(unsent), ZERO, is_open=False)]


def test_with_a_full_disk_a_question_about_a_cancelled_order_goes_with_its_exit() -> None:
    """Without the trades that it asks for the order does not end, and the sale does not begin."""
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    of.handle(intent(wish("0", BUY, 100, 2)))
    failing(of, 6)
    assert of.handle(LookUpOrder("tag-1-0b0")) == []
    assert sent(of.handle(CommitDue(is_retry=True))) == [LookUpOrder("tag-1-0b0")]


def test_a_journal_that_is_asked_for_the_history_lives_through_a_full_disk() -> None:
    store = begun_store()
    of = holding(store)
    store.failure = StoreUnavailable("disk full")
    of.handle(intent(wish("0", BUY, 100, 2)))
    of.handle(RecallHistory())


def test_while_the_store_is_away_it_is_tried_by_one_reminder_at_a_time() -> None:
    """A fact's reminder and an order's come within a moment: the second begins no tries of its own."""
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    (soon,), (now,) = of.handle(InventoryBought()), of.handle(intent(wish("0", BUY, 100, 2)))
    assert isinstance(soon, After)
    assert isinstance(now, Send)
    due, tries = [(0.0, now.message), (soon.delay, soon.message)], 0
    while due and due[0][0] < 3.0:
        at, message = due.pop(0)
        effects = of.handle(message)
        tries += bool(effects)
        due += [(at + again.delay, again.message) for again in effects if isinstance(again, After)]
        due.sort(key=lambda one: one[0])
    assert tries == 5  # at 0, 0.1, 0.3, 0.7 and 1.5 seconds; the next is after 3.1


# --- the reporter ------------------------------------------------------------------------------------------------


def test_a_trade_that_comes_while_the_history_is_on_its_way_is_in_it_once() -> None:
    """The journal tells what it has written, and then all, with that."""
    assert JOURNALLED.journal is not None
    of = Reporter({"SOL/USDT": 60_000}, journals=[JOURNALLED.journal])
    before, meanwhile, later = (booked(ONE, name, quantity=1, complete=False) for name in "567")
    of.handle(EventsTold("SOL/USDT", (), (meanwhile,), 1))
    of.handle(HistoryRecalled("SOL/USDT", (D(1200), ZERO), None, None, (before, meanwhile)))
    of.handle(EventsTold("SOL/USDT", (), (later,), 1))
    (reply,) = of.handle(DescribeHistory("SOL/USDT"))
    assert isinstance(reply, Reply)
    assert [trade.trade_id for trade in reply.value.trades] == ["5", "6", "7"]


# --- differences ---------------------------------------------------------------------------------------------------


def test_a_lack_that_creeps_is_told_when_it_has_become_large() -> None:
    """Each comparison within the tolerance moves what the next one is measured by: 40 % vanish unnoticed."""
    desk = Desk(tolerance="0.01")
    heard = []
    for step in range(1, 41):
        heard += desk.has(SOL=D(5) - D("0.05") * step).compares(2)
    assert "SOL" in heard


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_lack_that_is_never_twice_the_same_is_told(is_alone: bool) -> None:  # noqa: FBT001
    """After some looks it is no trade that has not been told yet."""
    desk = Desk(is_alone=is_alone)
    heard = []
    for number in range(20):
        heard += desk.has(SOL=D(1) + D(number % 2) / 10).compares()
    assert "SOL" in heard


def test_a_lack_is_told_though_the_other_asset_does_not_stand_still() -> None:
    desk = Desk().has(SOL=1)
    heard = []
    for number in range(20):
        heard += desk.has(USDT=D(500) + number).compares()
    assert "SOL" in heard
