"""Moments as people write them: a date, a time, or so long ago."""

from __future__ import annotations

from actors.durations import seconds_of
from engine.candles.times import read_time
from engine.errors import BadInput

_UNITS = "smhd"


def parse_since(written: str, now: int) -> int:
    """Give a moment in epoch milliseconds, `now` being one too; raise `BadInput`."""
    try:
        return _read(written.strip(), now)
    except (BadInput, ValueError, OverflowError):
        raise BadInput(
            f"--since = {written!r}: allowed is a date or a time (UTC without a zone) such as 2026-01-31, "
            "2026-01-31T10:00 or 2026-01-31T10:00:00+02:00, or so long ago: 24h, 7d"
        ) from None


def _read(text: str, now: int) -> int:
    if text[-1:] in _UNITS and (seconds := seconds_of(text, "--since")) is not None:
        return now - int(seconds * 1000)
    if "-" not in text:  # a bare number may be anything
        raise ValueError(text)
    return read_time(text)
