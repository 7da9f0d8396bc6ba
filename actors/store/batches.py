"""The tables that a batch goes into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import peewee

from actors.store import columns
from actors.store.connection import Connection, Row
from actors.store.tables import Balances, Events, Levels, Orders, Trades
from actors.store.upsert import Upsert
from engine.journal.rows import Batch

_ONCE: Final[tuple[str, ...]] = ()  # what is there already is left as it is


class BatchTables:
    """Write the rows of batches, but for where the grid itself stands; within a transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take where to write."""
        self._balances = _of_grid(connection, Balances, columns.BALANCE, ("asset",))
        self._orders = _of_grid(connection, Orders, columns.ORDER, ("client_order_id",))
        self._levels = _of_grid(connection, Levels, columns.LEVEL, ("slot",))
        self._trades = _of_grid(connection, Trades, columns.TRADE, ("client_order_id", "trade_id"), _ONCE)
        self._events = _of_grid(connection, Events, ("number", *columns.EVENT), ("number",), _ONCE)

    def write(self, grid_id: int, batch: Batch, first_event: int) -> None:
        """Write a batch of the grid with this id, its events numbered from `first_event`."""
        # Of rows that are there twice the last is how things stand: no statement may touch one row twice.
        balances = {row.asset: (grid_id, *columns.of_balance(row)) for row in batch.balances}
        orders = {row.client_order_id: (grid_id, *columns.of_order(row)) for row in batch.orders}
        levels = {row.slot: (grid_id, *columns.of_level(row)) for row in batch.levels}
        self._balances.write(balances.values())
        self._orders.write(orders.values())
        self._levels.write(levels.values())
        self._trades.write((grid_id, *columns.of_trade(trade)) for trade in batch.trades)
        self._events.write(_numbered(grid_id, batch, first_event))


def _numbered(grid_id: int, batch: Batch, first: int) -> Iterable[Row]:
    return ((grid_id, number, *columns.of_event(row)) for number, row in enumerate(batch.events, first))


def _of_grid(
    connection: Connection,
    table: type[peewee.Model],
    names: Sequence[str],
    key: Sequence[str],
    overwritten: Sequence[str] | None = None,
) -> Upsert:
    return Upsert(connection, table, ("grid", *names), ("grid", *key), overwritten)
