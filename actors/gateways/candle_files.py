"""Read candles from a CSV file on disk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from engine.candles import Candles
from engine.candles.text import parse_candles
from engine.candles.times import to_millis
from engine.errors import BadInput

_ALLOWED = "allowed: a CSV file of candles, in UTF-8"


def load(path: Path, start: datetime | None, end: datetime | None) -> Candles:
    """Load the candles of `path` with start <= time <= end; a date without a zone is UTC, None sets no bound.

    The header names `timestamp`, `open`, `high`, `low`, `close` and `volume`, in any order and among others.
    Raise BadInput for anything wrong in the whole file, and when the period is empty.
    """
    first = None if start is None else to_millis(start)
    last = None if end is None else to_millis(end)
    return parse_candles(str(path), _read(path), first, last)


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file; {_ALLOWED}") from None
    except IsADirectoryError:
        raise BadInput(f"{path}: is a directory; {_ALLOWED}") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); {_ALLOWED}") from None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        wrong = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise BadInput(f"{path}, line {_line(data, error.start)}: {wrong}; {_ALLOWED}") from None
    if (at := data.find(0)) >= 0:  # what a crash leaves in a file, and what NumPy would not see
        raise BadInput(f"{path}, line {_line(data, at)}: has a zero byte; {_ALLOWED}")
    return text


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
