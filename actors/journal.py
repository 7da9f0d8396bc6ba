"""The journal of one grid, as an actor."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.effects import Address
from engine.grid_setup import GridSetup
from engine.journal.exits import Ahead
from engine.journal.journal import Journal
from engine.journal.store import Store
from engine.messages import JournalInbox
from engine.messages.alerting import EventsTold
from engine.supervision import ChildSpec

_OPENS_WITHIN, _CLOSES_WITHIN = 60.0, 10.0  # seconds: a damaged file is looked through, a last commit may wait


def spec(grid: GridSetup, open_store: Callable[[], Store], listeners: Sequence[Address[EventsTold]] = ()) -> ChildSpec:
    """Describe the journal of `grid`; each incarnation opens the store anew.

    `listeners` are told what has been written.
    """
    from actors.store.watched import WatchedStore  # a backtest has no journal, and need not load a database's library

    ahead = Ahead()
    return ChildSpec(
        _address(grid),
        lambda: Journal(WatchedStore(open_store(), grid.name), grid.rules, grid.addresses, _now_ms, listeners, ahead),
        start_timeout=_OPENS_WITHIN,
        shutdown_timeout=_CLOSES_WITHIN,
    )


def _address(grid: GridSetup) -> Address[JournalInbox]:
    assert grid.addresses.journal is not None, "a grid with a journal says where it lives"
    return grid.addresses.journal


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
