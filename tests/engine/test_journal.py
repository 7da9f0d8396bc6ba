"""What is not written down does not happen: the journal as the gate to the exchange."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.addresses import NOTIFIER
from engine.effects import Address, After, Effect, Send
from engine.journal.exits import Ahead
from engine.journal.journal import Journal
from engine.journal.store import StoreLost, StoreUnavailable
from engine.messages import (
    CancelOrder,
    CatchUp,
    CommitDue,
    FundsRecalled,
    GridArmed,
    GridRecalled,
    GridStopped,
    HistoryRecalled,
    InventoryBought,
    LiquidationBegun,
    LookUpOrder,
    OrderAccepted,
    OrderReported,
    OrdersRecalled,
    RecalledOrder,
    RecallGrid,
    RecallHistory,
    RecallOpenOrders,
    RecallOrders,
)
from engine.messages.alerting import EventsTold
from engine.messages.steering import GridPaused, GridResumed, PauseBegun, TellAgain
from engine.orders import OrderState
from engine.values import ZERO
from tests.engine.journalled import (
    BEGUN,
    JOURNALLED,
    NOW,
    FaultyStore,
    begun_store,
    booked,
    ended,
    intent,
    name_of,
    plan,
    submit,
)
from tests.engine.samples import BUY, SELL, D, grid_rules, market_wish, messages, told, wish

ONE, TWO = wish("1", BUY, 110, 2), wish("0", BUY, 100, 2)
SALE = market_wish(SELL, 90, 2)
FULL = StoreUnavailable("disk full")
LOOK_UP, CATCH_UP, RECALL = LookUpOrder("x"), CatchUp("7"), RecallOrders((), None)


def journal(store: FaultyStore | None = None) -> Journal:
    return Journal(store or begun_store(), grid_rules(), JOURNALLED, lambda: NOW)


def holding(store: FaultyStore) -> Journal:
    """Give the journal of a grid that has bought two, and whose order ONE is at the exchange."""
    of = journal(store)
    purchase = market_wish(BUY, 120, 2)
    tell(of, intent(purchase), booked(purchase, "p"), intent(ONE), OrderAccepted(name_of(ONE), "x1"))
    store.tried.clear()
    store.written.clear()
    return of


def sent(effects: list[Effect]) -> list[Any]:
    return told(effects, JOURNALLED.exchange)


def tell(of: Journal, *news: Any) -> list[Any]:
    """Tell all that waits in the inbox, and then what the journal reminds itself of; give what went to the exchange."""
    effects = [effect for one in news for effect in of.handle(one)]
    due = [one for one in effects if isinstance(one, Send | After) and isinstance(one.message, CommitDue)]
    return sent(effects + [after for one in due for after in of.handle(one.message)])


def failing(of: Journal, times: int) -> list[list[Effect]]:
    return [of.handle(CommitDue(is_retry=True)) for _ in range(times)]


# --- forwarding ----------------------------------------------------------------------------------------


def test_an_intent_is_forwarded_only_when_it_has_been_written() -> None:
    store = begun_store()
    of = journal(store)
    effects = of.handle(intent(ONE))
    assert effects == [Send(JOURNALLED.journal, CommitDue())]  # type: ignore[arg-type]
    assert store.orders == {}
    assert sent(of.handle(CommitDue(is_retry=True))) == [submit(ONE)]
    assert store.orders[name_of(ONE)].state is OrderState.SUBMITTED


def test_what_goes_to_the_exchange_keeps_its_order() -> None:
    of = journal()
    cancel = CancelOrder(name_of(ONE))
    assert tell(of, intent(ONE), LOOK_UP, cancel, CATCH_UP, intent(TWO), RECALL) == [
        submit(ONE),
        LOOK_UP,
        cancel,
        CATCH_UP,
        submit(TWO),
        RECALL,
    ]


@pytest.mark.parametrize("question", [LOOK_UP, CATCH_UP, RECALL])
def test_a_question_behind_nothing_goes_through_at_once_and_writes_nothing(question: Any) -> None:
    store = begun_store()
    of = journal(store)
    assert of.handle(question) == [Send(JOURNALLED.exchange, question)]
    of.handle(InventoryBought())  # a fact alone holds no question back
    assert of.handle(question) == [Send(JOURNALLED.exchange, question)]
    assert store.tried == []


def test_all_that_waits_in_the_inbox_is_one_write() -> None:
    store = begun_store()
    of = journal(store)
    news: list[Any] = [
        intent(ONE),
        OrderAccepted(name_of(ONE), "x"),
        intent(TWO),
        booked(ONE, "1", quantity=1, complete=False),
    ]
    effects = [effect for one in news for effect in of.handle(one)]
    assert messages(effects) == [CommitDue()]
    of.handle(CommitDue(is_retry=True))
    (batch,) = store.written
    assert [(row.client_order_id, row.state) for row in batch.orders] == [
        (name_of(ONE), OrderState.PARTLY_FILLED),
        (name_of(TWO), OrderState.SUBMITTED),
    ]
    assert [row.kind for row in batch.events] == ["order_intended", "order_accepted", "order_intended", "trade_booked"]


def test_a_fact_that_nothing_waits_for_is_written_soon_after() -> None:
    store = begun_store()
    of = journal(store)
    (due,) = of.handle(InventoryBought())
    assert isinstance(due, After)
    assert due.delay < 0.01
    assert of.handle(LiquidationBegun("stop_loss", D(90))) == []  # one reminder is enough
    assert sent(of.handle(due.message)) == []
    (batch,) = store.written
    assert batch.grid is not None
    assert (batch.grid.initial_purchase_done, batch.grid.liquidation) == (True, "stop_loss")


def test_a_fact_is_written_with_the_order_that_follows_from_it() -> None:
    store = begun_store()
    of = holding(store)
    (soon,) = of.handle(booked(ONE, "9"))
    (now,) = of.handle(intent(TWO))
    assert isinstance(now, Send)
    assert sent(of.handle(now.message)) == [submit(TWO)]
    (batch,) = store.written
    assert [one.trade_id for one in batch.trades] == ["9"]
    assert [row.client_order_id for row in batch.orders] == [name_of(ONE), name_of(TWO)]
    assert isinstance(soon, After)
    assert of.handle(soon.message) == []
    assert len(store.tried) == 1


def test_the_next_events_after_a_commit_are_another_write() -> None:
    store = begun_store()
    of = journal(store)
    tell(of, intent(ONE))
    tell(of, intent(TWO))
    assert [[row.slot for row in batch.orders] for batch in store.written] == [["1"], ["0"]]


def test_a_commit_with_nothing_new_writes_nothing() -> None:
    store = begun_store()
    assert journal(store).handle(CommitDue()) == []
    assert store.tried == []


# --- a store that fails ----------------------------------------------------------------------------------


def test_while_nothing_can_be_written_nothing_is_forwarded_and_pauses_grow() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    of.handle(intent(ONE))
    tries = failing(of, 8)
    assert [sent(effects) for effects in tries] == [[]] * 8
    delays = [effect.delay for effects in tries for effect in effects if isinstance(effect, After)]
    assert delays == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]
    assert all(len(effects) == 1 for effects in tries)


def test_questions_wait_behind_what_could_not_be_written() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    of.handle(intent(ONE))
    failing(of, 1)
    assert of.handle(LOOK_UP) == []
    store.failure = None
    assert sent(of.handle(CommitDue(is_retry=True))) == [submit(ONE), LOOK_UP]


def test_the_same_batch_comes_again_first_and_then_what_came_later() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    of.handle(intent(ONE))
    failing(of, 2)
    assert of.handle(intent(TWO)) == []  # a reminder is on its way already
    failing(of, 1)
    first, *again = store.tried
    assert again == [first, first]
    store.failure = None
    assert sent(of.handle(CommitDue(is_retry=True))) == [submit(ONE), submit(TWO)]
    assert store.written[0] == first
    assert [[row.slot for row in batch.orders] for batch in store.written] == [["1"], ["0"]]


def test_after_a_success_pauses_begin_small_again_and_a_new_event_is_committed() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    of.handle(intent(ONE))
    failing(of, 4)
    store.failure = None
    of.handle(CommitDue(is_retry=True))
    store.failure = FULL
    assert messages(of.handle(intent(TWO))) == [CommitDue()]
    assert of.handle(CommitDue(is_retry=True)) == [After(0.1, CommitDue(is_retry=True))]


@pytest.mark.parametrize("call", ["start", "handle", "commit"])
def test_a_lost_store_ends_the_journal(call: str) -> None:
    store = begun_store()
    of = journal(store)
    of.handle(intent(ONE))
    store.failure = StoreLost("another's by now")
    calls: dict[str, Callable[[], object]] = {
        "start": of.start,
        "handle": lambda: of.handle(RecallHistory()),
        "commit": lambda: of.handle(CommitDue(is_retry=True)),
    }
    with pytest.raises(StoreLost):
        calls[call]()


def test_an_empty_store_is_a_lost_one() -> None:
    with pytest.raises(StoreLost):
        journal(FaultyStore())


# --- what a grid's owner relies on ---------------------------------------------------------------------

BEGINS = PauseBegun("SOL/USDT", "asked to", None)
RESTS = GridPaused("SOL/USDT", "asked to", None, D(600), D(5))
GOES_ON = GridResumed("SOL/USDT", "asked to")
STOPS = GridStopped("SOL/USDT", "stop_loss", D(600), D(5))


def told_of(effects: list[Effect]) -> list[Any]:
    return [one for one in told(effects, JOURNALLED.reporter) if not isinstance(one, EventsTold)]


@pytest.mark.parametrize("fact", [BEGINS, RESTS, GOES_ON, STOPS])
def test_what_its_owner_relies_on_is_told_when_it_has_been_written(fact: Any) -> None:
    store = begun_store()
    of = journal(store)
    assert of.handle(fact) == [Send(JOURNALLED.journal, CommitDue())]  # type: ignore[arg-type]
    assert told_of(of.handle(CommitDue())) == [fact]
    assert len(store.written) == 1


def test_what_its_owner_relies_on_waits_for_a_disk_however_long() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    facts: list[Any] = [BEGINS, RESTS, STOPS]
    assert [told_of(of.handle(fact)) for fact in facts] == [[]] * 3
    assert [told_of(effects) for effects in failing(of, 10)] == [[]] * 10
    store.failure = None
    assert told_of(of.handle(CommitDue(is_retry=True))) == facts


def test_that_it_rests_is_not_told_when_it_goes_on_again() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    for fact in (BEGINS, RESTS, TellAgain(RESTS), STOPS, GOES_ON, BEGINS, RESTS):
        of.handle(fact)
    store.failure = None
    assert told_of(of.handle(CommitDue())) == [BEGINS, GOES_ON, BEGINS, RESTS]


def test_what_is_told_again_is_told_behind_what_waits_and_written_once() -> None:
    store = begun_store()
    of = journal(store)
    again = TellAgain(RESTS)
    assert told_of(of.handle(again)) == [RESTS]
    store.failure = FULL
    of.handle(RESTS)
    assert of.handle(again) == []
    store.failure = None
    assert told_of(of.handle(CommitDue())) == [RESTS, RESTS]
    assert [row.kind for batch in store.written for row in batch.events] == ["grid_paused"]


@pytest.mark.parametrize("listeners", [(), (NOTIFIER,)])
def test_the_reporter_and_whoever_else_listens_are_told_what_is_written_before_orders_go(
    listeners: tuple[Address[EventsTold], ...],
) -> None:
    store = begun_store()
    tell(journal(store), intent(ONE))
    of = Journal(store, grid_rules(), JOURNALLED, lambda: NOW, listeners)
    trade = booked(ONE, "9")
    assert told(of.handle(trade), JOURNALLED.reporter) == []
    of.handle(intent(TWO))
    *telling, order = of.handle(CommitDue())
    assert messages([order]) == [submit(TWO)]
    assert [(getattr(one, "to", None), one.message.trades) for one in telling if isinstance(one, Send)] == [
        (to, (trade,)) for to in (JOURNALLED.reporter, *listeners)
    ]
    assert {row.kind for one in messages(telling) for row in one.events} == {"trade_booked", "order_intended"}


# --- exits do not wait for a disk --------------------------------------------------------------------------


def test_exits_go_through_once_after_some_failures_and_entries_stay() -> None:
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    cancel = CancelOrder(name_of(ONE))
    for news in (intent(TWO), cancel, CancelOrder(name_of(TWO)), LiquidationBegun("stop_loss", D(90)), intent(SALE)):
        of.handle(news)
    assert [sent(effects) for effects in failing(of, 5)] == [[]] * 5
    exits = of.handle(CommitDue(is_retry=True))
    assert sent(exits) == [cancel, submit(SALE)]
    never_sent = OrderReported(name_of(TWO), ZERO, is_open=False)
    assert told(exits, JOURNALLED.order_manager) == [never_sent]
    assert [sent(effects) for effects in failing(of, 3)] == [[]] * 3
    store.failure = None
    assert sent(of.handle(CommitDue(is_retry=True))) == []
    assert store.orders[name_of(SALE)].state is OrderState.SUBMITTED
    assert store.grid is not None
    assert store.grid.liquidation == "stop_loss"


def test_an_exit_that_comes_while_the_store_has_long_been_away_goes_with_the_next_try() -> None:
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    of.handle(intent(TWO))
    failing(of, 7)
    assert of.handle(intent(SALE)) == []
    assert sent(of.handle(CommitDue(is_retry=True))) == [submit(SALE)]
    assert sent(of.handle(CommitDue(is_retry=True))) == []


def test_a_journal_that_ends_before_it_has_written_down_what_is_out_has_no_successor() -> None:
    store, ahead = begun_store(), Ahead()
    holding(store)
    of = Journal(store, grid_rules(), JOURNALLED, lambda: NOW, ahead=ahead)
    store.failure = FULL
    of.handle(LiquidationBegun("stop_loss", D(90)))
    of.handle(intent(SALE))
    failing(of, 5)
    Journal(store, grid_rules(), JOURNALLED, lambda: NOW, ahead=ahead)  # all that is lost never went out
    assert [sent(effects) for effects in failing(of, 1)] == [[submit(SALE)]]
    with pytest.raises(StoreLost, match="a sale that is out"):
        Journal(store, grid_rules(), JOURNALLED, lambda: NOW, ahead=ahead)

    store.failure = None
    of.handle(CommitDue(is_retry=True))
    Journal(store, grid_rules(), JOURNALLED, lambda: NOW, ahead=ahead)


def test_an_order_that_is_still_held_back_is_not_asked_after_by_a_core_that_began_anew() -> None:
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    of.handle(intent(TWO))
    failing(of, 5)
    there, unsent = RecalledOrder(submit(ONE), "x1", ZERO), RecalledOrder(submit(TWO), "", ZERO)
    look_ups = (LookUpOrder(name_of(ONE)), LookUpOrder(name_of(TWO)))
    for question in (RecallOrders((there, unsent), "p"), CATCH_UP, *look_ups):
        of.handle(question)
    asked = sent(of.handle(CommitDue(is_retry=True)))
    assert asked == [RecallOrders((there,), "p"), CATCH_UP, LookUpOrder(name_of(ONE))]
    store.failure = None
    assert sent(of.handle(CommitDue(is_retry=True))) == [submit(TWO), LookUpOrder(name_of(TWO))]


def test_an_order_that_was_not_sent_and_will_not_be_has_ended_for_whoever_asks() -> None:
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    for news in (intent(TWO), CancelOrder(name_of(TWO))):
        of.handle(news)
    failing(of, 6)
    store.failure = None
    never_sent = OrderReported(name_of(TWO), ZERO, is_open=False)
    there, unsent = RecalledOrder(submit(ONE), "x1", ZERO), RecalledOrder(submit(TWO), "", ZERO)

    recalled = of.handle(RecallOrders((there, unsent), "p"))
    assert sent(recalled) == [RecallOrders((there,), "p")]
    assert told(recalled, JOURNALLED.order_manager) == [never_sent]
    looked_up = of.handle(LookUpOrder(name_of(TWO)))
    assert sent(looked_up) == []
    assert told(looked_up, JOURNALLED.order_manager) == [never_sent]

    of.handle(ended(TWO))
    assert sent(of.handle(RecallOrders((there,), "p"))) == [RecallOrders((there,), "p")]
    assert told(of.handle(LookUpOrder(name_of(TWO))), JOURNALLED.order_manager) == []


def test_a_purchase_is_no_exit() -> None:
    store = begun_store()
    of = journal(store)
    store.failure = FULL
    of.handle(intent(market_wish(BUY, 120, 2)))
    assert [sent(effects) for effects in failing(of, 9)] == [[]] * 9


# --- recalling -----------------------------------------------------------------------------------------


def test_the_ledger_is_told_before_the_grid_manager_and_the_order_manager_only_when_orders_are_resumed() -> None:
    of = holding(begun_store())
    tell(of, GridArmed(JOURNALLED.grid, NOW, plan()))
    effects = of.handle(RecallGrid())
    assert [effect.to for effect in effects if isinstance(effect, Send)] == [
        JOURNALLED.balance_tracker,
        JOURNALLED.grid_manager,
    ]
    funds, grid = messages(effects)
    assert isinstance(funds, FundsRecalled)
    assert isinstance(grid, GridRecalled)
    assert [row.client_order_id for row in funds.orders] == [name_of(ONE)]
    assert funds.grid == grid.grid
    assert (grid.grid.purchased, grid.grid.market_orders) == (D(2), 1)
    assert {row.slot for row in grid.levels} == {level.slot for level in plan().levels}
    assert grid.orders == ()
    (resumed,) = of.handle(RecallOpenOrders())
    assert isinstance(resumed, Send)
    assert resumed.to == JOURNALLED.order_manager
    assert resumed.message == OrdersRecalled(funds.orders, (), None, "p")


def test_the_grid_manager_is_told_of_its_own_orders_alone() -> None:
    of = holding(begun_store())
    tell(of, intent(market_wish(BUY, 120, 1, cycle=1)))
    (grid,) = told(of.handle(RecallGrid()), JOURNALLED.grid_manager)
    assert [(row.slot, row.cycle) for row in grid.orders] == [("grid", 1)]


def test_what_is_recalled_counts_what_has_not_been_written_yet() -> None:
    store = begun_store()
    of = holding(store)
    store.failure = FULL
    of.handle(booked(ONE, "9", quantity=1, complete=False))
    failing(of, 1)
    (resumed,) = messages(of.handle(RecallOpenOrders()))
    assert [(row.filled, row.state) for row in resumed.orders] == [(D(1), OrderState.PARTLY_FILLED)]
    assert [one.trade_id for one in resumed.trades] == ["9"]
    assert resumed.newest_trade == "9"


def test_a_journal_that_begins_tells_the_reporter_the_history() -> None:
    store = begun_store()
    tell(holding(store), booked(ONE, "9"))
    (history,) = told(journal(store).start(), JOURNALLED.reporter)
    assert isinstance(history, HistoryRecalled)
    assert (history.grid, history.capital, history.plan) == ("SOL/USDT", (BEGUN.capital_quote, ZERO), None)
    assert [one.trade_id for one in history.trades] == ["p", "9"]


def test_a_history_has_what_was_not_written_yet_and_holds_orders_back_all_the_same() -> None:
    store = begun_store()
    of = holding(store)
    of.handle(booked(ONE, "9"))
    of.handle(intent(TWO))
    effects = of.handle(RecallHistory())
    assert sent(effects) == []
    first, then = told(effects, JOURNALLED.reporter)
    assert [one.trade_id for one in first.trades] == ["9"], "it is told before, for all that is told later is new"
    assert isinstance(then, HistoryRecalled)
    assert [one.trade_id for one in then.trades] == ["p", "9"]
    assert sent(of.handle(CommitDue(is_retry=True))) == [submit(TWO)]
    assert len(store.written) == 1


# --- the end -------------------------------------------------------------------------------------------


def test_closing_writes_the_rest_and_lets_go() -> None:
    store = begun_store()
    of = journal(store)
    of.handle(intent(ONE))
    of.close()
    assert store.orders.keys() == {name_of(ONE)}
    assert store.is_closed


def test_closing_lets_go_of_a_store_that_cannot_be_written() -> None:
    store = begun_store()
    of = journal(store)
    of.handle(intent(ONE))
    store.failure = FULL
    with pytest.raises(StoreUnavailable):
        of.close()
    assert store.is_closed


def test_a_journal_that_begins_again_goes_on_where_the_last_one_was() -> None:
    store = begun_store()
    of = holding(store)
    tell(of, booked(ONE, "9", quantity=1, complete=False), intent(TWO), ended(TWO))
    before = messages(of.handle(RecallGrid()) + of.handle(RecallOpenOrders()))
    again = journal(store)
    assert messages(again.handle(RecallGrid()) + again.handle(RecallOpenOrders())) == before
