"""A file that lines are appended to, kept small: what is full is put aside, and the oldest of these is dropped."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

_MODE = 0o600  # a log tells what an account holds


class BoundedFile:
    """Append to `path`, whole lines or nothing, until it is `file_bytes` long; keep `kept` older ones beside it.

    A file that somebody moved or removed is begun anew. What is no regular file is written to and left alone. For one
    thread, and for one process at a time: see `own_file`.
    """

    def __init__(self, path: Path, file_bytes: int, kept: int) -> None:
        """Open it, and make its folders; raise OSError."""
        self._path, self._file_bytes, self._kept = path, file_bytes, kept
        self._file = -1
        self._is_torn = False  # ends in the middle of a line
        self.written = 0
        self._open()

    def write(self, lines: Sequence[bytes]) -> None:
        """Append lines and count them in `written`; raise OSError, with the lines from there on not written."""
        size = self._look()
        chunk: list[bytes] = []
        waiting = 0
        for line in lines:
            if size is not None and size + waiting and size + waiting + len(line) > self._file_bytes:
                self._append(chunk, size)
                chunk, waiting = [], 0
                self._put_aside()
                size = 0
            chunk.append(line)
            waiting += len(line)
        self._append(chunk, size)

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _look(self) -> int | None:
        """Give the size of the file that has the name now, None if it cannot be put aside."""
        if self._file >= 0:
            with contextlib.suppress(FileNotFoundError):
                named, ours = self._path.stat(), os.fstat(self._file)
                if (named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino):
                    return named.st_size if stat.S_ISREG(named.st_mode) else None
        self._open()
        ours = os.fstat(self._file)
        return ours.st_size if stat.S_ISREG(ours.st_mode) else None

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _MODE)
        self.close()  # only now: where there are too many open files, the old one is better than none
        self._file = file
        ours = os.fstat(file)
        self._is_torn = stat.S_ISREG(ours.st_mode) and ours.st_size > 0 and os.pread(file, 1, ours.st_size - 1) != b"\n"

    def _append(self, lines: Sequence[bytes], size: int | None) -> None:
        was_torn, done = self._is_torn, 0
        content = b"".join((b"\n", *lines) if was_torn else lines)
        try:
            while done < len(content):
                done += os.write(self._file, content[done:])
        except OSError:
            if done and size is not None:
                self._is_torn = True
                with contextlib.suppress(OSError):  # half a line is no line
                    os.ftruncate(self._file, size)
                    self._is_torn = was_torn
            raise
        self._is_torn = False
        self.written += len(lines)

    def _put_aside(self) -> None:
        """Begin a new file; what fails half way is done the next time."""
        if self._path.exists():
            for number in range(self._kept, 0, -1):
                older = self._aside(number - 1) if number > 1 else self._path
                with contextlib.suppress(FileNotFoundError):
                    older.replace(self._aside(number))
        self._open()

    def _aside(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
