"""The disk that a journal is on: it outlives every process, and fails."""

from __future__ import annotations

from collections.abc import Callable

from engine.journal.memory_store import MemoryStore
from engine.journal.rows import Batch
from engine.journal.store import StoreLost, StoreUnavailable
from tests.simulation.living.chance import Chance

FAULTS = ("write fails", "write fails afterwards", "database damaged")


class Disk:
    """Keep what has been written durably; an older copy may be there too."""

    def __init__(self, chance: Chance, rates: dict[str, float], on_loss: Callable[[], None]) -> None:
        self._on_loss = on_loss
        self.kept = MemoryStore()
        self.ever_written: set[str] = set()  # orders, whatever became of the database since
        self.opened = 0  # how often: who opened it last may write
        self.is_full = False
        self.has_failed = False  # when it was written to last
        self._copy: MemoryStore | None = None
        self.fails, self.fails_afterwards, self.is_damaged = (
            chance.hazard(fault, rates.get(fault, 0.0)) for fault in FAULTS
        )

    def open(self) -> KeptStore:
        """Open the database, as each incarnation of a journal does."""
        return KeptStore(self)

    def copy(self) -> None:
        """Keep a copy of the database."""
        self._copy = _copied(self.kept)

    def put_copy_back(self) -> None:
        """Have the database be what it was when it was copied, if it was."""
        if self._copy is not None:
            self.kept = _copied(self._copy)
            self._on_loss()

    def lose(self) -> None:
        """Have nothing."""
        self.kept = MemoryStore()
        self._on_loss()


class KeptStore:
    """Be one opened database; what has been written is on the disk, and what failed is not, or is all the same."""

    def __init__(self, disk: Disk) -> None:
        disk.opened += 1
        self._disk, self._number = disk, disk.opened
        self.load = disk.kept.load
        self.order_names = disk.kept.order_names
        self.newest_order_id = disk.kept.newest_order_id
        self.trades = disk.kept.trades
        self._kept = disk.kept

    def write(self, batch: Batch) -> None:
        disk = self._disk
        if disk.kept is not self._kept or disk.opened != self._number:
            raise StoreLost("another store has taken over the grid")
        if disk.is_full or disk.fails.strikes():
            disk.has_failed = True
            raise StoreUnavailable("disk full")
        if disk.is_damaged.strikes():
            disk.lose()
            raise StoreLost("database disk image is malformed")
        self._kept.write(batch)
        disk.has_failed = False
        disk.ever_written.update(row.client_order_id for row in batch.orders)
        if disk.fails_afterwards.strikes():
            raise StoreUnavailable("no answer from the disk")

    def close(self) -> None:
        """Let go; what was written stays."""


def _copied(store: MemoryStore) -> MemoryStore:
    copy = MemoryStore()
    copy.grid = store.grid
    copy.balances, copy.orders = dict(store.balances), dict(store.orders)
    copy.levels, copy.booked = dict(store.levels), dict(store.booked)
    copy.events = list(store.events)
    return copy
