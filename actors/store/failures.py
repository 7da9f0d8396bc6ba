"""How a database fails, in our words."""

from __future__ import annotations

import sqlite3
from typing import Final

import peewee

from engine.errors import BadInput
from engine.journal.store import StoreLost, StoreUnavailable

__all__ = ["SchemaTooNew", "StoreLost", "driver_error", "is_damage", "primary_code", "told"]

_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_AUTH,
    }
)
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_OF_SERVERS: Final = (peewee.OperationalError, peewee.InterfaceError, peewee.InternalError)


class SchemaTooNew(BadInput):
    """A later version of this program wrote the database."""


class SchemaTooOld(BadInput):
    """An earlier version of this program wrote the database, and this one has not opened it to write yet."""


def told(error: Exception, place: str, secrets: tuple[str, ...] = ()) -> Exception:
    """Give what to raise for an error of a database: itself, if it is a bug of ours."""
    driver = driver_error(error)
    text = f"{place}: {_first_line(driver, secrets)}"
    if isinstance(driver, sqlite3.Error):
        if is_damage(driver):
            return StoreLost(text)
        return StoreUnavailable(text) if primary_code(driver) in _PASSING else error
    if isinstance(error, _OF_SERVERS) or type(error) is peewee.DatabaseError:
        return StoreUnavailable(text)
    return error


def is_damage(error: Exception) -> bool:
    """Tell whether an SQLite file is found not to be one, or not in order."""
    driver = driver_error(error)
    return isinstance(driver, sqlite3.Error) and primary_code(driver) in _DAMAGED


def driver_error(error: Exception) -> Exception:
    """Give the driver's own error, which peewee wraps."""
    original = getattr(error, "orig", None)
    return original if isinstance(original, Exception) else error


def primary_code(error: sqlite3.Error) -> int:
    """Give SQLite's primary result code; 0 when it is the driver that objects."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _first_line(error: Exception, secrets: tuple[str, ...]) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
