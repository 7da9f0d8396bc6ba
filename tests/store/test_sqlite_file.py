from __future__ import annotations

import fcntl
import os
import resource
import shutil
import signal
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from actors.store import GridStore, Place, StoreLost, open_store, read_history, sqlite_file
from engine.errors import BadInput
from engine.journal.rows import Batch
from engine.journal.store import StoreUnavailable
from tests.store.conftest import Databases
from tests.store.samples import GRID, KEY, batch, order


def pragma(store: GridStore, name: str) -> object:
    ((value,),) = store._connection.rows(f"PRAGMA {name}")
    return value


def is_in_order(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_missing_file_is_made_with_its_folder_for_its_owner_only(file: Databases) -> None:
    file.open().write(batch(1))
    for path in (file.path, Path(f"{file.path}-wal")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_commit_is_on_the_disk_when_it_returns_and_does_not_keep_readers_out(file: Databases) -> None:
    store = file.open()
    full = 2
    assert (pragma(store, "journal_mode"), pragma(store, "synchronous")) == ("wal", full)
    assert pragma(store, "foreign_keys") == 1


def test_a_closed_store_leaves_one_file(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    store.close()
    assert list(file.path.parent.iterdir()) == [file.path]


def test_an_empty_file_is_a_fresh_one(file: Databases) -> None:
    file.path.parent.mkdir()
    file.path.touch()
    store = file.open()
    assert store.set_aside is None
    store.write(batch(1))


def test_what_stands_in_the_way_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    for path, reason in (
        (tmp_path / "taken" / "state.db", "(File exists|Not a directory)"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(
            BadInput, match=rf"--state-dir = 'data': {path} cannot be written: {reason}; allowed: a file"
        ):
            open_store(Place(path, told_by="--state-dir = 'data'"), KEY)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BadInput, match=f"persistence.db_path: {tmp_path}.* cannot be written"):
        open_store(Place(tmp_path / "state.db"), KEY)


def _text(content: bytes) -> bytes:
    return b"Dear diary, " * (len(content) // 12)


def _garbage_within(content: bytes) -> bytes:
    middle = len(content) // 2 // 4096 * 4096
    return content[:middle] + b"\xa5" * 8192 + content[middle + 8192 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "text": _text,
    "a header cut short": lambda content: content[:50],
    "a header and nothing": lambda content: content[:100],
    "a file cut short": lambda content: content[: len(content) // 2],
    "garbage within": _garbage_within,
    "zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_moved_aside_as_it_is_and_a_fresh_one_made(file: Databases, damage: str) -> None:
    store = file.open()
    for number in range(100):
        store.write(batch(number))
    store.close()
    content = DAMAGES[damage](file.path.read_bytes())
    file.path.write_bytes(content)

    store = file.open()

    assert store.set_aside is not None
    assert store.set_aside.parent == file.path.parent
    assert store.set_aside.name.startswith(f"{file.path.name}.damaged-2")
    assert store.set_aside.read_bytes() == content
    assert store.load() is None
    store.write(batch(1))
    store.close()
    assert file.open().set_aside is None


def test_the_log_of_a_damaged_file_is_moved_aside_with_it(file: Databases) -> None:
    file.open().close()
    store = file.open()
    store.write(batch(1))
    log = Path(f"{file.path}-wal").read_bytes()
    assert log
    file.path.write_bytes(b"no database at all")
    again = file.open()
    assert again.set_aside is not None
    assert Path(f"{again.set_aside}-wal").read_bytes() == log


@pytest.mark.parametrize("is_there", [True, False])
def test_a_log_whose_file_is_gone_or_empty_is_not_deleted(file: Databases, *, is_there: bool) -> None:
    store = file.open()
    store.write(batch(1))
    log = Path(f"{file.path}-wal").read_bytes()
    file.path.unlink()
    if is_there:
        file.path.touch()
    again = file.open()
    assert again.set_aside is not None
    assert Path(f"{again.set_aside}-wal").read_bytes() == log
    assert again.load() is None


def test_damage_that_shows_while_a_store_is_open_loses_it(file: Databases) -> None:
    store = file.open()
    for number in range(100):
        store.write(batch(number))
    store._connection.run("PRAGMA cache_size = 0")
    store._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.path.open("r+b") as content:
        content.seek(4096)
        content.write(os.urandom(file.path.stat().st_size - 4096))
    with pytest.raises(StoreLost, match=f"{file.path}: database disk image is malformed"):
        store.write(batch(100))


def everything(file: Databases) -> list[str]:
    """Give the ids of all trades, as somebody else reads them."""
    (history,) = read_history(file.place, KEY, None)
    return [trade.trade_id for trade in history.trades]


def test_a_file_that_was_deleted_in_use_is_put_back_with_all_that_was_written(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    file.path.unlink()  # its log stays, and must not be taken for that of the new one
    store.write(batch(2))
    store.write(batch(3))
    assert everything(file) == ["1", "2", "3"]
    store.close()
    assert is_in_order(file.path)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == [file.path.name]


def test_a_file_whose_folder_was_deleted_is_put_back(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    shutil.rmtree(file.path.parent)
    store.write(batch(2))
    assert everything(file) == ["1", "2"]


def test_what_is_committed_into_a_file_that_was_just_deleted_is_put_back_too(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    with store._connection.transaction():
        file.path.unlink()
        store._connection.run("UPDATE grids SET last_price = '7'")
    store.close()
    (history,) = read_history(file.place, KEY, None)
    assert history.grid.last_price == 7


def test_a_file_that_cannot_be_put_back_is_lost(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    shutil.rmtree(file.path.parent)
    file.path.parent.touch()
    with pytest.raises(StoreLost, match=f"{file.path} was deleted while it was in use, and cannot be put back"):
        store.write(batch(2))


def test_who_opens_a_file_waits_for_another_that_makes_one_there(file: Databases) -> None:
    file.path.parent.mkdir()
    opener = threading.Thread(target=file.open)
    folder = os.open(file.path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        opener.start()
        opener.join(0.2)
        assert opener.is_alive()
        assert not file.path.exists()
    finally:
        os.close(folder)
        opener.join(30)
    assert file.path.stat().st_size > 0


def test_a_store_whose_file_was_replaced_leaves_the_new_one_alone(file: Databases, tmp_path: Path) -> None:
    old = file.open()
    old.write(batch(1))
    other = Databases(Place(tmp_path / "other.db"), file._stack)
    new = other.open()
    new.write(batch(5))
    new.close()
    other.path.replace(file.path)
    Path(f"{file.path}-wal").unlink()
    Path(f"{file.path}-shm").unlink()
    content = file.path.read_bytes()
    with pytest.raises(StoreLost):
        old.write(batch(2))
    old.close()
    assert file.path.read_bytes() == content


def test_a_file_that_another_has_locked_is_unavailable_until_it_lets_go(
    file: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT", 0.05)
    store = file.open()
    store.write(batch(1))
    with closing(sqlite3.connect(file.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=f"{file.path}: database is locked") as caught:
            store.write(batch(2))
        assert not isinstance(caught.value, StoreLost)
        other.execute("ROLLBACK")
    store.write(batch(2))
    assert [booked.trade_id for booked in store.trades()] == ["1", "2"]


BIG = Batch(grid=GRID, orders=tuple(order(f"ga-{number}-1b0") for number in range(1500)))


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Have the system refuse to write beyond a size, as it does when a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("room", [0, 100, 4196, 10_000])
def test_a_full_disk_is_unavailable_and_nothing_is_half_written(file: Databases, room: int) -> None:
    store = file.open()
    store.write(batch(1))
    before = store.load()
    with no_file_longer_than(max(path.stat().st_size for path in file.path.parent.iterdir()) + room):
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match=f"{file.path}: (database or disk is full|disk I/O error)"):
                store.write(BIG)
    assert store.load() == before
    (history,) = read_history(file.place, KEY, None)
    assert history.orders == batch(1).orders
    store.write(BIG)
    after = store.load()
    assert after is not None
    assert after.live_orders == (*batch(1).orders, *BIG.orders)
    assert is_in_order(file.path)


def test_a_database_that_may_not_grow_is_unavailable_and_nothing_is_half_written(file: Databases) -> None:
    store = file.open()
    store.write(batch(1))
    pages = pragma(store, "page_count")
    assert pragma(store, f"max_page_count = {pages}") == pages
    with pytest.raises(StoreUnavailable, match=f"{file.path}: database or disk is full"):
        store.write(BIG)
    (history,) = read_history(file.place, KEY, None)
    assert (history.orders, history.grid.market_orders) == (batch(1).orders, 1)
    store.write(BIG)
    after = store.load()
    assert after is not None
    assert after.live_orders == (*batch(1).orders, *BIG.orders)


def test_opening_on_a_full_disk_is_unavailable_and_works_when_there_is_room(file: Databases) -> None:
    with no_file_longer_than(2048), pytest.raises(StoreUnavailable):
        file.open()
    store = file.open()
    store.write(batch(1))
    assert store.set_aside is None


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "sqlite://state.db", "sqlite:///state.db?mode=ro"])
def test_an_sqlite_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match=r"persistence.url = 'sqlite:.*allowed: sqlite:///FILE"):
        open_store(Place(url=url), KEY)


def test_an_sqlite_url_is_the_file_that_it_names(file: Databases) -> None:
    store = open_store(Place(url=f"sqlite:///{file.path}"), KEY)
    store.write(batch(1))
    assert (pragma(store, "journal_mode"), stat.S_IMODE(file.path.stat().st_mode)) == ("wal", 0o600)
    store.close()
    assert file.open().load() is not None
