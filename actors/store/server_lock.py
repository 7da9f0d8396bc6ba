"""One writer for each grid of a server's database: whoever runs it holds a lock, which ends with its connection."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import peewee

from actors.store.connection import Connection
from actors.store.grid_key import GridKey
from actors.store.places import Place
from actors.store.server import open_server

_LONGEST_NAME: Final = 63  # characters that PostgreSQL keeps of an application's name
_HOLDER: Final = """
    SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.granted
    AND (l.classid::bigint << 32) | l.objid::bigint = %s
"""


class LockedByAnother(Exception):
    """Somebody else runs the grid; the text says who."""


@contextmanager
def server_lock(place: Place, key: GridKey) -> Iterator[None]:
    """Hold the lock of a grid on PostgreSQL, beside what keeps two processes of one machine apart.

    Other databases have none: there only the store itself notices that another one has taken the grid over. Raises
    `LockedByAnother`, `StoreUnavailable`.
    """
    if place.url is None or place.file() is not None:
        yield
        return
    connection = open_server(place)
    try:
        if isinstance(connection.database, peewee.PostgresqlDatabase):
            _take(connection, _number(key))
        yield
    finally:
        connection.close()


def _take(connection: Connection, number: int) -> None:
    me = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    connection.rows("SELECT set_config('application_name', %s, false)", (me[:_LONGEST_NAME],))
    ((taken,),) = connection.rows("SELECT pg_try_advisory_lock(%s)", (number,))
    if not taken:
        holders = connection.rows(_HOLDER, (number,))
        raise LockedByAnother(holders[0][0] if holders else "another process")


def _number(key: GridKey) -> int:
    """Make a number of 63 bits of what makes a grid the one it is."""
    text = f"{key.fingerprint}\n{key.pair}\n{key.exchange}\n{key.mode}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
