"""Columns of what a running process answers: numbers stand under each other by their decimal points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import frozen
from rich.text import Text

from actors.display.live_figures import DIM

_GAP = "  "
_MOST_PLACES = 8


@frozen
class Column:
    """Hold a heading and what stands below it."""

    head: str
    cells: Sequence[Text]
    is_number: bool = False


def words(head: str, cells: Iterable[str | Text], style: str = "") -> Column:
    """Make a column of words; what a terminal would obey is escaped."""
    return Column(head, [cell if isinstance(cell, Text) else Text(printable(cell), style) for cell in cells])


def numbers(head: str, values: Iterable[str | None], least: int = 0, *, is_gain: bool = False) -> Column:
    """Make a column of decimals with as many places as the most precise one has, at least `least`; None is blank."""
    decimals = [None if value is None else Decimal(value) for value in values]
    places = max(least, places_of(value for value in decimals if value is not None))
    return Column(head, [_number(value, places, is_gain=is_gain) for value in decimals], is_number=True)


def profits(head: str, values: Iterable[str | None]) -> Column:
    """Make a column of gains and losses, to two places, or to three digits where all are small; nothing is blank."""
    decimals = [None if value is None or not Decimal(value) else Decimal(value) for value in values]
    largest = max((value.adjusted() for value in decimals if value is not None), default=0)
    places = min(_MOST_PLACES, max(2, 2 - largest)) if largest < 0 else 2
    return Column(head, [_number(value, places, is_gain=True) for value in decimals], is_number=True)


def table(columns: Sequence[Column]) -> list[Text]:
    """Put columns side by side below their headings; those without anything in them are left out."""
    shown = [column for column in columns if any(cell.plain for cell in column.cells)]
    sizes = [max(len(column.head), *(cell.cell_len for cell in column.cells)) for column in shown]
    heads = [Text(column.head, DIM) for column in shown]
    rows = [heads, *zip(*(column.cells for column in shown), strict=True)] if shown else []
    return [_line(row, shown, sizes) for row in rows]


def places_of(values: Iterable[Decimal]) -> int:
    """Count the decimals that the most precise of some numbers has, at most eight."""
    exponents = (value.normalize().as_tuple().exponent for value in values)
    return min(_MOST_PLACES, max((-one for one in exponents if isinstance(one, int)), default=0) or 0)


def fixed(value: Decimal, places: int) -> str:
    """Write a number with thousands separators and fixed places; what rounds to zero has no sign."""
    text = f"{value:,.{max(places, 0)}f}"
    return text.removeprefix("-") if not any(digit in "123456789" for digit in text) else text


def printable(text: str) -> str:
    """Escape what a terminal would obey or could not show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _number(value: Decimal | None, places: int, *, is_gain: bool) -> Text:
    if value is None:
        return Text()
    text = fixed(value, places)
    if not is_gain or not value:
        return Text(text)
    return Text(f"+{text}", "green") if value > 0 else Text(text, "red")


def _line(row: Sequence[Text], columns: Sequence[Column], sizes: Sequence[int]) -> Text:
    line = Text(" ")
    for cell, column, size in zip(row, columns, sizes, strict=True):
        blank = " " * (size - cell.cell_len)
        line.append(_GAP if line.cell_len > 1 else "")
        line.append(blank).append_text(cell) if column.is_number else line.append_text(cell).append(blank)
    line.rstrip()
    return line
