"""A process that is killed while it writes leaves one of the states that it has written, whole."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from actors.store import read_history
from tests.store.conftest import Databases
from tests.store.samples import KEY, batch

PROGRAM = """
import sys
from pathlib import Path
from actors.store import Place, open_store
from tests.store.samples import KEY, batch
kind, where = sys.argv[1:3]
store = open_store(Place(Path(where)) if kind == "file" else Place(url=where), KEY)
for number in range(int(sys.argv[3]), 1_000_000):
    store.write(batch(number))
    print(number, flush=True)
"""


@pytest.mark.parametrize("written", [1, 7, 40])
def test_a_killed_writer_leaves_a_whole_state_and_all_that_it_was_told_is_written(
    database: Databases, written: int
) -> None:
    place = database.place
    where = ["file", str(place.path)] if place.url is None else ["server", place.url]
    newest = -1
    for _ in range(2):  # the second one goes on where the first was killed
        first = newest + 1
        with subprocess.Popen(  # noqa: S603 - itself
            [sys.executable, "-c", PROGRAM, *where, str(first)], stdout=subprocess.PIPE, encoding="ascii"
        ) as writer:
            assert writer.stdout is not None
            told = [int(next(writer.stdout)) for _ in range(written)]
            writer.kill()
            told += [int(line) for line in writer.stdout]
        newest = assert_whole(database)
        assert newest - told[-1] in {0, 1}
    if place.path is not None:
        with closing(sqlite3.connect(place.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def assert_whole(database: Databases) -> int:
    """Find everything as of one batch, to the newest; give its number."""
    stored = database.open().load()
    assert stored is not None
    newest = stored.grid.market_orders
    last = batch(newest)
    assert (stored.grid, stored.balances, stored.levels) == (last.grid, last.balances, last.levels)
    (history,) = read_history(database.place, KEY, None)
    written = [batch(number) for number in range(newest + 1)]
    assert history.orders == tuple(row for each in written for row in each.orders)
    assert history.trades == tuple(row for each in written for row in each.trades)
    assert history.events == tuple(row for each in written for row in each.events)
    return newest
