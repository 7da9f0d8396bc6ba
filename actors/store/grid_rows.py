"""What is stored of one grid, read table by table."""

from __future__ import annotations

from typing import Any, Final

import peewee

from actors.store import columns
from actors.store.columns import TradeReader
from actors.store.connection import Connection, Row
from actors.store.json_text import from_json
from actors.store.tables import Balances, Events, Grids, Levels, Orders, Plans, Trades
from engine.grid import Plan
from engine.journal.rows import BalanceRow, EventRow, GridRow, LevelRow, OrderRow, Stored
from engine.messages import TradeBooked
from engine.orders import TRANSITIONS

LIVE: Final = tuple(state.value for state, following in TRANSITIONS.items() if following)


class GridRows:
    """Read the rows of the grid with this id; its owners live in the grid called `name`. All in order of writing."""

    def __init__(self, connection: Connection, grid_id: int, name: str) -> None:
        """Take where to read, and of which grid."""
        self._connection = connection
        self._id = grid_id
        self._trades = TradeReader(name)

    def stored(self) -> Stored | None:
        """Give what is needed to go on, None when the grid has not begun."""
        grid = self.grid()
        if grid is None:
            return None
        return Stored(
            grid=grid,
            balances=self.balances(),
            live_orders=self.live_orders(),
            levels=self.levels(),
            live_trades=self.live_trades(),
        )

    def grid(self) -> GridRow | None:
        """Give where the grid stands, None when it has not begun."""
        query = Grids.select(*_fields(Grids, columns.GRID)).where(
            Grids.id == self._id, Grids.began_at.is_null(is_null=False)
        )
        rows = self._connection.select(query)
        return columns.to_grid(rows[0], self._plan()) if rows else None

    def _plan(self) -> Plan | None:
        rows = self._connection.select(Plans.select(Plans.plan).where(Plans.grid == self._id))
        return from_json(rows[0][0], Plan) if rows and rows[0][0] is not None else None

    def balances(self) -> tuple[BalanceRow, ...]:
        """Give every balance."""
        return tuple(columns.to_balance(row) for row in self._all(Balances, columns.BALANCE))

    def orders(self) -> tuple[OrderRow, ...]:
        """Give every order."""
        return tuple(columns.to_order(row) for row in self._all(Orders, columns.ORDER))

    def order_names(self) -> frozenset[str]:
        """Give the client order id of every order."""
        rows = self._connection.select(Orders.select(Orders.client_order_id).where(Orders.grid == self._id))
        return frozenset(name for (name,) in rows)

    def newest_order_id(self) -> str | None:
        """Give the exchange's id of the order written last that has one."""
        known = (Orders.grid == self._id) & (Orders.order_id != "")
        rows = self._connection.select(Orders.select(Orders.order_id).where(known).order_by(Orders.id.desc()).limit(1))
        return rows[0][0] if rows else None

    def live_orders(self) -> tuple[OrderRow, ...]:
        """Give every order that is not over."""
        return tuple(columns.to_order(row) for row in self._all(Orders, columns.ORDER, Orders.state.in_(LIVE)))

    def levels(self) -> tuple[LevelRow, ...]:
        """Give every level."""
        return tuple(columns.to_level(row) for row in self._all(Levels, columns.LEVEL))

    def trades(self, since: int | None = None) -> tuple[TradeBooked, ...]:
        """Give every trade, or those from `since` on."""
        later = () if since is None else (Trades.time >= since,)
        return tuple(self._trades.read(row) for row in self._all(Trades, columns.TRADE, *later))

    def live_trades(self) -> tuple[TradeBooked, ...]:
        """Give every trade of an order that is not over."""
        live = Orders.select(Orders.client_order_id).where(Orders.grid == self._id, Orders.state.in_(LIVE))
        rows = self._all(Trades, columns.TRADE, Trades.client_order_id.in_(live))
        return tuple(self._trades.read(row) for row in rows)

    def events(self, since: int | None = None) -> tuple[EventRow, ...]:
        """Give every event, or those from `since` on."""
        later = () if since is None else (Events.time >= since,)
        return tuple(columns.to_event(row) for row in self._all(Events, columns.EVENT, *later))

    def _all(self, table: Any, names: tuple[str, ...], *conditions: Any) -> list[Row]:
        query = table.select(*_fields(table, names)).where(table.grid == self._id, *conditions)
        return self._connection.select(query.order_by(table.id))


def _fields(table: type[peewee.Model], names: tuple[str, ...]) -> list[peewee.Field]:
    return [getattr(table, name) for name in names]
