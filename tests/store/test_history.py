from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from actors.store import Place, StoreLost, open_store, read_history, stored_grids
from actors.store.looking import look
from actors.store.present import read_present
from engine.errors import BadInput
from engine.journal.rows import Batch
from engine.orders import OrderState
from tests.store.conftest import Databases
from tests.store.samples import BASE, GRID, KEY, OTHER, QUOTE, batch, event, level, order, trade

LOOKS: dict[str, Callable[[Place], object]] = {
    "read_history": lambda place: read_history(place, None, None),
    "stored_grids": stored_grids,
    "read_present": lambda place: read_present(place, KEY).stored,
}


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_all_of_a_grid_is_told_also_what_is_over(database: Databases) -> None:
    store = database.open(clock=lambda: 7)
    over = order("ga-0-0b0", state=OrderState.ENDED)
    store.write(
        Batch(
            grid=GRID,
            balances=(QUOTE, BASE),
            orders=(over, order()),
            levels=(level("1"),),
            trades=(trade("1"), trade("2")),
            events=(event("armed"),),
        )
    )
    (history,) = read_history(database.place, None, None)
    assert (history.stored.key, history.stored.began_at, history.stored.live_orders) == (KEY, 7, 1)
    assert (history.grid, history.balances, history.orders) == (GRID, (QUOTE, BASE), (over, order()))
    assert (history.levels, history.trades, history.events) == (
        (level("1"),),
        (trade("1"), trade("2")),
        (event("armed"),),
    )


def test_of_trades_and_events_those_since_a_moment_are_told(database: Databases) -> None:
    store = database.open()
    times = (99, 100, 101)
    store.write(
        Batch(
            grid=GRID,
            orders=(order(),),
            trades=tuple(trade(str(time), time=time) for time in times),
            events=tuple(event(str(time), time) for time in times),
        )
    )
    (history,) = read_history(database.place, KEY, 100)
    assert [booked.time for booked in history.trades] == [100, 101]
    assert [row.time for row in history.events] == [100, 101]
    assert history.orders == (order(),)


def test_one_grid_or_all_are_told_oldest_first_archived_ones_marked(database: Databases) -> None:
    first, second = database.open(KEY), database.open(OTHER)
    first.write(batch(1))
    second.write(batch(2))
    first.archive(5, "changed")
    first.write(batch(3))
    everything = read_history(database.place, None, None)
    assert [(each.stored.key, each.stored.archived_at, each.grid.market_orders) for each in everything] == [
        (KEY, 5, 1),
        (OTHER, None, 2),
        (KEY, None, 3),
    ]
    assert [each.grid.market_orders for each in read_history(database.place, KEY, None)] == [1, 3]
    assert [each.archive_reason for each in stored_grids(database.place)] == ["changed", None, None]
    assert [each.live_orders for each in stored_grids(database.place)] == [1, 1, 1]


def test_what_stands_now_is_what_a_store_would_load(database: Databases) -> None:
    assert read_present(database.place, KEY).stored is None
    store = database.open()
    assert read_present(database.place, KEY).stored is None
    store.write(batch(1))
    assert read_present(database.place, KEY).stored == store.load()
    store.archive(5, "changed")
    assert read_present(database.place, KEY).stored is None
    store.write(batch(2))
    assert read_present(database.place, KEY).stored == store.load()
    assert read_present(database.place, OTHER).stored is None


def test_the_one_who_writes_goes_on_writing_after_others_looked(database: Databases) -> None:
    store = database.open()
    store.write(batch(1))
    for read in LOOKS.values():
        assert read(database.place)
    store.write(batch(2))
    assert len(store.trades()) == 2


@pytest.mark.parametrize("read", LOOKS.values(), ids=LOOKS)
def test_a_place_with_nothing_in_it_has_no_grids_and_stays_empty(
    tmp_path: Path, read: Callable[[Place], object]
) -> None:
    assert not read(Place(tmp_path / "no" / "state.db"))
    assert list(tmp_path.iterdir()) == []
    empty = tmp_path / "state.db"
    empty.touch()
    assert not read(Place(empty))
    assert [(path, path.stat().st_size) for path in tmp_path.iterdir()] == [(empty, 0)]


def test_a_server_with_nothing_in_it_has_no_grids_and_stays_empty(server: Databases) -> None:
    for read in LOOKS.values():
        assert not read(server.place)
    with server.connected() as connection:
        assert connection.call(lambda database: database.get_tables()) == []


@pytest.mark.parametrize("read", LOOKS.values(), ids=LOOKS)
def test_looking_into_a_closed_file_changes_nothing(file: Databases, read: Callable[[Place], object]) -> None:
    store = file.open()
    store.write(batch(1))
    store.close()
    before = snapshot(file.path.parent)
    assert read(file.place)
    assert snapshot(file.path.parent) == before
    assert set(before) == {"state.db"}


@pytest.mark.parametrize("read", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("has_index", [True, False])
def test_looking_at_what_a_crash_left_shows_all_of_it_and_changes_no_data(
    file: Databases, tmp_path: Path, read: Callable[[Place], object], *, has_index: bool
) -> None:
    file.open().close()
    store = file.open()
    store.write(batch(1))
    left = tmp_path / "left"
    shutil.copytree(file.path.parent, left)
    if not has_index:
        (left / "state.db-shm").unlink()
    before = snapshot(left)
    assert read(Place(left / "state.db"))
    after = snapshot(left)
    if has_index:  # where readers and writers leave each other notes; it holds no data
        del before["state.db-shm"], after["state.db-shm"]
    assert after == before
    assert read_present(Place(left / "state.db"), KEY).stored == store.load()


@pytest.mark.parametrize("content", [b"Dear diary", b"SQLite format 3\0" + bytes(84)])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    for read in LOOKS.values():
        with pytest.raises(
            BadInput, match=f"persistence.db_path: {path}: .*; allowed: a database that is whole"
        ) as caught:
            read(Place(path))
        assert isinstance(caught.value.__cause__, StoreLost)
    assert snapshot(tmp_path)["state.db"][0] == content
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_a_writer_opens_while_it_is_looked_at_is_looked_at_again(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    store.close()
    seen: list[object] = []

    def read(connection: object) -> int:
        if not seen:
            late = file.open()
            late.write(batch(2))
        seen.append(connection)
        return len(seen)

    assert look(file.place, read) == 2


def test_those_who_look_while_another_writes_see_whole_batches_only(database: Databases) -> None:
    store = database.open()
    store.write(batch(0))
    is_over, troubles = threading.Event(), []

    def write() -> None:
        number = 1
        try:
            while not is_over.is_set():
                store.write(batch(number))
                number += 1
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test is told
            troubles.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        newest = 0
        for _ in range(200):
            (history,) = read_history(database.place, KEY, None)
            numbers = list(range(history.grid.market_orders + 1))
            assert [int(booked.trade_id) for booked in history.trades] == numbers
            assert [row.kind for row in history.events] == [f"fill {number}" for number in numbers]
            assert history.balances == batch(numbers[-1]).balances
            newest = numbers[-1]
            if newest > 100:
                break
    finally:
        is_over.set()
        writer.join(30)
    assert troubles == []
    assert newest > 0
    store.write(evolve(batch(0), trades=(), events=()))


def test_log_that_goes_while_it_is_copied_is_looked_for_again(
    file: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = file.open()
    store.write(batch(1))
    left = Place(tmp_path / "left" / "state.db")
    shutil.copytree(file.path.parent, tmp_path / "left")
    (tmp_path / "left" / "state.db-shm").unlink()
    copy = shutil.copyfile
    writers = [left]

    def copied(source: Path, target: Path) -> object:
        if source.name.endswith("-wal") and writers:
            open_store(writers.pop(), KEY).close()  # which puts what is in the log into the file
        return copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", copied)

    assert read_present(left, KEY).stored == store.load()
    assert not writers
