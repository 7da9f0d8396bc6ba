from __future__ import annotations

import sqlite3

import peewee
import pytest

from actors.store.failures import StoreLost, told
from engine.journal.store import StoreUnavailable


def of_sqlite(kind: type[sqlite3.Error], text: str, code: int) -> sqlite3.Error:
    error = kind(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (of_sqlite(sqlite3.OperationalError, "database is locked", sqlite3.SQLITE_BUSY), StoreUnavailable),
        (of_sqlite(sqlite3.OperationalError, "database is locked", sqlite3.SQLITE_BUSY_SNAPSHOT), StoreUnavailable),
        (of_sqlite(sqlite3.OperationalError, "disk I/O error", sqlite3.SQLITE_IOERR_WRITE), StoreUnavailable),
        (of_sqlite(sqlite3.OperationalError, "database or disk is full", sqlite3.SQLITE_FULL), StoreUnavailable),
        (of_sqlite(sqlite3.OperationalError, "readonly database", sqlite3.SQLITE_READONLY), StoreUnavailable),
        (of_sqlite(sqlite3.OperationalError, "unable to open", sqlite3.SQLITE_CANTOPEN), StoreUnavailable),
        (of_sqlite(sqlite3.DatabaseError, "malformed", sqlite3.SQLITE_CORRUPT_INDEX), StoreLost),
        (of_sqlite(sqlite3.DatabaseError, "file is not a database", sqlite3.SQLITE_NOTADB), StoreLost),
        (of_sqlite(sqlite3.OperationalError, "no such table: grids", sqlite3.SQLITE_ERROR), None),
        (of_sqlite(sqlite3.IntegrityError, "UNIQUE", sqlite3.SQLITE_CONSTRAINT_UNIQUE), None),
        (sqlite3.ProgrammingError("Incorrect number of bindings"), None),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_what_may_pass_is_unavailable_what_is_damaged_is_lost_all_else_a_bug(
    error: sqlite3.Error, expected: type[Exception] | None, *, is_wrapped: bool
) -> None:
    caught = getattr(peewee, type(error).__name__)(error, *error.args) if is_wrapped else error
    result = told(caught, "state.db")
    if expected is None:
        assert result is caught
    else:
        assert type(result) is expected
        assert str(result) == f"state.db: {error}"


@pytest.mark.parametrize("kind", [peewee.OperationalError, peewee.InterfaceError, peewee.InternalError])
def test_what_a_server_says_is_told_in_one_line_without_secrets(kind: type[Exception]) -> None:
    error = kind(Exception("cannot use a/b or a%2Fb\nDETAIL: a/b"))
    result = told(error, "postgresql://me@db/grids", ("a/b", "a%2Fb"))
    assert type(result) is StoreUnavailable
    assert str(result) == "postgresql://me@db/grids: cannot use *** or ***"


@pytest.mark.parametrize("kind", [peewee.IntegrityError, peewee.DataError, peewee.ProgrammingError])
def test_what_a_server_will_never_take_is_a_bug(kind: type[Exception]) -> None:
    error = kind(Exception("never"))
    assert told(error, "db") is error


def test_an_error_that_says_nothing_is_told_by_its_name() -> None:
    assert str(told(peewee.OperationalError(Exception("")), "db")) == "db: Exception"
