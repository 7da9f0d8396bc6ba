"""A store that logs when it cannot write, and when it can again: whoever watches must know."""

from __future__ import annotations

import logging

from engine.journal.rows import Batch, Stored
from engine.journal.store import Store, StoreUnavailable
from engine.messages import TradeBooked

log = logging.getLogger(__name__)


class WatchedStore(Store):
    """Do what another store does, and tell of its troubles: each once, until it works again."""

    def __init__(self, store: Store, grid: str) -> None:
        """Take over `store`, which keeps the grid called `grid`."""
        self._store, self._grid = store, grid
        self._trouble: str | None = None

    def load(self) -> Stored | None:
        """Give what was written last, None before anything was."""
        return self._store.load()

    def write(self, batch: Batch, /) -> None:
        """Write all of it, or nothing."""
        try:
            self._store.write(batch)
        except StoreUnavailable as trouble:
            if str(trouble) != self._trouble:
                self._trouble = str(trouble)
                log.warning("%s: cannot be written, no order is placed until it can: %s", self._grid, trouble)
            raise
        if self._trouble is not None:
            self._trouble = None
            log.warning("%s: written again", self._grid)

    def order_names(self) -> frozenset[str]:
        """Give the client order id of every order."""
        return self._store.order_names()

    def newest_order_id(self) -> str | None:
        """Give the exchange's id of the order placed last that it has told one of."""
        return self._store.newest_order_id()

    def trades(self) -> tuple[TradeBooked, ...]:
        """Give every trade, in the order of booking."""
        return self._store.trades()

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()
