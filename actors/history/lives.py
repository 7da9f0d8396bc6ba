"""The lives of grids: what a database has of each, as of one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click
from attrs import field, frozen

from actors.history.asked import Asked, AskedGrid
from actors.history.spool import Section, Spool
from actors.loading import each
from actors.opening.states import StoreOutOfReach
from actors.store.connection import Connection, Row
from actors.store.grid_rows import GridRows
from actors.store.grids import StoredGrid, grids, of_key
from actors.store.looking import look
from engine.errors import BadInput
from engine.journal.rows import GridRow
from engine.journal.store import StoreUnavailable
from engine.settings import Settings

Pages = Callable[[Connection, int], Iterable[list[Row]]]


@frozen
class Life:
    """Hold one life of a grid: who it is, how it began and stands, and the rows that were asked for."""

    settings: Settings
    stored: StoredGrid
    grid: GridRow
    section: Section = field(repr=False)
    spool: Spool = field(repr=False)

    @property
    def count(self) -> int:
        """Count the rows."""
        return self.section.rows

    def rows(self) -> Iterator[list[Any]]:
        """Give the rows that were asked for, in the order of writing."""
        return self.spool.take(self.section)


@contextmanager
def lives_of(asked: Asked, pages: Pages) -> Iterator[list[Life]]:
    """Read all grids, each at one moment, and keep what was read while somebody tells it.

    Of a grid that is not stored yet stderr says so. Raises `BadInput`, `StoreOutOfReach`, both before anything is told.
    """
    with ExitStack() as stack:

        def read(grid: AskedGrid) -> list[Life]:
            spool = Spool()
            stack.callback(spool.close)
            return _read(grid, pages, spool, every=asked.every)

        yield [life for lives in each(asked.grids, read) for life in lives]


def _read(asked: AskedGrid, pages: Pages, spool: Spool, *, every: bool) -> list[Life]:
    past = 0

    def read(connection: Connection) -> list[Life]:
        nonlocal past
        spool.clear()  # the database may have to be looked at again
        found = grids(connection, of_key(asked.key))
        wanted = [(grid_id, stored) for grid_id, stored in found if every or stored.archived_at is None]
        past = len(found) - len(wanted)
        return [_life(asked, connection, grid_id, stored, pages, spool) for grid_id, stored in wanted]

    try:
        lives = look(asked.place, read) or []
    except StoreUnavailable as error:
        raise StoreOutOfReach(f"{asked.settings.source}: {error}") from error
    except OSError as error:
        raise BadInput(
            f"{asked.place.told_by}: {asked.place} cannot be read: {error.strerror or error}; allowed: what can be read"
        ) from error
    if not lives:
        click.echo(_nothing(asked, past), err=True)
    return lives


def _life(
    asked: AskedGrid, connection: Connection, grid_id: int, stored: StoredGrid, pages: Pages, spool: Spool
) -> Life:
    grid = GridRows(connection, grid_id, stored.key.name).grid()
    assert grid is not None, "all is read as of one moment"
    return Life(asked.settings, stored, grid, spool.put(pages(connection, grid_id)), spool)


def _nothing(asked: AskedGrid, past: int) -> str:
    if past:
        lives = "1 archived life" if past == 1 else f"{past} archived lives"
        return f"{asked.settings.source}: this grid does not go on at present; --all shows {lives} of it"
    path = asked.place.file()
    why = f"there is no {path}" if path is not None and not path.exists() else f"{asked.place} does not know it"
    return f"{asked.settings.source}: nothing is stored of this grid yet: {why}"
