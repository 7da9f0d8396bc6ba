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
from actors.store.grids import StoredGrid, grids, of_file, of_key
from actors.store.looking import look
from actors.store.places import Place
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
            places = [*(grid.others if asked.every else ()), grid.place]
            lives, past = [], 0
            for place in places:
                spool = Spool()
                stack.callback(spool.close)
                read, left_out = _read(grid, place, pages, spool, every=asked.every)
                lives += read
                past += left_out
            if not lives:
                click.echo(_nothing(grid, past), err=True)
            return lives

        yield [life for lives in each(asked.grids, read) for life in lives]


def _read(asked: AskedGrid, place: Place, pages: Pages, spool: Spool, *, every: bool) -> tuple[list[Life], int]:
    """Read the lives that one place has of a grid; give them, and how many were left out because they are over."""
    past = 0

    def read(connection: Connection) -> list[Life]:
        nonlocal past
        spool.clear()  # the database may have to be looked at again
        found = grids(connection, of_key(asked.key) | of_file(asked.key) if every else of_key(asked.key))
        wanted = [(grid_id, stored) for grid_id, stored in found if every or stored.archived_at is None]
        past = len(found) - len(wanted)
        return [_life(asked, connection, grid_id, stored, pages, spool) for grid_id, stored in wanted]

    try:
        return look(place, read) or [], past
    except StoreUnavailable as error:
        raise StoreOutOfReach(f"{asked.settings.source}: {error}") from error
    except OSError as error:
        raise BadInput(
            f"{place.told_by}: {place} cannot be read: {error.strerror or error}; allowed: what can be read"
        ) from error


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
