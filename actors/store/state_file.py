"""A file before it is a database: made if missing, looked through before it is trusted, moved aside if damaged."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from actors.store.failures import is_damage, primary_code, told
from actors.store.places import Place
from engine.errors import BadInput
from engine.journal.store import StoreUnavailable

log = logging.getLogger(__name__)

BUSY_TIMEOUT: Final = 1.0  # seconds: the caller tries again, and answers others meanwhile

_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_COMPANIONS: Final = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file


@contextmanager
def sound_file(place: Place, path: Path) -> Iterator[Path | None]:
    """See to it that there is a file in order; give where a damaged one was moved to, None if it was not.

    While the context lasts nobody else does this in the folder: a file that is just being made looks damaged. Raises
    `BadInput`, `StoreUnavailable`.
    """
    with _reasons(place, path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with alone_in(path.parent):
        _make(place, path)
        set_aside = None
        if not _is_sound(path):
            set_aside = _move_aside(path)
            _make(place, path)
        yield set_aside


def uri(path: Path, parameters: str) -> str:
    """Name a file as SQLite wants it, with how to open it."""
    return f"{path.absolute().as_uri()}?{parameters}"


@contextmanager
def _reasons(place: Place, path: Path) -> Iterator[None]:
    """Say why the file cannot be what the user wants it to be."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _PASSING:
            raise StoreUnavailable(f"{path}: {reason}") from error
        raise BadInput(
            f"{place.told_by}: {path} cannot be written: {reason}; allowed: a file in a folder to write in"
        ) from error


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep out others who make files in a folder or move them away."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without such locks is no place for several writers anyway
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(place: Place, path: Path) -> None:
    """Make the file if it is missing, for its owner only; see whether it can be written."""
    with _reasons(place, path):
        # One that is there is never opened: to close it would end the locks that this process has on it by SQLite.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            sync(path.parent)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for needed, mode in ((path, os.R_OK | os.W_OK), (path.parent, os.W_OK | os.X_OK)):
            if not os.access(needed, mode):
                raise PermissionError(errno.EACCES, f"{os.strerror(errno.EACCES)} for {needed}")


def sync(folder: Path) -> None:
    """Have the folder remember the new file when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_sound(path: Path) -> bool:
    """Look through the whole file, read-only, so that a damaged one stays as it is; raise `StoreUnavailable`.

    Takes about 0.1 s for 50 MB.
    """
    if path.stat().st_size == 0:
        # A new one, unless its log holds what it has lost: opening it would delete that.
        log = _companion(path, "-wal")
        return not log.exists() or log.stat().st_size == 0
    try:
        with closing(sqlite3.connect(uri(path, "mode=ro"), uri=True, timeout=BUSY_TIMEOUT)) as connection:
            rows = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        if is_damage(error):
            return False
        if primary_code(error) == sqlite3.SQLITE_READONLY:
            return True  # a crash left what only a writer can undo: the one who opens it next
        raise told(error, str(path)) from error
    return rows == [("ok",)]


def _move_aside(path: Path) -> Path:
    """Rename a file and what is beside it, so that SQLite would still know them to belong together."""
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    for ending in _COMPANIONS:
        with suppress(FileNotFoundError):
            _companion(path, ending).rename(_companion(aside, ending))
    path.rename(aside)
    log.warning("%s is damaged: it is kept as %s, and begun anew", path, aside)
    return aside


def _companion(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
