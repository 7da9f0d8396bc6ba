"""A grid's life gone through again, as its journal would have heard of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.addresses import GridAddresses
from engine.balances import LedgerBroken
from engine.grid import Plan
from engine.journal.events import Noted, told
from engine.journal.memory import GridMemory
from engine.journal.rows import EventRow
from engine.messages import (
    GridArmed,
    InventoryBought,
    LevelsArmed,
    LiquidationBegun,
    OrderEnded,
    RecordIntent,
    TradeBooked,
)
from engine.recovery.own_orders import CannotRebuild
from engine.recovery.timeline import Happening
from engine.values import Kind, Side

LIQUIDATION = "liquidation"  # why all base was sold: what was to end it does not show in its orders


class Replay:
    """Have a memory take note of what happened to orders, and of what that tells of the grid."""

    def __init__(self, memory: GridMemory, addresses: GridAddresses) -> None:
        """Go on from what `memory` knows."""
        self._memory, self._addresses = memory, addresses

    def begin(self, happenings: Sequence[Happening]) -> None:
        """Write for people what is about to be gone through, as of the latest that is known."""
        counts = {
            "orders": sum(isinstance(happening.event, RecordIntent) for happening in happenings),
            "trades": sum(isinstance(happening.event, TradeBooked) for happening in happenings),
            "ended": sum(isinstance(happening.event, OrderEnded) for happening in happenings),
        }
        details = (("run", self._memory.grid.run), *((name, str(count)) for name, count in counts.items()))
        time = max(happening.time for happening in happenings)
        self._memory.tell(EventRow(time=time, kind="rebuilt", details=details))

    def arm(self, plan: Plan, time: int) -> None:
        """Note the plan that the grid armed with, at the time of its first order."""
        self._note(GridArmed(self._addresses.grid, time, plan), time)

    def end(self, never_arrived: OrderEnded, time: int) -> None:
        """Note the end of an order that the exchange never had."""
        self._note(never_arrived, time)

    def follow(self, happening: Happening) -> None:
        """Note one event; raise `CannotRebuild` when it cannot have been so."""
        event, time = happening.event, happening.time
        if isinstance(event, RecordIntent):
            self._note_what_came_before(event, time)
        try:
            self._note(event, time)
        except LedgerBroken as broken:
            raise CannotRebuild(f"order {happening.order.client_order_id}: {broken}") from broken
        if isinstance(event, TradeBooked) and event.complete and event.kind is Kind.MARKET and event.side is Side.BUY:
            self._note_purchase(time)

    def _note_what_came_before(self, intent: RecordIntent, time: int) -> None:
        """See from an order how far the grid had come when it was wished."""
        grid, wish = self._memory.grid, intent.wish
        if wish.owner.level is not None:
            self._note_purchase(time)
            if not grid.grid_orders_initialized:
                self._note(LevelsArmed(), time)
        elif wish.side is Side.SELL and grid.liquidation is None:
            self._note(LiquidationBegun(LIQUIDATION, wish.price or grid.last_price), time)

    def _note_purchase(self, time: int) -> None:
        if not self._memory.grid.initial_purchase_done:
            self._note(InventoryBought(), time)

    def _note(self, event: Noted, time: int) -> None:
        row = told(event, time, self._memory.order_of(event))
        self._memory.note(event, time)
        if row is not None:
            self._memory.tell(row)
