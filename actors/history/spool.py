"""Rows set aside while a database is being read, so that any number of them takes little memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from attrs import frozen

from actors.store.connection import Row

_IN_MEMORY: Final = 16_000_000  # bytes; more goes to a file that no folder lists


@frozen
class Section:
    """Name rows that were set aside together."""

    start: int
    rows: int


class Spool:
    """Set rows aside and give them back; their values are text, whole numbers, booleans or None."""

    def __init__(self) -> None:
        """Begin with none."""
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever made the spool closes it

    def clear(self) -> None:
        """Forget all rows."""
        self._file.seek(0)
        self._file.truncate()

    def put(self, pages: Iterable[list[Row]]) -> Section:
        """Set rows aside."""
        start, count = self._file.tell(), 0
        for page in pages:
            self._file.writelines(json.dumps(row).encode() + b"\n" for row in page)
            count += len(page)
        return Section(start, count)

    def take(self, section: Section) -> Iterator[list[Any]]:
        """Give the rows of a section, in order; before another section is begun."""
        self._file.seek(section.start)
        for _ in range(section.rows):
            yield json.loads(self._file.readline())

    def close(self) -> None:
        """Forget all rows for good."""
        self._file.close()
