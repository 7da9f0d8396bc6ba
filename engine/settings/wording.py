"""How values of a configuration are shown in messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

LONGEST = 60  # characters
WIDEST = 30  # digits left or right of the point that are still written out


def shown(value: Any) -> str:
    """Write a value as the user did, near enough: text in quotes, numbers without exponent, cut when long."""
    text = _written(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def kind(value: Any) -> str:
    """Name the type of a value in plain words."""
    if isinstance(value, bool):
        return "true or false"
    for types, words in _KINDS:
        if isinstance(value, types):
            return words
    return "null" if value is None else type(value).__name__


def _written(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return _plain(Decimal(value))
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, float) else f"({kind(value)})"


def _plain(number: Decimal) -> str:
    if not number.is_finite():
        return str(number)
    return f"{number:f}" if abs(number.adjusted()) <= WIDEST else f"{number:.3e}"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "text in quotes"),
    (int, "a whole number"),
    ((Decimal, float), "a number with a decimal point"),
    (Mapping, "a table"),
    ((list, tuple), "a list"),
    ((datetime, date), "a date"),
    (time, "a time"),
)
