"""How a grid stands at present, looked at without taking it over."""

from __future__ import annotations

from attrs import frozen

from actors.store.connection import Connection
from actors.store.grid_key import GridKey
from actors.store.grid_rows import GridRows
from actors.store.grids import earlier_runs, grids, of_key
from actors.store.looking import look
from actors.store.places import Place
from actors.store.tables import Grids
from engine.journal.rows import Stored


@frozen
class Present:
    """Hold what `GridStore.load` would give, and the runs of the grid's lives that are history."""

    stored: Stored | None = None
    earlier_runs: frozenset[str] = frozenset()


def read_present(place: Place, key: GridKey) -> Present:
    """Look how a grid stands; raise like `read_history`."""
    return look(place, lambda connection: Present(_stored(connection, key), earlier_runs(connection, key))) or Present()


def _stored(connection: Connection, key: GridKey) -> Stored | None:
    found = grids(connection, of_key(key) & (Grids.archived == 0))
    return GridRows(connection, found[0][0], key.name).stored() if found else None
