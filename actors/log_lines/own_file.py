"""A log file for each process: several may run in one folder, and none may harm the file of another."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TextIO

_MOST = 100  # processes that log to one folder


class TooManyLogs(OSError):
    """Refuse a process that finds no file of its own."""


def own_file(wanted: Path) -> tuple[Path, TextIO]:
    """Give `wanted` to the first process, ``…-2`` to the next, and so on, with the lock that makes it theirs.

    A number is free again when its process has ended, however that ended: there are never more files than there were
    processes at one time. Raises OSError.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, _MOST + 1):
        file = wanted if number == 1 else wanted.with_stem(f"{wanted.stem}-{number}")
        lock = _locked(file.with_name(f"{file.name}.lock"))
        if lock is not None:
            return file, lock
    raise TooManyLogs(None, f"{_MOST} processes have their logs there")


def _locked(path: Path) -> TextIO | None:
    # A file beside the log, which is put aside again and again; not inherited, or a child would go on holding it.
    lock = path.open("a", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    except OSError:
        lock.close()
        raise
    return lock
