"""Where the log goes: the terminal, and a file that cannot grow without end.

Nothing of it shows a secret, and none of it keeps an actor waiting: the terminal is passed over while it takes nothing,
the file is written by a thread of its own, and a disk that is full costs log records and no trades.
"""

from __future__ import annotations

import logging
from pathlib import Path

from actors.log_lines.file_handler import FileHandler
from actors.log_lines.records import keep_secrets
from actors.log_lines.terminal import Terminal
from actors.log_lines.uncaught import log_uncaught
from engine.errors import BadInput

_FILE_BYTES = 10_000_000
_FILES_KEPT = 5  # beside the one that is written: 60 MB for each process that runs at one time


def set_up(level: int, file: Path | None, *, quiet: bool = False) -> None:
    """Log from `level` on to `file`, if one is given; raise `BadInput` when it cannot be opened.

    Where another process has the file already, one beside it is taken. The terminal has the summary: it hears
    warnings, and everything only when debugging and not `quiet`. What was set up before is let go of.
    """
    keep_secrets()
    log_uncaught()
    close()
    terminal = Terminal()
    terminal.setLevel(logging.NOTSET if level <= logging.DEBUG and not quiet else logging.WARNING)
    handlers: list[logging.Handler] = [terminal]
    if file is not None:
        try:
            handlers.append(FileHandler(file, _FILE_BYTES, _FILES_KEPT))
        except OSError as error:
            trouble = f"{file} cannot be written: {error.strerror or error}"
            raise BadInput(f"logging.log_to_file = true: {trouble}; allowed: false, or a folder to write in") from error
    # What no handler wants is not even made.
    logging.basicConfig(level=max(level, min(handler.level for handler in handlers)), handlers=handlers, force=True)
    # What becomes of a request is told by those who made it; a connection that a signal cut off is nobody's business.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def flush() -> None:
    """Wait until all that was logged is in its file, for some seconds at most."""
    for handler in _files():
        handler.flush()


def lost() -> int:
    """Count the records that should be in the file and are not."""
    return sum(handler.lost for handler in _files())


def close() -> None:
    """Write what waits to the file, and let go of it: the next one may have its name."""
    for handler in _files():
        logging.getLogger().removeHandler(handler)
        handler.close()


def _files() -> list[FileHandler]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, FileHandler)]
