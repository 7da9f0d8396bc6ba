"""One connection to a database: made again after it broke, its failures told in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import peewee

from actors.store.failures import told

Row = tuple[Any, ...]
T = TypeVar("T")

_ERRORS = (peewee.PeeweeException, sqlite3.Error)  # reading a result is not behind peewee's own wrapper


class Connection:
    """Run SQL on one database; after any failure what was begun is undone, and the next call connects anew.

    Raises `StoreUnavailable` or `StoreLost`; other errors of a database are bugs, and come as they are.
    """

    def __init__(
        self,
        database: peewee.Database,
        name: str,
        *,
        begin: str = "BEGIN",
        greeting: Sequence[str] = (),
        watch: Callable[[peewee.Database], bool] = lambda _: True,
        secrets: tuple[str, ...] = (),
    ) -> None:
        """Take a database that is not connected yet, and how errors are to name it.

        `begin` opens a transaction, `greeting` is said after each connecting, `watch` tells whether what is connected
        is still the right thing to write to, and raises `StoreLost` when writing would be in vain.
        """
        self.database = database
        self.name = name
        self._begin = begin
        self._greeting = greeting
        self._watch = watch
        self._secrets = secrets

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Give all rows of a query."""
        try:
            rows: list[Row] = self._execute(sql, parameters).fetchall()
        except _ERRORS as error:
            raise self._failed(error) from error
        return rows

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; give how many rows it changed."""
        try:
            changed: int = self._execute(sql, parameters).rowcount
        except _ERRORS as error:
            raise self._failed(error) from error
        return changed

    def call(self, function: Callable[[peewee.Database], T]) -> T:
        """Let something of peewee's run on the database."""
        try:
            if self.database.is_closed():
                self._connect()
            return function(self.database)
        except _ERRORS as error:
            raise self._failed(error) from error

    def select(self, query: peewee.Query) -> list[Row]:
        """Give all rows of a query that peewee builds."""
        return self.rows(*query.bind(self.database).sql())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do all of it durably, or nothing and raise."""
        self._look()
        self.run(self._begin)
        try:
            yield
            self.run("COMMIT")
            self._look()  # what was written into a deleted file has not been written
        except BaseException:
            self.close()  # which undoes what was begun
            raise

    def close(self) -> None:
        """Let go of the connection; it is no matter if it was broken."""
        with suppress(*_ERRORS):
            self.database.close()

    def _look(self) -> None:
        """Connect anew to what has taken the place of what was connected."""
        if not self._watch(self.database):
            self.close()

    def _execute(self, sql: str, parameters: Sequence[Any]) -> Any:
        if self.database.is_closed():
            self._connect()
        return self.database.execute_sql(sql, parameters)  # type: ignore[no-untyped-call]  # its stubs say nothing

    def _connect(self) -> None:
        self._watch(self.database)
        self.database.connect()
        for sql in self._greeting:
            self.database.execute_sql(sql)  # type: ignore[no-untyped-call]  # its stubs say nothing

    def _failed(self, error: Exception) -> Exception:
        self.close()
        return told(error, self.name, self._secrets)
