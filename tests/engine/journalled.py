"""A grid that writes down what it does: its addresses, a store that may fail, rows and events to begin with."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from engine.addresses import GridAddresses
from engine.grid import Plan, make_plan
from engine.journal.memory import GridMemory
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import Batch, GridRow, OrderRow
from engine.journal.store import StoreUnavailable
from engine.messages import OrderEnded, PlaceOrder, RecordIntent, SubmitOrder, TradeBooked
from engine.orders import client_order_id
from engine.values import ZERO
from tests.engine.samples import MARKET, D, Number, grid_rules, trade

JOURNALLED = GridAddresses("SOL/USDT", is_journalled=True)
QUOTE = D(1200)
NOW = 1_000
BEGUN = GridRow(capital_quote=QUOTE, capital_base=ZERO, run="r", amount_step=MARKET.amount_step)


class FaultyStore(MemoryStore):
    """Note every batch that somebody tries to write, and take none while it fails."""

    def __init__(self) -> None:
        super().__init__()
        self.failure: StoreUnavailable | None = None
        self.tried: list[Batch] = []
        self.written: list[Batch] = []
        self.is_closed = False

    def write(self, batch: Batch) -> None:
        self.tried.append(batch)
        if self.failure is not None:
            raise self.failure
        self.written.append(batch)
        super().write(batch)

    def close(self) -> None:
        self.is_closed = True


def begun_store(**rules: Any) -> FaultyStore:
    """Give the store of a grid that has just begun."""
    store = FaultyStore()
    store.write(GridMemory(grid_rules(**rules), JOURNALLED, BEGUN).begun())
    store.tried.clear()
    store.written.clear()
    return store


def plan(price: Number = 120, **rules: Any) -> Plan:
    return make_plan(grid_rules(**rules), D(price), QUOTE, ZERO)


def name_of(wish: PlaceOrder) -> str:
    return client_order_id("tag", wish.owner.slot, wish.cycle, wish.side, wish.attempt)


def submit(wish: PlaceOrder) -> SubmitOrder:
    return SubmitOrder(name_of(wish), wish.side, wish.kind, wish.price, wish.quantity)


def intent(wish: PlaceOrder) -> RecordIntent:
    return RecordIntent(submit(wish), wish)


def booked(wish: PlaceOrder, trade_id: str = "1", **changes: Any) -> TradeBooked:
    """Book a trade of the order that `wish` became."""
    order_id = changes.pop("order_id", "")
    return evolve(trade(wish, trade_id, **changes), client_order_id=name_of(wish), order_id=order_id)


def ended(wish: PlaceOrder, filled: Number = 0, last_trade: str = "", **refused: Any) -> OrderEnded:
    return OrderEnded(wish.owner, wish.side, D(filled), last_trade, **refused)


def order_row(wish: PlaceOrder, **changes: Any) -> OrderRow:
    """Give what is written of the order that `wish` became; a buy has its whole cost reserved, a sell its quantity."""
    row = OrderRow(
        client_order_id=name_of(wish),
        slot=wish.owner.slot,
        level=wish.owner.level,
        cycle=wish.cycle,
        attempt=wish.attempt,
        side=wish.side,
        kind=wish.kind,
        price=wish.price,
        quantity=wish.quantity,
        answers=wish.answers,
        reserved=wish.price * wish.quantity if wish.side.value == "buy" else wish.quantity,
        placed_at=NOW,
    )
    return evolve(row, **changes)
