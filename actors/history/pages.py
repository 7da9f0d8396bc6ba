"""Long tables of a database, page by page in the order of writing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from peewee import JOIN

from actors.store import columns
from actors.store.connection import Connection, Row
from actors.store.tables import Events, Orders, Trades

_PAGE: Final = 10_000  # rows


def trade_pages(connection: Connection, grid_id: int) -> Iterator[list[Row]]:
    """Give a grid's trades, as `columns.TRADE` has them, with their order's id and cycle behind; None if unknown."""
    same = (Orders.grid == Trades.grid) & (Orders.client_order_id == Trades.client_order_id)
    fields = [getattr(Trades, name) for name in columns.TRADE]
    query = Trades.select(Trades.id, *fields, Orders.order_id, Orders.cycle).join(Orders, JOIN.LEFT_OUTER, on=same)
    return _pages(connection, query.where(Trades.grid == grid_id), Trades)


def event_pages(connection: Connection, grid_id: int, since: int | None) -> Iterator[list[Row]]:
    """Give a grid's events, as `columns.EVENT` has them, from `since` on (epoch ms)."""
    query = Events.select(Events.id, *(getattr(Events, name) for name in columns.EVENT))
    query = query.where(Events.grid == grid_id)
    return _pages(connection, query if since is None else query.where(Events.time >= since), Events)


def _pages(connection: Connection, query: Any, table: Any) -> Iterator[list[Row]]:
    last = 0
    while page := connection.select(query.where(table.id > last).order_by(table.id).limit(_PAGE)):
        last = page[-1][0]
        yield [row[1:] for row in page]
