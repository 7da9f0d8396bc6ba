"""A database in a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import peewee
from attrs import frozen

from actors.store.connection import Connection
from actors.store.failures import StoreLost
from actors.store.places import Place
from actors.store.put_back import put_back
from actors.store.state_file import BUSY_TIMEOUT, sound_file, uri

_PRAGMAS: Final = {
    "journal_mode": "wal",
    "synchronous": "full",  # a commit is on the disk when it returns
    "foreign_keys": 1,
    "journal_size_limit": 16 * 1024 * 1024,
}


@frozen
class OpenedFile:
    """Give a connection to a file that is in order, and where a damaged one was moved to; None if it was not."""

    connection: Connection
    set_aside: Path | None


def open_file(place: Place, path: Path) -> OpenedFile:
    """Open the file, which is made with its folder if it is missing; raise `BadInput`, `StoreUnavailable`."""
    with sound_file(place, path) as set_aside:
        database = peewee.SqliteDatabase(
            uri(path, "mode=rw"),
            uri=True,
            pragmas=_PRAGMAS,
            timeout=BUSY_TIMEOUT,
            thread_safe=False,  # opened by one thread, used by another, by one at a time
            check_same_thread=False,
        )
        connection = Connection(database, str(path), begin="BEGIN IMMEDIATE", watch=_watching(path))
        connection.call(peewee.Database.is_closed)  # connect now: that is what makes a database of a new file
    return OpenedFile(connection, set_aside)


def _watching(path: Path) -> Callable[[peewee.Database], bool]:
    """Give what puts the file back when it is gone, and raises `StoreLost` once it is another one than now."""

    def identity() -> tuple[int, int] | None:
        try:
            status = os.stat(path)  # noqa: PTH116 - twice in every write, where pathlib takes three times as long
        except OSError:
            return None
        return status.st_dev, status.st_ino

    opened = identity()

    def watch(database: peewee.Database) -> bool:
        nonlocal opened
        found = identity()
        if found == opened:
            return True
        if found is not None:
            raise StoreLost(f"{path} was replaced while it was in use")
        put_back(database, path)
        opened = identity()
        return False

    return watch
