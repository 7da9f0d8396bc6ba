"""What is known of a grid: each event's rows, and that what was written is all that there is to know."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calls import Refusal
from engine.grid_level import LevelState
from engine.journal.memory import GridMemory
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import BalanceRow, Batch, GridRow
from engine.messages import (
    BalancesDiffered,
    CancelOrder,
    CaughtUp,
    DescribeFunds,
    GridArmed,
    GridStopped,
    InventoryBought,
    LevelsArmed,
    LevelWaited,
    LiquidationBegun,
    OrderAccepted,
)
from engine.orders import OrderState
from engine.values import ZERO
from tests.engine.journalled import BEGUN, JOURNALLED, booked, ended, intent, name_of, plan
from tests.engine.recorded_exchange import Manners
from tests.engine.recorded_grid import ADDRESSES, RecordedGrid
from tests.engine.recorded_worlds import HASTY, REFUSING, ROUGH, happen, random_rules
from tests.engine.samples import BUY, CENT, CENT_RECEIVED, SELL, D, Number, grid_rules, market_wish, wish

PURCHASE = market_wish(BUY, 120, 5)
NEAR = wish("1", BUY, 110, 2)
ARMED = GridArmed("SOL/USDT", 60_000, plan())
UNTOUCHED = Batch()


def memory(*events: Any, **rules: Any) -> GridMemory:
    of = GridMemory(grid_rules(**rules), JOURNALLED, BEGUN)
    noted(of, *events)
    return of


def noted(of: GridMemory, *events: Any) -> Batch:
    """Note events, at 1, 2, 3 …; give what is to be written of all that."""
    of.take_changes()
    for time, event in enumerate(events, 1):
        of.note(event, time)
    return of.take_changes()


def armed(*events: Any, **rules: Any) -> GridMemory:
    """Give a grid at 120 that has bought five, with a level that buys at 110 for its next order."""
    return memory(ARMED, intent(PURCHASE), booked(PURCHASE, "5"), InventoryBought(), LevelsArmed(), *events, **rules)


def balances(quote: Number, reserved_quote: Number, base: Number, reserved_base: Number) -> tuple[BalanceRow, ...]:
    return (BalanceRow("USDT", D(quote), D(reserved_quote)), BalanceRow("SOL", D(base), D(reserved_base)))


# --- each event ----------------------------------------------------------------------------------------


def test_a_grid_that_begins_writes_its_capital() -> None:
    assert memory().begun() == Batch(grid=BEGUN, balances=balances(1200, 0, 0, 0))


def test_arming_writes_the_plan_and_every_level_with_the_wish_it_begins_with() -> None:
    changes = noted(memory(), ARMED)
    assert changes.grid is not None
    assert (changes.grid.armed_at, changes.grid.plan, changes.grid.last_price) == (60_000, plan(), D(120))
    assert [row.slot for row in changes.levels] == [level.slot for level in plan().levels]
    for row, planned in zip(changes.levels, plan().levels, strict=True):
        half = row.buying if planned.side is BUY else row.selling
        assert (half.is_taken, half.is_ordered, half.quantity, half.answers) == (True, False, planned.quantity, "")
        assert half.owes is None
    assert (changes.balances, changes.orders, changes.trades) == ((), (), ())


def test_an_intent_writes_the_order_its_level_and_what_is_set_aside() -> None:
    changes = noted(armed(), intent(NEAR))
    (order,), (level,) = changes.orders, changes.levels
    assert (order.client_order_id, order.state, order.placed_at) == (name_of(NEAR), OrderState.SUBMITTED, 1)
    assert (order.reserved, order.filled, order.ended_at) == (D(220), ZERO, None)
    assert (level.slot, level.state, level.buying.is_ordered) == ("1", LevelState.WAITING_FOR_BUY_FILL, True)
    assert changes.balances == balances(380, 220, 5, 0)
    assert changes.grid is None


def test_the_grids_own_order_counts_and_is_no_levels() -> None:
    changes = noted(memory(ARMED), intent(market_wish(BUY, 120, 3, cycle=4)))
    assert changes.grid is not None
    assert changes.grid.market_orders == 5
    assert (changes.levels, changes.orders[0].level) == ((), None)


@pytest.mark.parametrize(("order_id", "then", "known"), [("x1", "", "x1"), ("", "x1", "x1"), ("", "", "")])
def test_an_acceptance_writes_the_order_id_when_it_is_known(order_id: str, then: str, known: str) -> None:
    of = armed(intent(NEAR))
    changes = noted(of, OrderAccepted(name_of(NEAR), order_id), OrderAccepted(name_of(NEAR), then))
    assert [(row.state, row.order_id) for row in changes.orders] == [(OrderState.ACCEPTED, known)]
    assert (changes.levels, changes.balances, changes.grid) == ((), (), None)


def test_an_acceptance_takes_nothing_back_from_an_order_that_has_filled() -> None:
    of = armed(intent(NEAR), booked(NEAR, "6", quantity=1, complete=False))
    (order,) = noted(of, OrderAccepted(name_of(NEAR), "x1")).orders
    assert (order.state, order.order_id) == (OrderState.PARTLY_FILLED, "x1")
    of = armed(intent(NEAR), booked(NEAR, "6"))
    assert noted(of, OrderAccepted(name_of(NEAR), "x1")) == UNTOUCHED


def test_a_part_writes_what_is_still_set_aside_and_what_it_brought_in() -> None:
    of = armed(intent(NEAR), fees=CENT)
    part = booked(NEAR, "9", quantity="0.5", fee="0.55", complete=False, order_id="x1")
    changes = noted(of, part)
    (order,), (level,) = changes.orders, changes.levels
    assert (order.state, order.order_id, order.filled) == (OrderState.PARTLY_FILLED, "x1", D("0.5"))
    assert (order.reserved, order.brought_in) == (D("222.2") - D("55.55"), D("0.5"))
    assert (level.buying.filled, level.buying.is_ordered) == (D("0.5"), True)
    assert changes.trades == (part,)
    assert changes.grid is not None
    assert (changes.grid.newest_trade, changes.grid.last_price) == ("9", D(110))
    assert of.stored().live_trades == (part,)


def test_what_a_part_brought_in_is_net_of_what_was_taken_from_it() -> None:
    of = armed(intent(NEAR), fees=CENT_RECEIVED)
    part = booked(NEAR, "9", quantity=1, fee="0.01", fee_asset="SOL", complete=False)
    (order,) = noted(of, part).orders
    assert order.brought_in == D("0.99")


def test_a_complete_order_is_over_and_its_level_owes_the_answer() -> None:
    of = armed(intent(NEAR), booked(NEAR, "9", quantity=1, complete=False))
    changes = noted(of, booked(NEAR, "10", quantity=1))
    (order,), (level,) = changes.orders, changes.levels
    assert (order.state, order.filled, order.reserved, order.ended_at) == (OrderState.FILLED, D(2), ZERO, 1)
    assert order.brought_in == ZERO
    assert (level.selling.owes, level.selling.quantity, level.buying.is_taken) == ("10", D(2), False)
    assert changes.balances == balances(380, 0, 7, 0)
    stored = of.stored()
    assert (stored.live_orders, stored.live_trades) == ((), ())


def test_an_answer_that_has_become_an_order_is_not_owed_any_more() -> None:
    of = armed(intent(NEAR), booked(NEAR, "9"))
    (level,) = noted(of, intent(wish("1", SELL, 120, 2, "9"))).levels
    assert level.selling.owes is None
    assert level.selling.is_ordered


def test_a_wish_that_waits_is_not_owed_and_says_why() -> None:
    of = armed(intent(NEAR), booked(NEAR, "9"))
    changes = noted(of, LevelWaited("1", SELL, too_small=False))
    (level,) = changes.levels
    assert (level.selling.owes, level.selling.waits, level.selling.trouble) == (None, True, "waits for funds")
    assert level.state == LevelState.READY_TO_SELL


def test_word_that_a_wish_waits_comes_too_late_for_an_order() -> None:
    of = armed(intent(NEAR))
    (level,) = noted(of, LevelWaited("1", BUY, too_small=True)).levels
    assert (level.buying.waits, level.buying.trouble, level.state) == (False, None, LevelState.WAITING_FOR_BUY_FILL)


@pytest.mark.parametrize(("refusal", "state"), [(None, OrderState.ENDED), (Refusal.WOULD_TAKE, OrderState.REJECTED)])
def test_an_order_that_ended_frees_its_money_and_leaves_the_level_to_wish_again(
    refusal: Refusal | None, state: OrderState
) -> None:
    of = armed(intent(NEAR))
    changes = noted(of, ended(NEAR, refusal=refusal, text="why"))
    (order,), (level,) = changes.orders, changes.levels
    assert (order.state, order.reserved, order.ended_at, order.text) == (state, ZERO, 1, "why")
    assert (level.buying.is_taken, level.buying.carried, level.buying.failures) == (False, D(2), 1)
    assert (level.state, level.buying.trouble) == (LevelState.READY_TO_BUY, "why")
    assert changes.balances == balances(600, 0, 5, 0)
    assert of.stored().live_orders == ()


def test_what_a_purchase_bought_is_summed_up() -> None:
    of = memory(ARMED, intent(PURCHASE), booked(PURCHASE, "1", quantity=2, complete=False))
    assert of.grid.purchased == 2
    more = market_wish(BUY, 120, 3, cycle=1)
    noted(of, ended(PURCHASE, 2, "1"), intent(more), booked(more, "2"))
    assert (of.grid.purchased, of.grid.market_orders, of.grid.initial_purchase_done) == (D(5), 2, False)
    sale = market_wish(SELL, 120, 1, cycle=2)
    noted(of, intent(sale), booked(sale, "3"))
    assert of.grid.purchased == 5


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (InventoryBought(), {"initial_purchase_done": True}),
        (LevelsArmed(), {"grid_orders_initialized": True}),
        (CaughtUp("41"), {"caught_up": "41"}),
        (LiquidationBegun("stop_loss", D(90)), {"liquidation": "stop_loss", "liquidation_price": D(90)}),
    ],
)
def test_a_step_in_the_grids_life_changes_its_row_alone(event: Any, change: dict[str, Any]) -> None:
    of = memory(ARMED)
    before = of.grid
    changes = noted(of, event)
    assert changes == Batch(grid=of.grid)
    assert of.grid == evolve(before, **change)
    assert of.grid != before


def test_a_stop_is_final_only_after_a_liquidation() -> None:
    stop = GridStopped("SOL/USDT", "SIGINT", D(1), D(1))
    assert noted(armed(), stop) == UNTOUCHED
    of = armed(LiquidationBegun("stop_loss", D(90)))
    (row,) = [noted(of, GridStopped("SOL/USDT", "stop_loss", D(1), ZERO)).grid]
    assert row is not None
    assert row.stop_reason == "stop_loss"


@pytest.mark.parametrize("event", [CancelOrder("x"), BalancesDiffered("SOL", D(2), D(1), "less")])
def test_what_is_only_for_people_changes_no_row(event: Any) -> None:
    assert noted(armed(intent(NEAR)), event) == UNTOUCHED


def test_changes_are_given_once_and_each_row_once_however_often_it_changed() -> None:
    of = armed(intent(NEAR))
    changes = noted(
        of,
        booked(NEAR, "8", quantity=1, complete=False),
        booked(NEAR, "9", quantity="0.5", complete=False),
        CancelOrder(name_of(NEAR)),
        ended(NEAR, "1.5", "9"),
    )
    assert [(row.client_order_id, row.state, row.filled) for row in changes.orders] == [
        (name_of(NEAR), OrderState.ENDED, D("1.5"))
    ]
    assert [row.slot for row in changes.levels] == ["1"]
    assert [one.trade_id for one in changes.trades] == ["8", "9"]
    assert changes.balances == balances(435, 0, "6.5", 0)
    assert of.take_changes() == UNTOUCHED


# --- replay = state ------------------------------------------------------------------------------------


def recalled(grid: RecordedGrid) -> GridMemory:
    """Begin again from what is written."""
    stored = grid.store.load()
    assert stored is not None
    of = GridMemory(grid.rules, ADDRESSES, stored.grid)
    of.recall(stored)
    return of


def agree(grid: RecordedGrid) -> None:
    grid._journal._write()
    again = recalled(grid)
    stored = grid.memory.stored()
    assert again.stored() == stored
    assert again.take_changes() == UNTOUCHED
    assert {row.asset: row for row in stored.balances} == tracked(grid)
    reserved: dict[Any, Decimal] = {BUY: ZERO, SELL: ZERO}
    for row in stored.live_orders:
        reserved[row.side] += row.reserved
    assert tuple(row.reserved for row in stored.balances[:2]) == (reserved[BUY], reserved[SELL])


def tracked(grid: RecordedGrid) -> dict[str, BalanceRow]:
    """Give the balances as the ledger that acts has them."""
    funds = grid._stepper.ask(ADDRESSES.balance_tracker, DescribeFunds())
    rows = (
        BalanceRow("USDT", funds.free_quote, funds.reserved_quote),
        BalanceRow("SOL", funds.free_base, funds.reserved_base),
        *(BalanceRow(asset, ZERO, ZERO, paid) for asset, paid in funds.other_fees),
    )
    return {row.asset: row for row in rows}


@settings(deadline=None, max_examples=40, derandomize=True)
@given(seed=st.integers(0, 10**6), manners=st.sampled_from([Manners(), ROUGH, REFUSING, HASTY]))
def test_what_was_written_is_all_that_is_known_whatever_happened(seed: int, manners: Manners) -> None:
    random = Random(seed)
    grid = RecordedGrid(random_rules(random), D(1000), seed, manners)
    for _ in range(12):
        agree(grid)
        happen(grid, random)
    agree(grid)


@settings(deadline=None, max_examples=20, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_a_memory_that_was_cut_off_and_recalled_goes_on_like_one_that_was_not(seed: int) -> None:
    """Note the same events in both; the one is thrown away after each and made anew from its rows."""
    grid = RecordedGrid(random_rules(Random(seed)), D(1000), seed, ROUGH)
    events: list[tuple[Any, int]] = []
    spy_on(grid, events)
    random = Random(seed + 1)
    for _ in range(12):
        if random.random() < 0.8:
            grid.move(grid.rules.bottom * random.randint(100, 140) / 100)
        else:
            grid.let_time_pass()
    assert len(events) > 3
    begun = GridRow(capital_quote=D(1000), capital_base=ZERO, run="k1")
    store = MemoryStore()
    store.write(GridMemory(grid.rules, ADDRESSES, begun).begun())
    straight = GridMemory(grid.rules, ADDRESSES, begun)
    for event, time in events:
        straight.note(event, time)
        stored = store.load()
        assert stored is not None
        again = GridMemory(grid.rules, ADDRESSES, stored.grid)
        again.recall(stored)
        again.note(event, time)
        store.write(again.take_changes())
        assert again.stored() == straight.stored()


def spy_on(grid: RecordedGrid, events: list[tuple[Any, int]]) -> None:
    note = grid.memory.note

    def noting(event: Any, time: int) -> None:
        events.append((event, time))
        note(event, time)

    grid.memory.note = noting  # type: ignore[method-assign]
