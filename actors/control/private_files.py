"""Files that hold secrets: readable by their owner alone, from their first byte on."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from engine.errors import BadInput

_OWNER_ALONE = 0o600
_LARGEST = 65_536  # bytes; none of ours is larger


def write_private(path: Path, text: str) -> None:
    """Write `text` in one step, making the folder; raise `BadInput` that names the path when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        try:
            _write_new(beside, text)
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from error


def read_private(path: Path) -> str:
    """Read a file of ours; OSError when it cannot be, or is no plain file. Links are not followed."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is no plain file")
        return file.read(_LARGEST).decode("utf-8", "replace")


def narrow(path: Path) -> bool:
    """Keep everybody but its owner from reading a file; tell whether anybody could.

    A link is left alone, and so is what it leads to: nobody reads it.
    """
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode) or not mode & 0o077:
        return False
    path.chmod(_OWNER_ALONE)
    return True


def _write_new(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _OWNER_ALONE)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
