"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.errors import BadInput


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, making its folders; raise `BadInput` naming the path when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from error


def ensure_writable(path: Path) -> None:
    """Raise `BadInput` now when `path` could not be written later, so that no run is lost to it."""
    if path.is_dir():
        raise BadInput(f"{path}: is a directory; name a file")
    folder = path.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise BadInput(f"{path}: cannot be written: {folder} is not a writable directory")
