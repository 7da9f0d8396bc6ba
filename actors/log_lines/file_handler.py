"""The handler that writes JSON lines to a file, in a thread of its own: no disk keeps whoever logs waiting."""

from __future__ import annotations

import logging
import sys
import threading
import time
from contextlib import suppress
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from actors.log_lines.bounded_file import BoundedFile
from actors.log_lines.json_lines import Line, line_of, to_json
from actors.log_lines.own_file import own_file

_MOST_WAITING: Final = 10_000  # lines; what comes beyond is counted
_AT_ONCE: Final = 500  # lines to a write: each one may have to wait for the GIL
_PATIENCE: Final = 3.0  # seconds, for a disk that hangs
_NOTE_EVERY: Final = 600.0  # seconds between two notes of one trouble


class FileHandler(QueueHandler):
    """Write each record as a line to a file of this process, bounded; what cannot be written is counted as `lost`."""

    def __init__(self, wanted: Path, file_bytes: int, kept: int) -> None:
        """Open a file, `wanted` if no other process has it, and start the thread; raise OSError."""
        self._waiting: SimpleQueue[Line | threading.Event | None] = SimpleQueue()
        super().__init__(self._waiting)
        self.path, self._lock_file = own_file(wanted)
        try:
            self._file = BoundedFile(self.path, file_bytes, kept)
        except OSError:
            self._lock_file.close()
            raise
        self._crowded_out = self._unwritten = 0
        self._told = 0  # how many of the lost the file tells of
        self._noted_at: float | None = None
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> int:
        """Count the records that are not in the file."""
        return self._crowded_out + self._unwritten

    # --- in the threads of those who log ---------------------------------------------------------------

    def prepare(self, record: logging.LogRecord) -> Line:
        """Take what the line is made of; making it is not the business of who logs."""
        return line_of(record)

    def enqueue(self, line: Line) -> None:  # type: ignore[override]
        """Let it wait for the thread; never for the disk."""
        if self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put(line)
        else:
            self._crowded_out += 1

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 the names are logging's
        """Count a record that could not be taken."""
        self._crowded_out += 1

    def flush(self) -> None:
        """Wait until all that was logged has been written, for some seconds at most."""
        if self._thread.is_alive():
            written = threading.Event()
            self._waiting.put(written)
            written.wait(_PATIENCE)

    def close(self) -> None:
        """Write what waits, for some seconds at most, and let go of the file."""
        self._waiting.put(None)
        self._thread.join(_PATIENCE)
        super().close()

    # --- in its own thread -----------------------------------------------------------------------------

    def _write_all(self) -> None:
        goes_on = True
        while goes_on:
            goes_on = self._write_some()
        self._file.close()
        self._lock_file.close()

    def _write_some(self) -> bool:
        """Write what waits, some of it at once; tell whether there may be more."""
        lines: list[bytes] = []
        entry = self._waiting.get()
        while isinstance(entry, Line):
            lines.append(_json(entry))
            if len(lines) >= _AT_ONCE or self._waiting.empty():
                break
            entry = self._waiting.get()
        self._write(lines)
        if isinstance(entry, threading.Event):
            entry.set()
        return entry is not None

    def _write(self, lines: list[bytes]) -> None:
        lost = self.lost
        gap = [to_json(_gap(lost - self._told))] if lost > self._told else []
        before = self._file.written
        try:
            self._file.write([*gap, *lines])
        except Exception as error:  # noqa: BLE001 this thread has to live: a disk may be well again
            self._unwritten += len(lines) - max(0, self._file.written - before - len(gap))
            self._note(error)
        if self._file.written > before:
            self._told = lost

    def _note(self, error: Exception) -> None:
        """Say once what is wrong; there is no other place to say it."""
        now = time.monotonic()
        if self._noted_at is not None and now - self._noted_at < _NOTE_EVERY:
            return
        self._noted_at = now
        with suppress(Exception):  # nobody may be there to read it
            why = getattr(error, "strerror", None) or repr(error)
            sys.stderr.write(f"the log cannot be written to {self.path}: {why}; all else goes on without it\n")


def _json(line: Line) -> bytes:
    try:
        return to_json(line)
    except Exception as error:  # noqa: BLE001 this thread has to live, whatever somebody logged
        return to_json(line._replace(order=None, message=f"cannot be written ({type(error).__name__})", trace=""))


def _gap(lost: int) -> Line:
    said = f"{lost} records before this one were lost: more came than could be written"
    return Line(time.time(), "WARNING", __name__, "log", None, None, None, said, "")
