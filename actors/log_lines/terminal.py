"""The handler that shows records on the terminal, and never waits for it."""

from __future__ import annotations

import logging
import select
from contextlib import suppress
from typing import TextIO

from actors.log_lines.records import clean

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class CleanFormatter(logging.Formatter):
    """Write a record as people read it, without secrets wherever they may stand."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the text, trace and all."""
        return clean(super().format(record))


class Terminal(logging.StreamHandler[TextIO]):
    """Write to stderr; while it takes nothing, as when its output was held by a key, count what is not shown.

    An actor that waited for a terminal would not trade.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(CleanFormatter(_FORMAT))
        self._unshown = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record, if that can be done now."""
        if self._would_block():
            self._unshown += 1
            return
        try:
            text = self.format(record)
            if self._unshown:
                text = f"{text}\n({self._unshown} records before this one could not be shown)"
                self._unshown = 0
            self.stream.write(text + self.terminator)
            self.flush()
        except Exception:  # noqa: BLE001 a terminal that is gone
            self._unshown += 1

    def _would_block(self) -> bool:
        with suppress(OSError, ValueError):  # no file, or a closed one
            writable = select.poll()
            writable.register(self.stream.fileno(), select.POLLOUT)
            return not writable.poll(0)
        return False
