"""Where the log goes: the terminal, and a file that cannot grow without end."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from engine.errors import BadInput

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_FILE_BYTES = 10_000_000
_FILES_KEPT = 5


def set_up(level: str, file: Path | None) -> None:
    """Log to stderr from `level` on, and to `file` if one is given; raise `BadInput` when it cannot be opened."""
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(RotatingFileHandler(file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8"))
        except OSError as error:
            raise BadInput(f"{file}: the log cannot be written: {error.strerror or error}") from error
    logging.basicConfig(level=level, format=_FORMAT, handlers=handlers, force=True)
