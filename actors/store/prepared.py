"""One statement whose SQL peewee builds once, for values that come by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import peewee

from actors.store.connection import Connection


def named(name: str) -> peewee.Value:
    """Stand in a query for a value that comes later."""
    return peewee.Value(name, converter=False)


class Prepared:
    """Run one statement again and again: building it takes peewee longer than the database takes to run it."""

    def __init__(self, connection: Connection, query: peewee.Query) -> None:
        """Take a query all of whose values are `named`."""
        self._connection = connection
        self._sql, self._names = query.bind(connection.database).sql()

    def run(self, values: Mapping[str, Any]) -> int:
        """Run it with these values; give how many rows it changed."""
        return self._connection.run(self._sql, tuple([values[name] for name in self._names]))
