"""The grids of a database: which there are, and who may write which."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen
from peewee import JOIN, fn

from actors.store.connection import Connection
from actors.store.grid_key import GridKey
from actors.store.grid_rows import LIVE
from actors.store.tables import Events, Grids, Orders
from actors.store.upsert import Upsert

_IDENTITY: Final = ("fingerprint", "pair", "exchange", "mode", "archived")
_RENEWED: Final = ("source", "name", "writer")


@frozen
class StoredGrid:
    """Tell of a grid that has begun: when, how many of its orders are live, and since when and why it is history."""

    key: GridKey
    began_at: int
    archived_at: int | None
    archive_reason: str | None
    live_orders: int


@frozen
class Claim:
    """Hold the id under which a grid may be written, and the number of its next event."""

    grid_id: int
    next_event: int

    def after(self, events: int) -> Claim:
        """Give the claim when so many events more have been written."""
        return Claim(self.grid_id, self.next_event + events) if events else self


def claim(connection: Connection, key: GridKey, writer: str) -> Claim:
    """Make `writer` the one that may write the grid, which is entered if it is missing; within a transaction."""
    columns = (*_IDENTITY, *_RENEWED, "writes")
    grid = (key.fingerprint, key.pair, key.exchange, key.mode, 0, key.source, key.name, writer, 0)
    Upsert(connection, Grids, columns, _IDENTITY, _RENEWED).write([grid])
    ((grid_id,),) = connection.select(Grids.select(Grids.id).where(of_key(key), Grids.archived == 0))
    ((newest,),) = connection.select(Events.select(fn.MAX(Events.number)).where(Events.grid == grid_id))
    return Claim(grid_id, 0 if newest is None else newest + 1)


def make_history(connection: Connection, grid_id: int, at: int, reason: str) -> None:
    """Archive a grid, if it has begun; within a transaction."""
    history = Grids.update(archived=Grids.id, archived_at=at, archive_reason=reason, writer="")
    connection.run(
        *history.where(Grids.id == grid_id, Grids.began_at.is_null(is_null=False)).bind(connection.database).sql()
    )


def earlier_runs(connection: Connection, key: GridKey) -> frozenset[str]:
    """Give the runs of a grid's archived lives."""
    query = Grids.select(Grids.run).where(of_key(key), Grids.archived != 0, Grids.run.is_null(is_null=False))
    return frozenset(run for (run,) in connection.select(query))


def grids(connection: Connection, condition: Any = None) -> list[tuple[int, StoredGrid]]:
    """Give every grid that has begun and meets the condition, with its id, oldest first."""
    live = Orders.select(Orders.grid, fn.COUNT(Orders.id).alias("live")).where(Orders.state.in_(LIVE))
    live = live.group_by(Orders.grid)
    query = Grids.select(
        *(Grids.id, Grids.fingerprint, Grids.source, Grids.pair, Grids.exchange, Grids.mode, Grids.name),
        *(Grids.began_at, Grids.archived_at, Grids.archive_reason, fn.COALESCE(live.c.live, 0)),
    )
    query = query.join(live, JOIN.LEFT_OUTER, on=(live.c.grid == Grids.id)).where(Grids.began_at.is_null(is_null=False))
    if condition is not None:
        query = query.where(condition)
    return [(row[0], StoredGrid(GridKey(*row[1:7]), *row[7:])) for row in connection.select(query.order_by(Grids.id))]


def of_file(key: GridKey) -> Any:
    """Give the condition for being a grid that a configuration file made, whatever the file said then."""
    return (Grids.source == key.source) & (Grids.exchange == key.exchange) & (Grids.mode == key.mode)


def of_key(key: GridKey) -> Any:
    """Give the condition for being a grid of this key, archived or not."""
    return (
        (Grids.fingerprint == key.fingerprint)
        & (Grids.pair == key.pair)
        & (Grids.exchange == key.exchange)
        & (Grids.mode == key.mode)
    )
