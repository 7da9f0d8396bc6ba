"""What a store must do, and how it fails."""

from __future__ import annotations

from typing import Protocol

from engine.journal.rows import Batch, Stored
from engine.messages import TradeBooked


class StoreUnavailable(Exception):
    """Nothing was written, and the same may work later: a full disk, a lock, a server that is away."""


class StoreLost(StoreUnavailable):
    """What was written is gone, damaged, or another's by now: only opening the store anew can help."""


class Store(Protocol):
    """Keep the rows of one grid; used from one thread at a time."""

    def load(self) -> Stored | None:
        """Give what was written last, None before anything was; raise `StoreUnavailable`."""

    def write(self, batch: Batch, /) -> None:
        """Write all of it durably, or nothing and raise `StoreUnavailable`; the same batch may come again."""

    def order_names(self) -> frozenset[str]:
        """Give the client order id of every order of the grid; raise `StoreUnavailable`."""

    def newest_order_id(self) -> str | None:
        """Give the exchange's id of the order placed last that it has told one of; raise `StoreUnavailable`."""

    def trades(self) -> tuple[TradeBooked, ...]:
        """Give every trade of the grid, in the order of booking; raise `StoreUnavailable`."""

    def close(self) -> None:
        """Let go of the database."""
