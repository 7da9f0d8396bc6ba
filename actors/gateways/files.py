"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.errors import BadInput


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, making its folders; raise `BadInput` naming the path when that fails."""
    try:
        if is_special(path):
            path.write_text(text, encoding="utf-8")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path.resolve(), text)  # a link stays a link
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror or error}") from error


def is_special(path: Path) -> bool:
    """Tell whether `path` is a pipe or a device, which takes what it is given and has nothing to lose."""
    return path.exists() and not path.is_file() and not path.is_dir()


def ensure_writable(path: Path, name: str) -> None:
    """Raise `BadInput` now when `path`, given as `name`, could not be written later, so that no run is lost to it."""
    if is_special(path):
        return
    said = f"{name} = {str(path)!r}"
    if path.is_dir():
        raise BadInput(f"{said}: is a directory; allowed: a file")
    folder = path.resolve().parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise BadInput(f"{said}: cannot be written: {folder} is not a writable directory; allowed: a file in one")


def _replace(path: Path, text: str) -> None:
    """Write beside `path` and rename, so that nobody ever reads half of it."""
    beside = path.with_name(f".gridactors-{secrets.token_hex(8)}")
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
