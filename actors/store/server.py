"""A database on a server, reached by URL: any that peewee speaks and whose driver is there."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import peewee

from actors.store.connection import Connection
from actors.store.places import Place, secrets_of
from engine.errors import BadInput

_PATIENCE: Final[Mapping[str, int]] = MappingProxyType(  # seconds, and milliseconds of the last
    {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
)
LOCK_TIMEOUT: Final = 1000  # milliseconds: the caller tries again, and answers others meanwhile


def open_server(place: Place, begin_reading: str | None = None) -> Connection:
    """Connect to the database that the URL names; `begin_reading` opens a transaction of PostgreSQL that only reads.

    Raises `BadInput` for a URL that peewee or its driver cannot follow, `StoreUnavailable`.
    """
    assert place.url is not None
    database = _database(place, place.url)
    greeting: tuple[str, ...] = ()
    begin = "BEGIN"
    if isinstance(database, peewee.PostgresqlDatabase):
        # A commit is to be on the disk when it returns, whatever is the custom of the server.
        greeting = (f"SET lock_timeout = {LOCK_TIMEOUT}", "SET synchronous_commit = on")
        begin = begin_reading or begin
    connection = Connection(database, str(place), begin=begin, greeting=greeting, secrets=secrets_of(place.url))
    try:
        connection.call(peewee.Database.is_closed)
    except peewee.ImproperlyConfigured as error:
        raise _refusal(place, "its driver is not installed: psycopg2-binary is the one for PostgreSQL") from error
    except (peewee.ProgrammingError, TypeError) as error:
        raise _refusal(place, "it has a parameter that the driver does not know, or a wrong one") from error
    return connection


def _database(place: Place, url: str) -> peewee.Database:
    # Of each kind of database there is a class; it brings them all, so it is imported where it is used.
    db_url = importlib.import_module("playhouse.db_url")
    known = {scheme: kind for scheme, kind in db_url.schemes.items() if "+pool" not in scheme}
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.removesuffix("+pool")  # a store has one connection
        kind = known[scheme]
        options = _options(kind, parse_qs(parts.query))
        database: peewee.Database = db_url.connect(
            parts._replace(scheme=scheme).geturl(), unquote_password=True, unquote_user=True, **options
        )
    except KeyError:
        schemes = ", ".join(sorted(known))
        raise BadInput(f"{place.told_by} = {str(place)!r}: no kind of database; allowed: {schemes}") from None
    except (ValueError, TypeError, peewee.PeeweeException):
        # Without the cause: it may quote the password.
        raise _refusal(place, "it cannot be read as a URL with a database's name") from None
    return database


def _options(kind: type[peewee.Database], said: Mapping[str, Any]) -> dict[str, Any]:
    """Give how to connect; what the URL says itself holds."""
    patience = _PATIENCE if issubclass(kind, peewee.PostgresqlDatabase) else {"connect_timeout": 5}
    # Opened by one thread, used by another, by one at a time.
    return {"thread_safe": False, **{name: value for name, value in patience.items() if name not in said}}


def _refusal(place: Place, reason: str) -> BadInput:
    return BadInput(
        f"{place.told_by} = {str(place)!r}: {reason}; allowed: a URL like postgresql://user:password@host:5432/name"
    )
