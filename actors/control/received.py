"""What a connection has sent so far, kept until it is a whole request: no worker ever waits for a slow sender."""

from __future__ import annotations

import re
from typing import Final

HEAD_BYTES, BODY_BYTES = 16_384, 65_536  # the largest head and body of a request

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
_UNSUPPORTED: Final = re.compile(rb"\r\n(?:transfer-encoding|expect)[ \t]*:", re.IGNORECASE)


class Received:
    """Collect bytes, and be read like the file of a socket that has no more to give than what came."""

    def __init__(self) -> None:
        """Begin empty."""
        self._bytes = bytearray()
        self._searched = 0  # where the end of the head cannot begin before
        self.bytes_read = 0  # what the server's statistics ask for
        self.closed = False

    def feed(self, data: bytes) -> None:
        """Take what has come."""
        self._bytes += data

    @property
    def is_complete(self) -> bool:
        """Tell whether there is a whole request, or one that is refused whatever else comes."""
        end = self._bytes.find(_HEAD_END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._bytes) - len(_HEAD_END) + 1)
            return len(self._bytes) > HEAD_BYTES
        self._searched = end
        head = bytes(self._bytes[: end + len(_HEAD_END)])
        length = _LENGTH.search(head)
        if length is None or _UNSUPPORTED.search(head) or int(length[1]) > BODY_BYTES:
            return True
        return len(self._bytes) - len(head) >= int(length[1])

    def read(self, size: int | None = None) -> bytes:
        """Give up to `size` bytes, all when that is None."""
        return self._cut(len(self._bytes) if size is None else size)

    def readline(self, size: int | None = None) -> bytes:
        """Give up to the end of a line, at most `size` bytes."""
        end = self._bytes.find(b"\n", 0, size) + 1
        return self._cut(end or (len(self._bytes) if size is None else size))

    def has_data(self) -> bool:
        """Tell whether there is anything to read."""
        return bool(self._bytes)

    def close(self) -> None:
        """Forget everything."""
        self._bytes.clear()
        self.closed = True

    def _cut(self, size: int) -> bytes:
        data = bytes(self._bytes[:size])
        del self._bytes[:size]
        self._searched = 0
        self.bytes_read += len(data)
        return data
