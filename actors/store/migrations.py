"""The schema's versions: what makes each of the one before."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Final

import peewee

from actors.store.connection import Connection
from actors.store.failures import SchemaTooNew
from actors.store.tables import TABLES, Grids, Schema
from actors.store.upsert import Upsert
from engine.errors import BadInput

Migration = Callable[[peewee.Database], None]

_LOCK: Final = 7_149_302_518  # a number of our own: two programs must not migrate one database at a time


def migrate(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Bring a database to the newest version, that is their number.

    Each step is one transaction, with the version; a fresh database takes all steps in one.
    Raises `SchemaTooNew` for a later one, `BadInput` for another program's database, `StoreUnavailable`.
    """
    newest = len(migrations)
    while schema_version(connection, newest) < newest:
        with connection.transaction():
            if isinstance(connection.database, peewee.PostgresqlDatabase):
                connection.rows("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            version = schema_version(connection, newest)  # another may have been here first
            # A fresh one takes all steps at once: nobody is to find it half made.
            last = newest if version == 0 else min(version + 1, newest)
            for step in migrations[version:last]:
                connection.call(step)
            if version < last:
                Upsert(connection, Schema, ("id", "version"), ("id",)).write([(1, last)])


def schema_version(connection: Connection, newest: int) -> int:
    """Give the version of the schema, 0 when there is none yet; raise `SchemaTooNew` and `BadInput`."""
    tables = set(connection.call(lambda database: database.get_tables()))
    if _name(Schema) not in tables:
        if clashes := sorted(tables & {_name(table) for table in TABLES}):
            raise _foreign(connection, clashes[0])
        return 0
    try:
        rows = connection.select(Schema.select(Schema.version))
    except (peewee.ProgrammingError, peewee.OperationalError) as error:
        raise _foreign(connection, _name(Schema)) from error
    version = int(rows[0][0]) if rows else 0
    if version > newest:
        raise SchemaTooNew(
            f"{connection.name}: its schema has version {version}; allowed: up to {newest}, which this program knows"
        )
    return version


def first_tables(database: peewee.Database) -> None:
    """Make the tables, with all that later versions have added."""
    for table in TABLES:
        peewee.SchemaManager(table, database).create_all()


def pauses(database: peewee.Database) -> None:
    """Let a grid be paused."""
    _add_missing(database, Grids, "pause_reason", "paused_until")


MIGRATIONS: Final[tuple[Migration, ...]] = (first_tables, pauses)


def _add_missing(database: peewee.Database, table: type[peewee.Model], *names: str) -> None:
    """Add columns that a table does not have; a fresh one has them all."""
    # It brings the migrators of every database, so it is imported where it is used.
    steps = importlib.import_module("playhouse.migrate")
    known = {column.name for column in database.get_columns(_name(table))}
    migrator = steps.SchemaMigrator.from_database(database)
    missing = [name for name in names if name not in known]
    steps.migrate(*(migrator.add_column(_name(table), name, getattr(table, name)) for name in missing))


def _foreign(connection: Connection, table: str) -> BadInput:
    return BadInput(
        f"{connection.name}: holds a table {table!r} of another program; allowed: a database of this program's own"
    )


def _name(table: type[peewee.Model]) -> str:
    name: str = table._meta.table_name  # noqa: SLF001 - where peewee keeps it, and documents it
    return name
