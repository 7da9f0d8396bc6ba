"""A store that keeps its rows for as long as it lives: for grids that are to leave nothing behind, and for tests."""

from __future__ import annotations

from engine.journal.rows import BalanceRow, Batch, EventRow, GridRow, LevelRow, OrderRow, Stored
from engine.messages import TradeBooked
from engine.orders import OrderState

_LIVE = (OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.PARTLY_FILLED)


class MemoryStore:
    """Keep the rows of one grid in memory; closing it changes nothing."""

    def __init__(self) -> None:
        """Begin empty."""
        self.grid: GridRow | None = None
        self.balances: dict[str, BalanceRow] = {}
        self.orders: dict[str, OrderRow] = {}
        self.levels: dict[str, LevelRow] = {}
        self.booked: dict[tuple[str, str], TradeBooked] = {}
        self.events: list[EventRow] = []

    def load(self) -> Stored | None:
        """Give what was written last, None before anything was."""
        if self.grid is None:
            return None
        live = {name: row for name, row in self.orders.items() if row.state in _LIVE}
        return Stored(
            grid=self.grid,
            balances=tuple(self.balances.values()),
            live_orders=tuple(live.values()),
            levels=tuple(self.levels.values()),
            live_trades=tuple(trade for trade in self.booked.values() if trade.client_order_id in live),
        )

    def write(self, batch: Batch) -> None:
        """Keep all of it."""
        self.grid = batch.grid or self.grid
        self.balances.update((row.asset, row) for row in batch.balances)
        self.orders.update((row.client_order_id, row) for row in batch.orders)
        self.levels.update((row.slot, row) for row in batch.levels)
        for trade in batch.trades:
            self.booked.setdefault((trade.client_order_id, trade.trade_id), trade)
        self.events += batch.events

    def order_names(self) -> frozenset[str]:
        """Give the client order id of every order."""
        return frozenset(self.orders)

    def newest_order_id(self) -> str | None:
        """Give the exchange's id of the order placed last that it has told one of, None for none."""
        ids = [row.order_id for row in self.orders.values() if row.order_id]
        return ids[-1] if ids else None

    def trades(self) -> tuple[TradeBooked, ...]:
        """Give every trade, in the order of booking."""
        return tuple(self.booked.values())

    def close(self) -> None:
        """Keep everything."""
