"""The state of grids in a database: SQLite in a file, or any other that peewee speaks by URL."""

from actors.store.failures import SchemaTooNew, StoreLost
from actors.store.grid_key import GridKey
from actors.store.grid_store import GridStore
from actors.store.grids import StoredGrid
from actors.store.history import GridHistoryRows, read_history, stored_grids
from actors.store.opening import open_store
from actors.store.places import Place

__all__ = [
    "GridHistoryRows",
    "GridKey",
    "GridStore",
    "Place",
    "SchemaTooNew",
    "StoreLost",
    "StoredGrid",
    "open_store",
    "read_history",
    "stored_grids",
]
