from __future__ import annotations

import socket

import peewee
import pytest
from attrs import evolve

from actors.store import Place, StoreLost, open_store, read_history
from engine.errors import BadInput
from engine.journal.rows import Batch
from engine.journal.store import StoreUnavailable
from tests.store.conftest import Databases
from tests.store.cut_line import Cut, cut_line
from tests.store.postgres import PostgresServer
from tests.store.samples import KEY, batch, event, trade

SECRET = "s3cr3t"  # noqa: S105 - nobody is let in by it


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"oracle://me:{SECRET}@db/grids", "no kind of database; allowed: .*postgresql"),
        (f"grids.db?password={SECRET}", "no kind of database"),
        (f"postgresql://me:{SECRET}@db", "it cannot be read as a URL with a database's name"),
        (f"postgresql://me:{SECRET}@db:port/grids", "it cannot be read as a URL"),
        (f"postgresql://me:{SECRET}@[db/grids", "it cannot be read as a URL"),
        (f"postgresql://me:{SECRET}@localhost/grids?colour={SECRET}", "it has a parameter that the driver"),
        (f"mysql://me:{SECRET}@localhost/grids", "its driver is not installed"),
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_followed_is_refused_without_its_password(url: str, reason: str) -> None:
    with pytest.raises(BadInput, match=rf"sol.toml: persistence.url = '.*': {reason}") as caught:
        open_store(Place(url=url, told_by="sol.toml: persistence.url"), KEY)
    assert SECRET not in str(caught.value)


def test_a_missing_driver_of_postgresql_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peewee, "psycopg2", None)
    monkeypatch.setattr(peewee, "psycopg", None)
    with pytest.raises(BadInput, match="driver is not installed: psycopg2-binary is the one for PostgreSQL"):
        open_store(Place(url=f"postgresql://me:{SECRET}@localhost/grids"), KEY)


def test_a_server_that_is_not_there_is_unavailable_and_its_password_not_told() -> None:
    with socket.socket() as listener:  # bound, so that nobody else is there, but listening to nobody
        listener.bind(("127.0.0.1", 0))
        url = f"postgresql://me:{SECRET}@127.0.0.1:{listener.getsockname()[1]}/grids?sslpassword=more{SECRET}"
        with pytest.raises(
            StoreUnavailable, match=r"^postgresql://me@127.0.0.1:\d+/grids: connection .*refused"
        ) as caught:
            open_store(Place(url=url), KEY)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+pool", "postgresqlext"])
def test_other_names_of_postgresql_mean_it_too(server: Databases, scheme: str) -> None:
    assert server.place.url is not None
    place = Place(url=server.place.url.replace("postgresql", scheme, 1))
    store = open_store(place, KEY)
    store.write(batch(1))
    store.close()
    (history,) = read_history(place, KEY, None)
    assert history.trades == batch(1).trades


def test_a_server_that_ends_the_connection_is_unavailable_until_the_next_call(
    server: Databases, postgres: PostgresServer
) -> None:
    store = server.open()
    store.write(batch(1))
    ((process,),) = store._connection.rows("SELECT pg_backend_pid()")
    with postgres.connected() as run:
        assert run(f"SELECT pg_terminate_backend({process}, 10000)").fetchone() == (True,)
    with pytest.raises(StoreUnavailable, match="postgresql://gridactors@/postgres: ") as caught:
        store.write(batch(2))
    assert not isinstance(caught.value, StoreLost)
    store.write(batch(2))
    assert store.trades() == (*batch(1).trades, *batch(2).trades)


@pytest.mark.parametrize("cut", Cut)
def test_a_batch_whose_commit_nobody_heard_of_is_there_once_when_it_comes_again_with_more(
    postgres: PostgresServer, schema: str, cut: Cut
) -> None:
    with cut_line(postgres.folder) as line:
        store = open_store(Place(url=postgres.url(schema, line.folder)), KEY)
        store.write(batch(1))
        line.cut = cut
        with pytest.raises(StoreUnavailable):
            store.write(batch(2))
        assert line.was_cut.wait(10)

        (history,) = read_history(Place(url=postgres.url(schema)), KEY, None)
        assert (history.grid.market_orders == 2) == (cut is Cut.AFTER_COMMIT)
        more = evolve(
            batch(2), trades=(*batch(2).trades, trade("99")), events=(*batch(2).events, event("one"), event("two"))
        )
        store.write(more)
        store.write(batch(3))

        (history,) = read_history(Place(url=postgres.url(schema)), KEY, None)
        assert [booked.trade_id for booked in history.trades] == ["1", "2", "99", "3"]
        assert [row.kind for row in history.events] == ["fill 1", "fill 2", "one", "two", "fill 3"]
        assert [row.client_order_id for row in history.orders] == ["ga-1-0b0", "ga-2-0b0", "ga-3-0b0"]
        store.close()


def test_rows_that_another_has_locked_are_unavailable_until_it_lets_go(
    server: Databases, postgres: PostgresServer, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.store.server.LOCK_TIMEOUT", 50)
    store = server.open()
    store.write(batch(1))
    with postgres.connected() as run:
        run("BEGIN")
        run(f"SELECT * FROM {schema}.grids FOR UPDATE")  # noqa: S608 - the schema is a name of ours
        with pytest.raises(StoreUnavailable, match="canceling statement due to lock timeout"):
            store.write(batch(2))
        run("ROLLBACK")
    store.write(batch(2))
    assert len(store.trades()) == 2


def test_a_commit_is_on_the_disk_when_it_returns_whatever_is_the_custom(
    server: Databases, postgres: PostgresServer
) -> None:
    with postgres.connected() as run:
        run("ALTER ROLE gridactors SET synchronous_commit = off")
        try:
            assert server.open()._connection.rows("SHOW synchronous_commit") == [("on",)]
        finally:
            run("ALTER ROLE gridactors RESET synchronous_commit")


def test_what_the_url_says_of_patience_holds(postgres: PostgresServer, schema: str) -> None:
    store = open_store(Place(url=f"{postgres.url(schema)}&connect_timeout=7"), KEY)
    assert store._connection.database.connect_params["connect_timeout"] == 7
    assert store._connection.database.connect_params["keepalives_idle"] == 5
    store.close()


def test_a_text_that_is_too_long_for_its_column_is_a_bug_and_no_outage(server: Databases) -> None:
    store = server.open()
    with pytest.raises(peewee.DataError):
        store.write(Batch(trades=(trade("1" * 500),)))
    store.write(batch(1))


def test_a_place_never_shows_the_password_of_its_url(postgres: PostgresServer) -> None:
    place = Place(url=postgres.url("any"))
    for shown in (repr(place), str(place)):
        assert SECRET not in shown
