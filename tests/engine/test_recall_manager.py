"""A grid manager that is told how far the grid has come, and goes on from there."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from engine.effects import After, Effect, Send
from engine.grid_manager import GridManager
from engine.journal.memory import GridMemory
from engine.journal.rows import GridRow, LevelRow, OrderRow
from engine.messages import (
    ArmLevel,
    ExpectWishes,
    FundsCleared,
    GoOnDue,
    GridArmed,
    GridRecalled,
    GridStopped,
    HaltTrading,
    InventoryBought,
    LevelsArmed,
    LevelsStarted,
    LiquidationBegun,
    PlaceOrder,
    RangeEntered,
    RecallGrid,
    ResumeOrders,
    StartLevels,
    StopGrid,
    StopLevels,
    WatchRange,
)
from engine.values import ZERO, Market
from tests.engine.journalled import BEGUN, JOURNALLED, booked, ended, intent, order_row, plan
from tests.engine.samples import BUY, SELL, D, grid_rules, market_wish, messages, owner, told, trade, wish

PURCHASE = market_wish(BUY, 120, 5)
SALE = market_wish(SELL, 90, 7, cycle=1)
IN_RANGE = RangeEntered(60_000, D(120))
ARMED = evolve(BEGUN, armed_at=60_000, plan=plan(), last_price=D(120))
BOUGHT = evolve(ARMED, purchased=D(5), initial_purchase_done=True, market_orders=1)
RUNNING = evolve(BOUGHT, grid_orders_initialized=True, last_price=D(111))
SELLING = evolve(RUNNING, liquidation="stop_loss", liquidation_price=D(90))
RESUME = ResumeOrders()
_NOTES = GridArmed | InventoryBought | LevelsArmed | LiquidationBegun | GridStopped


def manager(**rules: Any) -> GridManager:
    of = GridManager(grid_rules(**rules), D(9999), ZERO, JOURNALLED, retries=2)
    assert of.start() == [Send(JOURNALLED.journal, RecallGrid())]  # type: ignore[arg-type]
    return of


def recalled(
    row: GridRow, *orders: OrderRow, levels: tuple[LevelRow, ...] = (), **rules: Any
) -> tuple[GridManager, list[Effect]]:
    of = manager(**rules)
    return of, of.handle(GridRecalled(row, levels, orders))


def written(effects: list[Effect]) -> list[Any]:
    return told(effects, str(JOURNALLED.journal))


def notes(effects: list[Effect]) -> list[type]:
    return [type(one) for one in written(effects) if isinstance(one, _NOTES)]


def wishes(effects: list[Effect]) -> list[Any]:
    return [one for one in messages(effects) if isinstance(one, PlaceOrder)]


def level_rows() -> tuple[LevelRow, ...]:
    """Give the rows of a grid whose level 1 bought, and has yet to answer trade 9."""
    near = wish("1", BUY, 110, 2)
    memory = GridMemory(grid_rules(), JOURNALLED, BEGUN)
    armed = GridArmed("SOL/USDT", 60_000, plan())
    for event in (armed, intent(PURCHASE), booked(PURCHASE, "5"), intent(near), booked(near, "9")):
        memory.note(event, 1)
    return memory.levels()


# --- beginning -----------------------------------------------------------------------------------------


def test_a_fresh_grid_resumes_and_waits_for_its_range() -> None:
    _, effects = recalled(BEGUN)
    assert messages(effects) == [RESUME, WatchRange(D(100), D(140))]


def test_a_fresh_grid_arms_with_the_capital_that_the_journal_says() -> None:
    of, _ = recalled(BEGUN)
    effects = of.handle(IN_RANGE)
    assert wishes(effects) == [PURCHASE]
    (noted,) = written(effects)
    assert noted == GridArmed("SOL/USDT", 60_000, plan())
    assert told(effects, JOURNALLED.reporter) == [noted]


def test_what_has_armed_is_not_armed_again() -> None:
    for row in (ARMED, BOUGHT, RUNNING, SELLING):
        of, _ = recalled(row)
        assert of.handle(IN_RANGE) == []


# --- the purchase --------------------------------------------------------------------------------------


def test_a_purchase_that_was_never_ordered_is_made_now() -> None:
    _, effects = recalled(ARMED)
    assert messages(effects) == [RESUME, PURCHASE]


def test_a_purchase_that_is_live_is_waited_for() -> None:
    of, effects = recalled(evolve(ARMED, market_orders=1), order_row(PURCHASE))
    assert messages(effects) == [RESUME]
    effects = of.handle(booked(PURCHASE, "5"))
    assert messages(effects) == [InventoryBought(), StartLevels(plan().levels)]


def test_of_a_purchase_that_ended_short_the_rest_is_bought_under_a_new_number() -> None:
    _, effects = recalled(evolve(ARMED, market_orders=1, purchased=D(2)))
    assert wishes(effects) == [market_wish(BUY, 120, 3, cycle=1)]


def test_a_live_purchase_of_which_a_part_was_told_before_ends_short_and_is_made_up_for() -> None:
    row = evolve(ARMED, market_orders=1, purchased=D(2))
    of, _ = recalled(row, order_row(PURCHASE, filled=D(2)))
    assert of.handle(booked(PURCHASE, "6", quantity=1, complete=False)) == []
    (due,) = of.handle(ended(PURCHASE, 3, "6"))
    assert isinstance(due, After)
    assert wishes(of.handle(due.message)) == [market_wish(BUY, 120, 2, cycle=1)]


def test_tries_of_the_purchase_are_counted_over_starts() -> None:
    third = market_wish(BUY, 120, 5, cycle=2)
    of, _ = recalled(evolve(ARMED, market_orders=3), order_row(third))
    assert messages(of.handle(ended(third))) == [InventoryBought(), StartLevels(plan().levels)]


@pytest.mark.parametrize("purchased", ["5", "4.5"])
def test_a_purchase_with_nothing_left_to_buy_is_over(purchased: str) -> None:
    of, effects = recalled(evolve(ARMED, purchased=D(purchased)), market=Market("SOL", "USDT", amount_step=D(1)))
    assert wishes(effects) == []
    assert messages(effects) == [RESUME, InventoryBought(), StartLevels(plan().levels)]
    assert of.handle(GoOnDue()) == []  # asked for in vain


def test_a_grid_that_buys_nothing_first_orders_nothing() -> None:
    _, effects = recalled(evolve(ARMED, plan=evolve(plan(), purchase=ZERO)))
    assert wishes(effects) == []


# --- the levels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "noted"), [(BOUGHT, [LevelsArmed]), (RUNNING, [])])
def test_levels_go_on_from_their_rows_and_orders_are_resumed_behind_them(row: GridRow, noted: list[type]) -> None:
    rows = level_rows()
    of, effects = recalled(row, levels=rows)
    assert messages(effects) == [StartLevels(plan().levels)]
    effects = of.handle(LevelsStarted())
    expected, *arms = [one for one in messages(effects) if isinstance(one, ExpectWishes | ArmLevel)]
    owners = tuple(owner(level.slot) for level in plan().levels)
    assert expected == ExpectWishes(owners, row.last_price, (("1", "9"),))
    assert arms == [ArmLevel({one.slot: one for one in rows}[level.slot]) for level in plan().levels]
    assert notes(effects) == noted
    assert messages(effects)[-1] == RESUME


def test_the_ledger_knows_who_owes_before_a_level_wishes() -> None:
    of, _ = recalled(RUNNING, levels=level_rows())
    assert isinstance(messages(of.handle(LevelsStarted()))[0], ExpectWishes)


def test_orders_are_resumed_once() -> None:
    of, effects = recalled(evolve(ARMED, market_orders=1), order_row(PURCHASE))
    effects += of.handle(booked(PURCHASE, "5")) + of.handle(LevelsStarted()) + of.handle(StopGrid("SIGINT"))
    assert messages(effects).count(RESUME) == 1


def test_each_step_is_written_once_in_a_whole_life() -> None:
    of, effects = recalled(BEGUN)
    effects += of.handle(IN_RANGE) + of.handle(booked(PURCHASE, "5")) + of.handle(LevelsStarted())
    effects += of.handle(StopGrid("SIGINT")) + of.handle(FundsCleared(D(600), D(5)))
    effects += of.handle(StopGrid("SIGINT")) + of.handle(FundsCleared(D(600), D(5)))
    assert notes(effects) == [GridArmed, InventoryBought, LevelsArmed, GridStopped]


def test_a_journal_hears_of_a_step_before_what_follows_from_it() -> None:
    of, _ = recalled(BEGUN)
    for message in (IN_RANGE, booked(PURCHASE, "5")):
        effects = of.handle(message)
        assert notes(effects[:1]) == notes(effects) != []
    of, _ = recalled(RUNNING)
    of.handle(LevelsStarted())
    of.handle(StopGrid("SIGINT"))
    effects = of.handle(FundsCleared(D(600), D(5)))
    assert [type(one) for one in written(effects)] == [GridStopped]


# --- a liquidation ----------------------------------------------------------------------------------------


def test_a_liquidation_under_way_goes_on_and_no_level_begins() -> None:
    of, effects = recalled(evolve(SELLING, market_orders=1))
    assert [one for one in messages(effects) if not isinstance(one, LiquidationBegun)] == [HaltTrading(), RESUME]
    assert of.handle(LevelsStarted()) == []
    assert wishes(of.handle(FundsCleared(D(300), D(7)))) == [SALE]
    of.handle(trade(SALE, "9"))
    effects = of.handle(FundsCleared(D(930), ZERO))
    stopped = GridStopped("SOL/USDT", "stop_loss", D(930), ZERO)
    assert messages(effects) == [StopLevels(), stopped]


def test_a_sale_that_was_live_is_not_made_twice() -> None:
    of, effects = recalled(evolve(SELLING, market_orders=2), order_row(SALE))
    assert wishes(effects) == []
    assert of.handle(trade(SALE, "9")) == []
    assert wishes(of.handle(FundsCleared(D(930), ZERO))) == []


def test_what_a_sale_left_is_sold_under_a_new_number() -> None:
    of, _ = recalled(evolve(SELLING, market_orders=2), order_row(SALE))
    of.handle(ended(SALE, 3, "9"))
    assert wishes(of.handle(FundsCleared(D(500), D(4)))) == [market_wish(SELL, 90, 4, cycle=2)]


def test_a_liquidation_that_is_over_sells_nothing_and_stops_at_once() -> None:
    of, _ = recalled(evolve(SELLING, stop_reason="stop_loss"))
    effects = of.handle(FundsCleared(D(930), ZERO))
    assert wishes(effects) == []
    assert [one.reason for one in written(effects)] == ["stop_loss"]


def test_a_liquidation_under_way_is_not_stopped_by_hand() -> None:
    of, _ = recalled(SELLING)
    assert of.handle(StopGrid("SIGINT")) == []
    assert [one.side for one in wishes(of.handle(FundsCleared(D(300), D(7))))] == [SELL]


# --- a stop before it is known what there is to stop -----------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "orders"),
    [
        (BEGUN, ()),
        (ARMED, ()),
        (evolve(ARMED, market_orders=1), (order_row(PURCHASE),)),
        (BOUGHT, ()),
        (RUNNING, ()),
    ],
)
def test_a_stop_that_comes_first_is_kept_until_it_is_known_what_there_is(
    row: GridRow, orders: tuple[OrderRow, ...]
) -> None:
    of = manager()
    assert of.handle(StopGrid("SIGINT")) == []
    effects = of.handle(GridRecalled(row, (), orders))
    assert HaltTrading() in told(effects, JOURNALLED.balance_tracker)
    assert told(effects, JOURNALLED.order_manager).count(RESUME) == 1
    assert of.handle(IN_RANGE) == []
    if row.plan is not None:
        assert of.handle(LevelsStarted()) == []  # who had been asked to start them before
    stopped = GridStopped("SOL/USDT", "SIGINT", D(300), D(7))
    assert written(of.handle(FundsCleared(D(300), D(7)))) == [stopped]


def test_a_grid_that_was_stopped_by_hand_goes_on_with_the_next_start() -> None:
    memory = GridMemory(grid_rules(), JOURNALLED, RUNNING)
    memory.note(GridStopped("SOL/USDT", "SIGINT", D(300), D(7)), 1)
    _, effects = recalled(memory.grid)
    assert messages(effects) == [StartLevels(plan().levels)]
