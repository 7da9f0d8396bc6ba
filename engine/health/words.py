"""Durations and sizes, as they are told to people."""

from __future__ import annotations

_SPANS = ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min"))
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"))


def span(seconds: float) -> str:
    """Write a duration in its largest unit: ``0.4 s``, ``75 s``, ``12 min``, ``3.5 h``, ``4 days``."""
    for unit, name in _SPANS:
        if seconds >= 2 * unit:
            return f"{_short(seconds / unit)} {name}"
    return f"{_short(seconds)} s"


def size(of_bytes: float) -> str:
    """Write so many bytes in their largest unit: ``0.3 MB``, ``412 MB``, ``1.2 GB``."""
    for unit, name in _SIZES:
        if abs(of_bytes) >= unit:
            return f"{_short(of_bytes / unit)} {name}"
    return f"{of_bytes / 1e6:.1f} MB"


def many(number: int, one: str, several: str = "") -> str:
    """Write a count: ``1 thread``, ``12 threads``."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {several or f'{one}s'}"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if abs(number) < 9.95 else f"{number:,.0f}"
