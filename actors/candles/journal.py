"""Candles as they come in, page after page, in a file that may end anywhere: what a crash tears off is cut away."""

from __future__ import annotations

import re
from pathlib import Path

from engine.candles.rows import Page, time_of
from engine.candles.spans import Span

_SEAL = re.compile(r"# complete from (-?\d+) up to (-?\d+), rows (\d+)")  # epoch ms


class CandleJournal:
    """Append pages to a file; each ends with a seal, and what has none was torn off."""

    def __init__(self, path: Path) -> None:
        """Take the file, which need not be there."""
        self._path = path

    def append(self, page: Page) -> None:
        """Write a page, and hand it to the operating system."""
        seal = f"# complete from {page.span.start} up to {page.span.end}, rows {len(page.rows)}"
        with self._path.open("ab") as file:
            file.write("\n".join((*page.rows, seal, "")).encode("ascii"))

    def read(self) -> list[Page]:
        """Give the whole pages up to the first that is torn, and cut the file behind them."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        pages, length = _whole_pages(data)
        if length < len(data):
            with self._path.open("r+b") as file:
                file.truncate(length)
        return pages

    def clear(self) -> None:
        """Take the file away."""
        self._path.unlink(missing_ok=True)


def _whole_pages(data: bytes) -> tuple[list[Page], int]:
    """Give the pages, and how many bytes they are long."""
    pages: list[Page] = []
    rows: list[str] = []
    length = position = 0
    for line in data.splitlines(keepends=True):
        position += len(line)
        text = line.decode("ascii", "replace")
        if not text.startswith("#"):
            rows.append(text.rstrip("\n"))
            continue
        page = _sealed(text, rows)
        if page is None:
            break
        pages.append(page)
        rows, length = [], position
    return pages, length


def _sealed(seal: str, rows: list[str]) -> Page | None:
    """Give the page that a seal closes, None when either is not whole."""
    told = _SEAL.fullmatch(seal.removesuffix("\n"))
    if told is None or not seal.endswith("\n"):
        return None
    start, end, count = map(int, told.groups())
    try:
        inside = all(start <= time_of(row) < end for row in rows)
        return Page(Span(start, end), rows) if inside and len(rows) == count else None
    except ValueError:
        return None
