from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import peewee
import pytest
from attrs import evolve

from actors.store import GridKey, SchemaTooNew, open_store, read_history, stored_grids
from actors.store.failures import SchemaTooOld
from actors.store.migrations import MIGRATIONS, Migration
from actors.store.opening import bring_up_to_date
from engine.errors import BadInput
from tests.store.conftest import Databases
from tests.store.samples import KEY, batch


def adding(column: str) -> Migration:
    def add(database: peewee.Database) -> None:
        database.execute_sql(f"ALTER TABLE grids ADD COLUMN {column} INTEGER")  # type: ignore[no-untyped-call]  # stubs

    return add


def failing(database: peewee.Database) -> None:
    adding("half_done")(database)
    raise RuntimeError("half done")


def columns_of(databases: Databases) -> set[str]:
    with databases.connected() as connection:
        return {column.name for column in connection.call(lambda database: database.get_columns("grids"))}


def version_of(databases: Databases) -> int:
    with databases.connected() as connection:
        ((version,),) = connection.rows("SELECT version FROM schema")
        assert isinstance(version, int)
        return version


def test_an_older_schema_is_brought_up_to_date_and_keeps_what_it_holds(database: Databases) -> None:
    database.open().write(batch(1))
    newer = (*MIGRATIONS, adding("first"), adding("second"))
    store = database.open(migrations=newer)
    assert store.trades() == batch(1).trades
    assert version_of(database) == len(newer)
    assert {"first", "second"} <= columns_of(database)
    store.write(batch(2))


def test_a_fresh_database_takes_every_step(database: Databases) -> None:
    database.open(migrations=(*MIGRATIONS, adding("first")))
    assert version_of(database) == len(MIGRATIONS) + 1
    assert "first" in columns_of(database)


def test_a_step_that_fails_leaves_the_schema_as_it_was_before_that_step(database: Databases) -> None:
    database.open().write(batch(1))
    with pytest.raises(RuntimeError, match="half done"):
        database.open(migrations=(*MIGRATIONS, adding("first"), failing))
    assert version_of(database) == len(MIGRATIONS) + 1
    assert "first" in columns_of(database)
    assert "half_done" not in columns_of(database)
    assert database.open(migrations=(*MIGRATIONS, adding("first"))).trades() == batch(1).trades


@pytest.mark.parametrize("look", [open_store, lambda place, key: read_history(place, key, None)])
def test_a_later_schema_is_refused_with_both_versions(database: Databases, look: Callable[..., object]) -> None:
    newest = len(MIGRATIONS)
    database.open(migrations=(*MIGRATIONS, adding("first"))).close()
    with pytest.raises(
        SchemaTooNew, match=f"{database.place}: its schema has version {newest + 1}; allowed: up to {newest}"
    ):
        look(database.place, KEY)


def test_a_schema_that_is_older_is_not_changed_by_those_who_only_look(
    database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.open().write(batch(1))
    monkeypatch.setattr("actors.store.looking.MIGRATIONS", (*MIGRATIONS, adding("first")))
    with pytest.raises(BadInput, match=f"{database.place}: its schema has version 2; allowed: 3, to which starting"):
        stored_grids(database.place)
    assert "first" not in columns_of(database)


def test_a_database_of_the_first_version_is_brought_up_to_date_before_anybody_reads_it(database: Databases) -> None:
    database.open().write(batch(1))
    with database.connected() as connection:
        for column in ("pause_reason", "paused_until"):
            connection.run(f"ALTER TABLE grids DROP COLUMN {column}")
        connection.run("UPDATE schema SET version = 1")
    with pytest.raises(SchemaTooOld, match="its schema has version 1; allowed: 2"):
        stored_grids(database.place)

    bring_up_to_date(database.place)
    assert version_of(database) == 2
    assert [grid.key for grid in stored_grids(database.place)] == [KEY]
    stored = database.open().load()
    assert stored is not None
    assert (stored.grid.pause_reason, stored.grid.paused_until) == (None, None)


def test_where_there_is_no_database_none_is_made_by_looking_after_its_version(file: Databases) -> None:
    bring_up_to_date(file.place)
    assert not file.path.parent.exists()


@pytest.mark.parametrize("table", ["orders", "schema"])
def test_the_database_of_another_program_is_refused_and_left_as_it_is(database: Databases, table: str) -> None:
    with database.connected() as connection:
        connection.run(f"CREATE TABLE {table} (customer INTEGER)")
    for look in (database.open, lambda: stored_grids(database.place)):
        with pytest.raises(BadInput, match=f"{database.place}: holds a table '{table}' of another program"):
            look()
    with database.connected() as connection:
        assert connection.call(lambda found: found.get_tables()) == [table]


def test_several_that_open_a_fresh_database_at_once_make_its_tables_once(database: Databases) -> None:
    keys = [evolve(KEY, fingerprint=str(number)) for number in range(4)]
    together = threading.Barrier(len(keys))

    def begin(key: GridKey) -> None:
        together.wait(10)
        store = open_store(database.place, key)
        store.write(batch(1))
        store.close()

    with ThreadPoolExecutor(len(keys)) as threads:
        for done in [threads.submit(begin, key) for key in keys]:
            done.result(30)
    assert {grid.key for grid in stored_grids(database.place)} == set(keys)
