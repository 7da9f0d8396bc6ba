"""All that is stored, for people: read while another process writes, and nothing is changed by it."""

from __future__ import annotations

from attrs import frozen

from actors.store.connection import Connection
from actors.store.grid_key import GridKey
from actors.store.grid_rows import GridRows
from actors.store.grids import StoredGrid, grids, of_key
from actors.store.looking import look
from actors.store.places import Place
from engine.journal.rows import BalanceRow, EventRow, GridRow, LevelRow, OrderRow
from engine.messages import TradeBooked


@frozen
class GridHistoryRows:
    """Hold everything about one grid; trades and events oldest first."""

    stored: StoredGrid
    grid: GridRow
    balances: tuple[BalanceRow, ...]
    orders: tuple[OrderRow, ...]
    levels: tuple[LevelRow, ...]
    trades: tuple[TradeBooked, ...]
    events: tuple[EventRow, ...]


def read_history(place: Place, key: GridKey | None, since: int | None) -> tuple[GridHistoryRows, ...]:
    """Give all about the grid, archived ones of that key too, or about every grid; oldest first, as of one moment.

    Of trades and events those from `since` on (epoch milliseconds), all if None. There are none when there is no
    database yet. Raises `BadInput` for one that is damaged or of another version, `StoreUnavailable`.
    """

    def read(connection: Connection) -> tuple[GridHistoryRows, ...]:
        found = grids(connection, None if key is None else of_key(key))
        return tuple(
            _history(GridRows(connection, grid_id, stored.key.name), stored, since) for grid_id, stored in found
        )

    return look(place, read) or ()


def stored_grids(place: Place) -> tuple[StoredGrid, ...]:
    """Give every grid of a database that has begun, archived ones too, oldest first; otherwise like `read_history`."""
    return look(place, lambda connection: tuple(stored for _, stored in grids(connection))) or ()


def _history(rows: GridRows, stored: StoredGrid, since: int | None) -> GridHistoryRows:
    grid = rows.grid()
    assert grid is not None, "all is read as of one moment"
    return GridHistoryRows(
        stored, grid, rows.balances(), rows.orders(), rows.levels(), rows.trades(since), rows.events(since)
    )
