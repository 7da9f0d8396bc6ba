"""Open the store of a grid, whatever is or is not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from actors.store.failures import SchemaTooOld
from actors.store.grid_key import GridKey
from actors.store.grid_store import GridStore
from actors.store.looking import look
from actors.store.migrations import MIGRATIONS, Migration, migrate
from actors.store.places import Place
from actors.store.server import open_server
from actors.store.sqlite_file import OpenedFile, open_file
from engine.errors import BadInput


def now() -> int:
    """Give the time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def open_store(
    place: Place,
    key: GridKey,
    grid: str | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    clock: Callable[[], int] = now,
) -> GridStore:
    """Open the store of a grid, which from now on is the only one that can write it.

    `grid` is what it is called in this process, if not as in its key. What is missing is made, an older schema brought
    up to date. Raises `BadInput`, `SchemaTooNew` if it is a later one, `StoreUnavailable` if it may work later.
    """
    opened = _opened(place)
    try:
        migrate(opened.connection, migrations)
        return GridStore(opened.connection, key, grid or key.name, opened.set_aside, clock)
    except BaseException:
        opened.connection.close()
        raise


def bring_up_to_date(place: Place) -> None:
    """Give a database that an earlier version of this program has made what this one wants; leave others as they are.

    Whoever looks at it does not change it, and so cannot read it before. Raises like `open_store`.
    """
    if (path := place.file()) is not None and not (path.exists() and path.stat().st_size):
        return
    try:
        look(place, lambda _: None)
    except SchemaTooOld:
        opened = _opened(place)
        try:
            migrate(opened.connection, MIGRATIONS)
        finally:
            opened.connection.close()
    except BadInput:
        return  # whoever reads it says what is wrong


def _opened(place: Place) -> OpenedFile:
    if path := place.file():
        return open_file(place, path)
    return OpenedFile(open_server(place), None)
