"""What two memories of one grid have to agree on."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from attrs import evolve

from engine.calls import FoundOrder
from engine.journal.memory import GridMemory
from engine.journal.rows import HalfRow
from engine.recovery.order_names import read_order_name
from engine.values import ZERO, Side
from tests.engine.recorded_grid import PREFIX


def facts(memory: GridMemory, slots: set[str]) -> dict[str, Any]:
    """Give what an exchange can tell of what is ordered in `slots`: not what was wished, nor why, nor when by us."""
    stored = memory.stored()
    grid = stored.grid
    return {
        "purchased": (grid.purchased, grid.initial_purchase_done),
        "is_armed": grid.grid_orders_initialized,
        "newest_trade": grid.newest_trade,
        "levels": {
            one.slot: (one.side, one.quantity) for one in (grid.plan.levels if grid.plan else ()) if one.slot in slots
        },
        "balances": {row.asset: row for row in stored.balances},
        "orders": {row.client_order_id: evolve(row, answers="", placed_at=0) for row in stored.live_orders},
        "live_trades": set(stored.live_trades),
        "rows": {
            row.slot: (row.cycle, row.kept_of_buy, _ordered(row.buying), _ordered(row.selling))
            for row in stored.levels
            if row.slot in slots
        },
    }


def _ordered(half: HalfRow) -> tuple[Any, ...]:
    return (half.quantity, half.filled, half.cycle, half.attempt) if half.is_ordered else ()


def seen_slots(orders: Iterable[FoundOrder]) -> set[str]:
    names = (read_order_name(PREFIX, order.client_order_id) for order in orders)
    return {name.slot for name in names if name is not None}


def to_place(memory: GridMemory, slots: set[str]) -> dict[tuple[str, Side], Decimal]:
    """Give what each side of a level has yet to order, be it wished by now or not."""
    halves = (
        (row.slot, side, half)
        for row in memory.levels()
        for side, half in ((Side.BUY, row.buying), (Side.SELL, row.selling))
    )
    return {
        (slot, side): half.carried + (ZERO if half.is_ordered or not half.is_taken else half.quantity)
        for slot, side, half in halves
        if slot in slots
    }


def furthest_apart(some: dict[tuple[str, Side], Decimal], others: dict[tuple[str, Side], Decimal]) -> Decimal:
    """Give the greatest difference."""
    assert some.keys() == others.keys()
    return max((abs(others[key] - amount) for key, amount in some.items()), default=ZERO)
