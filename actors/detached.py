"""The command line of a process without a terminal: what it would write there goes to a file that cannot grow on."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

OUTPUT = "GRIDACTORS_OUTPUT"  # the variable that names the file
_LARGEST = 5_000_000  # bytes, twice: the file before is kept


class BoundedOutput(io.RawIOBase):
    """Write to a file that is put aside when it has grown large; the descriptors 1 and 2 lead there, too.

    What cannot be written, on a full disk say, is lost: trading goes on.
    """

    def __init__(self, path: Path, largest: int = _LARGEST) -> None:
        """Go on with what is there."""
        self._path, self._largest = path, largest
        self._open(os.O_APPEND)

    def writable(self) -> bool:
        """Say yes."""
        return True

    def fileno(self) -> int:
        """Give the descriptor that others may write to."""
        return 1

    def write(self, text: ReadableBuffer, /) -> int:
        """Write all of it, or nothing."""
        piece = memoryview(text).cast("B")
        try:
            if os.fstat(1).st_size + len(piece) > self._largest:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
                self._open(os.O_EXCL)
            os.write(1, piece)
        except OSError:
            pass
        return len(piece)

    def _open(self, how: int) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | how, 0o600)
        for place in (1, 2):
            os.dup2(handle, place)
        os.close(handle)


def main() -> None:
    """Run the command line."""
    output = io.BufferedWriter(BoundedOutput(Path(os.environ.pop(OUTPUT))))
    sys.stdout = sys.stderr = io.TextIOWrapper(output, "utf-8", "backslashreplace", line_buffering=True)
    from actors.cli import main as run

    run()


if __name__ == "__main__":
    main()
