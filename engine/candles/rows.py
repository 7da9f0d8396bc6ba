"""Candles as rows of a candle file, in one form, so that rows sort as text in the order of time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from attrs import frozen

from engine.candles.spans import Span
from engine.candles.text import COLUMNS
from engine.candles.times import EARLIEST, EPOCH, LATEST, MILLISECOND, read_time

HEADER = ",".join(COLUMNS)
_STAMP = len("2024-08-01 00:00:00")
_WIDEST = 400  # digits before or behind the point, more than a double has


@frozen
class Page:
    """Hold every candle that there is in a span, as rows in the order of time; there may be none."""

    span: Span
    rows: Sequence[str]


def make_row(time: int, prices: Iterable[str | float], volume: str | float | None) -> str:
    """Write a candle of exact numbers; a float stands for the shortest decimal that reads as it.

    ValueError for what is no number, or no time in whole seconds; whether prices make sense `parse_candles` says.
    """
    if time % 1_000:
        raise ValueError(f"{time} (epoch ms) is no whole second")
    return ",".join((stamp(time), *(_plain(price) for price in prices), "" if volume is None else _plain(volume)))


def stamp(time: int) -> str:
    """Write a time, rounded up to a whole second."""
    if not EARLIEST <= time <= LATEST - 1_000:
        raise ValueError(f"{time} is no time")
    return (EPOCH - -time // 1_000 * 1_000 * MILLISECOND).replace(tzinfo=None).isoformat(" ")


def time_of(row: str) -> int:
    """Read the time of a row that was made here."""
    return read_time(row[:_STAMP])


def merged(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Put rows in the order of time, once each, the new one where there are two for a time."""
    by_time = {row[:_STAMP]: row for row in old}
    by_time.update((row[:_STAMP], row) for row in new)
    return [by_time[time] for time in sorted(by_time)]


def within(rows: Sequence[str], span: Span) -> Sequence[str]:
    """Give the rows that open in a span; `rows` are in the order of time."""
    return rows[bisect_left(rows, stamp(span.start)) : bisect_left(rows, stamp(span.end))]


def _plain(value: str | float) -> str:
    text = value if isinstance(value, str) else repr(value)
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        text = _without_exponent(text)
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _without_exponent(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text[:60]!r} is no number") from None
    if not number.is_finite() or abs(number.adjusted()) > _WIDEST:
        raise ValueError(f"{text[:60]!r} is no number to count with")
    return f"{number:f}"
