"""The store of one grid's state: how everything stands now, and all that led there, a batch in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from peewee import SQL, fn

from actors.store import columns
from actors.store.batches import BatchTables
from actors.store.connection import Connection
from actors.store.failures import StoreLost
from actors.store.grid_key import GridKey
from actors.store.grid_rows import GridRows
from actors.store.grids import claim, make_history
from actors.store.json_text import to_json
from actors.store.prepared import Prepared, named
from actors.store.tables import Grids, Plans
from actors.store.upsert import Upsert
from engine.grid import Plan
from engine.journal.rows import Batch, GridRow, Stored
from engine.journal.store import Store
from engine.messages import TradeBooked


class GridStore(Store):
    """Keep one grid's rows in a database, which may hold others too; used from one thread at a time.

    A batch whose commit failed may have been written all the same, if a server went away just then. It may come again,
    with more appended: rows are overwritten with what they are, trades are known by their ids, and its events get the
    numbers that they had, by which those that are there are known. So nothing is doubled.

    Whoever opens the store of a grid takes it over: an older one, of a thread that hangs or on another computer, gets
    `StoreLost` when it writes.
    """

    def __init__(
        self, connection: Connection, key: GridKey, grid: str, set_aside: Path | None, clock: Callable[[], int]
    ) -> None:
        """Take over the grid, whose orders' owners live in `grid`.

        `clock` gives the time when it begins, `set_aside` is where a damaged file went to.
        """
        self.set_aside = set_aside
        self._connection = connection
        self._key, self._grid = key, grid
        self._clock = clock
        self._writer = secrets.token_hex(16)
        self._tables = BatchTables(connection)
        self._plans = Upsert(connection, Plans, ("grid", "plan"), ("grid",))
        mine = (Grids.id == named("id")) & (Grids.writer == named("writer"))
        once_more = {Grids.writes: Grids.writes + SQL("1")}
        life = {getattr(Grids, name): named(name) for name in columns.GRID}
        begun = {Grids.began_at: fn.COALESCE(Grids.began_at, named("now"))}
        self._touch = Prepared(connection, Grids.update(once_more).where(mine))
        self._put_grid = Prepared(connection, Grids.update({**once_more, **life, **begun}).where(mine))
        self._plan: Plan | object | None = _UNKNOWN
        with connection.transaction():
            self._claim = claim(connection, key, self._writer)

    def load(self) -> Stored | None:
        """Give what was written last, None before a grid row was; orders in the order of placing."""
        stored = self._rows().stored()
        if stored is not None:
            self._plan = stored.grid.plan
        return stored

    def write(self, batch: Batch, /) -> None:
        """Write all of it durably, or nothing and raise `StoreUnavailable`; `StoreLost` when trying again is vain."""
        with self._connection.transaction():
            self._write_grid(batch.grid)
            self._tables.write(self._claim.grid_id, batch, self._claim.next_event)
        self._claim = self._claim.after(len(batch.events))
        if batch.grid is not None:
            self._plan = batch.grid.plan

    def order_names(self) -> frozenset[str]:
        """Give the client order id of every order of the grid; raise `StoreUnavailable`."""
        return self._rows().order_names()

    def newest_order_id(self) -> str | None:
        """Give the exchange's id of the order placed last that it has told one of."""
        return self._rows().newest_order_id()

    def trades(self) -> tuple[TradeBooked, ...]:
        """Give every trade of the grid, in the order of booking."""
        return self._rows().trades()

    def archive(self, at: int, reason: str) -> None:
        """Make all that is stored of the grid history, if it has begun: kept, not loaded; the next write is the first.

        `at` is epoch milliseconds.
        """
        with self._connection.transaction():
            self._write_grid(None)
            make_history(self._connection, self._claim.grid_id, at, reason)
            afresh = claim(self._connection, self._key, self._writer)
        self._claim, self._plan = afresh, _UNKNOWN

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _rows(self) -> GridRows:
        return GridRows(self._connection, self._claim.grid_id, self._grid)

    def _write_grid(self, row: GridRow | None) -> None:
        """Write where the grid stands, if told; see to it in any case that this store is the one that may write."""
        values = {"id": self._claim.grid_id, "writer": self._writer}
        if row is None:
            changed = self._touch.run(values)
        else:
            life = dict(zip(columns.GRID, columns.of_grid(row), strict=True))
            changed = self._put_grid.run({**values, **life, "now": self._clock()})
            if row.plan is not self._plan:  # it is long, and nearly always the same
                self._plans.write([(self._claim.grid_id, None if row.plan is None else to_json(row.plan))])
        if not changed:
            raise StoreLost(f"{self._connection.name}: another store has taken over the grid {self._key.name}")


_UNKNOWN = object()  # no plan is this one
