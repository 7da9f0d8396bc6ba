"""Where the log goes: the terminal, and a file that cannot grow without end."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from engine.errors import BadInput

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_FILE_BYTES = 10_000_000
_FILES_KEPT = 5


def set_up(level: int, file: Path | None, *, quiet: bool = False) -> None:
    """Log from `level` on to `file`, if one is given; raise `BadInput` when it cannot be opened.

    The terminal has the summary: it hears warnings, and everything only when debugging and not `quiet`.
    """
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.NOTSET if level <= logging.DEBUG and not quiet else logging.WARNING)
    handlers: list[logging.Handler] = [terminal]
    if file is not None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(RotatingFileHandler(file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8"))
        except OSError as error:
            trouble = f"{file} cannot be written: {error.strerror or error}"
            raise BadInput(f"logging.log_to_file = true: {trouble}; allowed: false, or a folder to write in") from error
    logging.basicConfig(level=level, format=_FORMAT, handlers=handlers, force=True)
    # What becomes of a request is told by those who made it; a connection that a signal cut off is nobody's business.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
