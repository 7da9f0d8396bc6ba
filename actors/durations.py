"""Durations as people write them: ``90s``, ``15m``, ``8h``, ``2d``, or seconds without a unit."""

from __future__ import annotations

import re

from engine.errors import BadInput

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd]?)")


def seconds_of(written: str | None, option: str) -> float | None:
    """Give a duration in seconds, None for none; raise `BadInput` that names the `option`."""
    if written is None:
        return None
    match = _WRITTEN.fullmatch(written.strip())
    if match is None or not float(match[1]):
        raise BadInput(f"{option} = {written!r}: allowed is a duration above 0, such as 90s, 15m, 8h or 2d")
    return float(match[1]) * _SECONDS[match[2]]
