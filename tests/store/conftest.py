"""The databases that a store is tested on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from actors.store import GridKey, GridStore, Place, open_store
from actors.store.connection import Connection
from actors.store.server import open_server
from actors.store.sqlite_file import open_file
from tests.store.postgres import PostgresServer, postgres_server
from tests.store.samples import KEY


class Databases:
    """Open stores at one place, and close them when the test is over."""

    def __init__(self, place: Place, stack: ExitStack) -> None:
        self.place = place
        self._stack = stack

    def open(self, key: GridKey = KEY, **others: Any) -> GridStore:
        store = open_store(self.place, key, **others)
        self._stack.callback(store.close)
        return store

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Give a connection that knows nothing of grids."""
        connection = open_file(self.place, self.path).connection if self.place.path else open_server(self.place)
        try:
            yield connection
        finally:
            connection.close()

    @property
    def path(self) -> Path:
        assert self.place.path is not None
        return self.place.path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give a server to this process; each that runs tests has its own."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Databases]:
    """Give a place for a file that is not there yet."""
    with ExitStack() as stack:
        yield Databases(Place(tmp_path / "SOL_USDT" / "state.db"), stack)


@pytest.fixture
def schema(postgres: PostgresServer) -> str:
    """Name a schema of the server with nothing in it."""
    return postgres.new_schema()


@pytest.fixture
def server(postgres: PostgresServer, schema: str) -> Iterator[Databases]:
    """Give a place on a server that has nothing of ours yet."""
    with ExitStack() as stack:
        yield Databases(Place(url=postgres.url(schema)), stack)


@pytest.fixture(params=["file", "server"], ids=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest) -> Databases:
    """Give an empty place in each kind of database that is tested."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Databases)
    return found
