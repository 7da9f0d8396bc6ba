"""Times and texts of a history, for people, programs and spreadsheets."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.candles.times import EPOCH

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def stamp(time: int) -> str:
    """Write epoch milliseconds as ISO 8601 UTC, always with milliseconds: ``2026-01-31T10:00:00.000Z``."""
    return (EPOCH + timedelta(milliseconds=time)).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def short_stamp(time: int) -> str:
    """Write the same as people read it, ``2026-01-31 10:00:00.000``."""
    return stamp(time).replace("T", " ").removesuffix("Z")


def shown(text: str) -> str:
    """Escape what a terminal would obey or could not show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def harmless(text: str | None) -> str:
    """Keep a spreadsheet from taking a text for a formula, by a quote before it; empty for none."""
    return f"'{text}" if text and text.startswith(_FORMULAS) else text or ""
