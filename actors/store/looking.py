"""Look into a database without changing anything, not even which files there are."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from attrs import frozen
from peewee import SqliteDatabase

from actors.store.connection import Connection
from actors.store.failures import SchemaTooOld, StoreLost
from actors.store.migrations import MIGRATIONS, schema_version
from actors.store.places import Place
from actors.store.server import open_server
from actors.store.state_file import BUSY_TIMEOUT, uri
from engine.errors import BadInput

T = TypeVar("T")

_ATTEMPTS: Final = 5  # a writer that opens or leaves while we look makes us look again


def look(place: Place, read: Callable[[Connection], T]) -> T | None:
    """Give what `read` makes of the database, as of one moment; None when there is none yet, or an empty one.

    Raises `BadInput` for one that is damaged or of another version, `StoreUnavailable`.
    """
    path = place.file()
    if path is None:
        return _read(open_server(place, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), read)
    try:
        return _look_into_file(path, read)
    except StoreLost as error:
        raise BadInput(f"{place.told_by}: {error}; allowed: a database that is whole") from error


def _look_into_file(path: Path, read: Callable[[Connection], T]) -> T | None:
    for attempt in range(1, _ATTEMPTS + 1):
        files = _Files.at(path)
        if not files.size and not files.log_size:
            return None
        try:
            result = _look_at(path, files, read)
        except StoreLost:
            if attempt == _ATTEMPTS or _Files.at(path) == files:
                raise
        else:
            if files.has_writer or _Files.at(path) == files:
                return result
    raise StoreLost(f"{path} changed whenever it was looked at")


def _look_at(path: Path, files: _Files, read: Callable[[Connection], T]) -> T | None:
    if files.has_writer:
        return _read(_file(path, "mode=ro"), read)
    if files.log_size:
        # SQLite would make the index of that log anew, beside it: so let it do that elsewhere.
        with TemporaryDirectory() as folder:
            _copy((path, _log(path)), folder)
            return _read(_file(Path(folder, path.name), "mode=ro"), read)
    return _read(_file(path, "mode=ro&immutable=1"), read)  # else SQLite would leave files beside it


def _copy(files: Iterable[Path], folder: str) -> None:
    try:
        for file in files:
            shutil.copyfile(file, Path(folder, file.name))
    except FileNotFoundError as error:  # a writer has just put what is in the log into the file, or taken both away
        raise StoreLost(f"{error.filename} is gone") from error


def _read(connection: Connection, read: Callable[[Connection], T]) -> T | None:
    newest = len(MIGRATIONS)
    try:
        with connection.transaction():
            version = schema_version(connection, newest)
            if version == 0:
                return None
            if version < newest:
                raise SchemaTooOld(
                    f"{connection.name}: its schema has version {version}; allowed: {newest}, "
                    "to which starting its grid brings it"
                )
            return read(connection)
    finally:
        connection.close()


def _file(path: Path, parameters: str) -> Connection:
    database = SqliteDatabase(uri(path, parameters), uri=True, timeout=BUSY_TIMEOUT, thread_safe=False)
    return Connection(database, str(path))


@frozen
class _Files:
    """Know which file it is and how it stands, how long its log is, and whether a writer has both open, or had."""

    identity: tuple[int, ...]
    size: int
    log_size: int
    has_writer: bool

    @classmethod
    def at(cls, path: Path) -> _Files:
        """Look at the files at a path."""
        identity, size = _status(path)
        _, log_size = _status(_log(path))
        index = path.with_name(f"{path.name}-shm")
        return cls(identity, size, log_size, has_writer=index.exists() and _log(path).exists())


def _status(path: Path) -> tuple[tuple[int, ...], int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return (), 0
    return (status.st_dev, status.st_ino, status.st_mtime_ns), status.st_size


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
