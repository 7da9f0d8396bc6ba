"""Times as candle files write them, read to epoch milliseconds UTC, and shown again in messages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from engine.candles import Millis

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
EARLIEST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MILLISECOND
LATEST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MILLISECOND
FROM_HERE_MILLISECONDS = 100_000_000_000  # as seconds the year 5138, as milliseconds 1973
ALLOWED = "ISO 8601 such as 2024-08-01 00:00:00 (UTC without a zone), epoch seconds or epoch milliseconds"

_NUMBER = re.compile(r"\d+(\.\d*)?([eE]\+?\d{1,2})?", re.ASCII)
_COMPACT_DATE = re.compile(r"\d{8}", re.ASCII)  # 20240801 is a date, not a second of August 1970
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)(?:Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000))


def to_millis(when: datetime) -> int:
    """Give the epoch milliseconds of `when`, taken as UTC when it has no zone."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - EPOCH) // MILLISECOND


def show_time(millis: int) -> str:
    """Write a time as people read it, ``2024-08-01 00:00:00 UTC``."""
    return f"{(EPOCH + millis * MILLISECOND).replace(tzinfo=None).isoformat(' ')} UTC"


def show_span(millis: int) -> str:
    """Write a length of time in the largest unit that divides it, ``90 m``."""
    for unit, size in _UNITS:
        if millis % size == 0:
            return f"{millis // size} {unit}"
    return f"{millis} ms"


def read_time(text: str) -> int:
    """Read one time to epoch milliseconds, finer fractions cut off; ValueError when it cannot be read."""
    if not _NUMBER.fullmatch(text) or _COMPACT_DATE.fullmatch(text):
        return to_millis(datetime.fromisoformat(text))
    number = Decimal(text)
    if number > LATEST:
        raise ValueError(text)
    return int(number if number >= FROM_HERE_MILLISECONDS else number * 1000)


def read_times(stamps: npt.NDArray[np.bytes_]) -> Millis:
    """Read many times as `read_time` does, at once where they are written alike; ValueError when one cannot be read.

    `stamps` has shape (n,), n > 0, and is wider than any time that is read.
    """
    grid = np.ascontiguousarray(stamps).view(np.uint8).reshape(len(stamps), -1)
    if grid[:, -1].any():
        raise ValueError("too long for a time")
    first = bytes(stamps[0]).decode("latin-1")
    iso = _ISO.fullmatch(first)
    times = _read_alike(grid, first, iso.end(1)) if iso else _read_numbers(grid, stamps)
    if times is None:
        texts: list[str] = stamps.astype(str).tolist()
        times = np.array([read_time(text.strip()) for text in texts], np.int64)
    if times.min() < EARLIEST or times.max() > LATEST:
        raise ValueError("out of range")
    return times


def _read_alike(grid: npt.NDArray[np.uint8], first: str, local: int) -> Millis | None:
    """Read ISO times that are all written as the first: same zone, digits and signs at the same places.

    `grid` holds their bytes, a time a row; the part before the zone is `local` bytes long.
    """
    if grid[:, len(first)].any():
        return None
    text = np.ascontiguousarray(grid[:, : len(first)])
    shapes = np.where(text - ord("0") < 10, np.uint8(ord("0")), text).view(f"S{len(first)}")
    if (shapes != shapes[0]).any() or (text[:, local:] != text[0, local:]).any():
        return None
    naive = np.ascontiguousarray(text[:, :local]).view(f"S{local}").ravel()
    times = naive.astype("M8[ms]").astype(np.int64)
    return times + (read_time(first) - int(times[0]))


def _read_numbers(grid: npt.NDArray[np.uint8], stamps: npt.NDArray[np.bytes_]) -> Millis | None:
    """Read epoch times that are whole seconds or milliseconds, written with digits or with a ``.0`` behind."""
    written = (grid - ord("0") < 10) | (grid == ord(".")) | (grid == 0)
    if not written.all():
        return None
    numbers = stamps.astype(np.float64)
    dates = (numbers >= 10_000_000) & (numbers < 100_000_000)
    if dates.any() or (numbers != np.floor(numbers)).any() or numbers.max() > LATEST:
        return None
    return np.where(numbers >= FROM_HERE_MILLISECONDS, numbers, numbers * 1000).astype(np.int64)
