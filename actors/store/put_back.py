"""A file that was deleted while it was in use: SQLite still has all of it, so it can be put back."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import peewee

from actors.store.failures import StoreLost
from actors.store.state_file import alone_in, sync

log = logging.getLogger(__name__)

_COPY: Final = ".put-back"


def put_back(database: peewee.Database, path: Path) -> None:
    """Write what the open `database` has to where its file was; raise `StoreLost` when that cannot be done.

    To be called outside of transactions; the connection still is to the deleted file afterwards, and of no more use.
    """
    if database.is_closed():
        raise StoreLost(f"{path} was deleted while it was in use")
    copy = path.with_name(path.name + _COPY)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone_in(path.parent):
            copy.unlink(missing_ok=True)
            os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            database.execute_sql("VACUUM INTO ?", (str(copy),))  # type: ignore[no-untyped-call]  # its stubs say nothing
            with copy.open("rb") as written:
                os.fsync(written.fileno())
            # The log of the deleted file would be taken for that of the new one.
            for ending in ("-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            os.link(copy, path)  # unless there is another one by now
            sync(path.parent)
    except (OSError, peewee.PeeweeException) as error:
        raise StoreLost(f"{path} was deleted while it was in use, and cannot be put back: {error}") from error
    finally:
        with suppress(OSError):
            copy.unlink(missing_ok=True)
    log.warning("%s was deleted while it was in use: it is there again, and whole", path)
