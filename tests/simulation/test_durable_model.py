"""The memory that simulated worlds write to is what the database is: both are given the same, and give the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from attrs import evolve

from actors.store import GridKey, GridStore, Place, open_store
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import Batch, Stored
from engine.messages import TradeBooked
from tests.simulation.living.disk import Disk, KeptStore
from tests.simulation.living.world import live

KEY = GridKey("f" * 64, "/x.toml", "SOL/USDT", "binance", "live", "x")
REPLACED = ("database damaged", "database lost", "database put back")  # a file that is another one by then


class Twins(MemoryStore):
    """Keep everything twice, and compare whenever something is read."""

    path: Path
    stores: list[GridStore]
    reads = 0

    def reopen(self) -> None:
        """Take the database over, as every journal does that begins."""
        self.stores.append(open_store(Place(self.path), KEY, "SOL/USDT"))

    def load(self) -> Stored | None:
        kept = super().load()
        if not self.stores:
            return kept  # nothing has been opened yet
        stored = self.stores[-1].load()
        assert (kept is None) == (stored is None)
        if kept is not None and stored is not None:
            assert in_order(kept) == in_order(stored)
        Twins.reads += 1
        return kept

    def write(self, batch: Batch) -> None:
        super().write(batch)
        self.stores[-1].write(batch)

    def trades(self) -> tuple[TradeBooked, ...]:
        assert self.stores[-1].trades() == super().trades()
        return super().trades()

    def order_names(self) -> frozenset[str]:
        assert self.stores[-1].order_names() == super().order_names()
        return super().order_names()


def in_order(stored: Stored) -> Stored:
    """Sort what has no order of its own."""
    return evolve(
        stored,
        balances=tuple(sorted(stored.balances, key=lambda row: row.asset)),
        levels=tuple(sorted(stored.levels, key=lambda row: row.slot)),
        live_orders=tuple(sorted(stored.live_orders, key=lambda row: row.client_order_id)),
        live_trades=tuple(sorted(stored.live_trades, key=lambda trade: (trade.client_order_id, int(trade.trade_id)))),
    )


@pytest.mark.parametrize("seed", range(1, 13))
def test_what_worlds_write_and_read_is_what_a_database_gives(seed: int, tmp_path: Path) -> None:
    Twins.path, Twins.stores, Twins.reads = tmp_path / "state.db", [], 0
    only = frozenset(fault for fault in live(seed).faults if not fault.startswith(REPLACED))
    opens = Disk.open

    def reopen(disk: Disk) -> KeptStore:
        kept: Any = disk.kept
        kept.reopen()
        return opens(disk)

    with patch("tests.simulation.living.disk.MemoryStore", Twins), patch.object(Disk, "open", reopen):
        verdict = live(seed, only=only)
        for store in Twins.stores:
            store.close()
    assert verdict.violation is None
    assert Twins.reads > 1
