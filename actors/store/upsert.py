"""Rows that are written whether they are there already or not, by SQL that peewee has built once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

import peewee

from actors.store.connection import Connection, Row

_SIZES: Final = (32, 4, 1)  # rows in one statement: few are common, many would each take a way to a server and back


class Upsert:
    """Write rows of one table; of what is there already, by its key, some columns are overwritten."""

    def __init__(
        self,
        connection: Connection,
        table: type[peewee.Model],
        columns: Sequence[str],
        key: Sequence[str],
        overwritten: Sequence[str] | None = None,
    ) -> None:
        """Take the columns that rows come in, and which of them are the key; all others are overwritten if not said."""
        self._connection = connection
        self._table = table
        self._columns = columns
        self._key = key
        self._overwritten = [name for name in columns if name not in key] if overwritten is None else list(overwritten)
        self._sql: dict[int, str] = {}

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows, of which no two may have the same key."""
        left = list(rows)
        for size in _SIZES:
            while len(left) >= size:
                self._connection.run(self._statement(size), tuple(chain.from_iterable(left[:size])))
                del left[:size]

    def _statement(self, size: int) -> str:
        if size not in self._sql:
            self._sql[size] = self._built(size)
        return self._sql[size]

    def _built(self, size: int) -> str:
        fields = [getattr(self._table, name) for name in self._columns]
        nothing = tuple(None for _ in fields)
        insert = self._table.insert_many([nothing] * size, fields=fields)
        database = self._connection.database
        # MySQL knows by itself which key it is.
        target = {} if isinstance(database, peewee.MySQLDatabase) else {"conflict_target": list(self._key)}
        if self._overwritten:
            insert = insert.on_conflict(preserve=self._overwritten, **target)
        else:
            insert = insert.on_conflict(action="nothing" if target else "ignore", **target)
        sql: str = insert.bind(database).sql()[0]
        return sql
