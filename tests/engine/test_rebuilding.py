"""A journal that is lost or behind, rebuilt from what the exchange knows of whole grids."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from random import Random

import pytest

from engine.journal.memory_store import MemoryStore
from engine.recovery.rebuilding import Rebuilt, rebuild
from engine.values import ZERO
from tests.engine.recorded_exchange import Manners
from tests.engine.recorded_grid import ADDRESSES, PREFIX, RecordedGrid
from tests.engine.recorded_worlds import HASTY, KIND, REFUSING, ROUGH, World, happen, random_world
from tests.engine.same_grid import facts, furthest_apart, seen_slots, to_place

SEEDS = range(5)
LAST_DIGITS = Decimal("1e-20")  # where shares of two orders were added in another order
WORLDS = pytest.mark.parametrize(
    ("manners", "steps_apart"),
    # What one side of a level has yet to order is rounded off at each wish. It comes out a little different where the
    # two sides' orders are heard of in another order, and where some were refused, and wished once more.
    [(KIND, 0), (ROUGH, 1), (REFUSING, 3), (HASTY, 3)],
    ids=["kind", "rough", "refusing", "hasty"],
)


def from_exchange(grid: RecordedGrid) -> Rebuilt:
    exchange = grid.exchange
    return rebuild(grid.rules, ADDRESSES, PREFIX, exchange.found(), exchange.trades, grid.quote)


def from_backup(grid: RecordedGrid, backup: MemoryStore) -> Rebuilt:
    return rebuild(
        *(grid.rules, ADDRESSES, PREFIX, grid.exchange.found(), grid.exchange.trades, grid.quote),
        known=backup.load(),
        known_names=frozenset(backup.orders),
        known_trades=frozenset(backup.booked),
    )


@cache
def worlds(manners: Manners) -> list[World]:
    """Run some worlds in which levels got orders, to be looked at only."""
    drawn = [random_world(seed, manners) for seed in SEEDS]
    return [world for world in drawn if seen_slots(world.grid.exchange.found()) - {"grid"}]


def check_agreement(rebuilt: Rebuilt, grid: RecordedGrid, steps_apart: int) -> None:
    slots = seen_slots(grid.exchange.found())
    assert facts(rebuilt.memory, slots) == facts(grid.memory, slots)
    apart = furthest_apart(to_place(rebuilt.memory, slots), to_place(grid.memory, slots))
    assert apart <= steps_apart * grid.rules.market.amount_step + LAST_DIGITS


@WORLDS
def test_lost_journal_is_rebuilt_as_it_was(manners: Manners, steps_apart: int) -> None:
    for world in worlds(manners):
        grid = world.grid
        rebuilt = from_exchange(grid)
        check_agreement(rebuilt, grid, steps_apart)
        changes = rebuilt.memory.take_changes()
        assert {trade.trade_id: trade for trade in changes.trades} == {
            trade.trade_id: trade for trade in grid.store.booked.values()
        }
        assert {row.client_order_id for row in changes.orders} == set(grid.exchange.orders)
        assert rebuilt.cancel == ()


@WORLDS
def test_journal_that_is_behind_is_brought_up_to_date(manners: Manners, steps_apart: int) -> None:
    for world in worlds(manners):
        grid, backup = world.grid, world.backup
        rebuilt = from_backup(grid, backup)
        check_agreement(rebuilt, grid, steps_apart)
        changes = rebuilt.memory.take_changes()
        missing = grid.store.booked.keys() - backup.booked.keys()
        assert {(trade.client_order_id, trade.trade_id) for trade in changes.trades} == missing
        assert len(changes.trades) == len(missing)
        assert rebuilt.cancel == ()


@pytest.mark.parametrize("manners", [KIND, ROUGH, REFUSING, HASTY], ids=["kind", "rough", "refusing", "hasty"])
@pytest.mark.parametrize("lost", [True, False], ids=["lost", "behind"])
def test_grid_goes_on_from_what_was_rebuilt(manners: Manners, *, lost: bool) -> None:
    """Nothing is ordered twice: the exchange sees to that."""
    for seed in SEEDS:
        world = random_world(seed, manners)
        before = world.grid
        if not before.exchange.orders:
            continue
        store = MemoryStore() if lost else world.backup
        rebuilt = from_exchange(before) if lost else from_backup(before, world.backup)
        store.write(rebuilt.memory.take_changes())
        grid = RecordedGrid(before.rules, before.quote, seed, exchange=before.exchange, store=store)
        random = Random(seed)
        for _ in range(10):
            happen(grid, random)
        assert {row.client_order_id for row in grid.memory.live_orders.values()} == set(grid.exchange.open)
        assert set(grid.store.booked) == {
            (name, trade.trade_id)
            for name, order in grid.exchange.orders.items()
            for trade in grid.exchange.trades
            if trade.order_id == order.order_id
        }
        check_money(grid)


def check_money(grid: RecordedGrid) -> None:
    """Require the balances that the trades come to, as the exchange knows them."""
    quote, base = grid.quote, ZERO
    sides = {order.order_id: order.side for order in grid.exchange.found()}
    for trade in grid.exchange.trades:
        sign = Decimal(1 if sides[trade.order_id] == "buy" else -1)
        quote -= sign * trade.price * trade.quantity + (trade.fee if trade.fee_asset == "USDT" else ZERO)
        base += sign * trade.quantity - (trade.fee if trade.fee_asset == "SOL" else ZERO)
    held = {row.asset: row.free + row.reserved for row in grid.memory.stored().balances}
    assert (held["USDT"], held["SOL"]) == (quote, base)
