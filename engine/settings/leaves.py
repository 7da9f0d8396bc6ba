"""From a parsed TOML or JSON value to the type that its key has, and nothing that only looks like it."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, date, datetime
from datetime import time as clock
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cattrs import Converter

from engine.settings.choices import AlertKind
from engine.settings.wording import kind, shown

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")


class UnfitError(ValueError):
    """Say what the value must be instead."""


def convert(value: Any, wanted: Any) -> Any:
    """Turn a parsed value into `wanted`; raise `UnfitError` if that would take guessing."""
    return _CONVERTER.structure(value, wanted)


def choices(wanted: type[StrEnum]) -> str:
    """List what an enumeration allows."""
    return f"one of {', '.join(wanted)}"


def _number(value: Any, _: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise UnfitError(f"must be a number, not {kind(value)}")
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise UnfitError("must be a finite number")
    return number


def _seconds(value: Any, wanted: Any) -> float:
    return float(_number(value, wanted))


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnfitError(f"must be a whole number, not {kind(value)}")
    return value


def _switch(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise UnfitError(f"must be true or false, not {kind(value)}")
    return value


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise UnfitError(f"must be text in quotes, not {kind(value)}")
    return value


def _choice(value: Any, wanted: type[StrEnum]) -> StrEnum:
    try:
        return wanted(value)
    except ValueError:
        raise UnfitError(f"must be {choices(wanted)}") from None


def _alert_kinds(value: Any, _: Any) -> frozenset[AlertKind]:
    """Read a list of kinds, or the word for all of them."""
    if value == "all":
        return frozenset(AlertKind)
    if not isinstance(value, list | tuple):
        raise UnfitError(
            f'must be "all" or a list of alert kinds, such as ["order_filled", "error"], not {kind(value)}'
        )
    for name in value:
        if not isinstance(name, str) or name not in set(AlertKind):
            near = difflib.get_close_matches(name, list(AlertKind), n=1) if isinstance(name, str) else []
            advice = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(AlertKind)}"
            raise UnfitError(f"{shown(name)} is no kind of alert; {advice}")
    return frozenset(AlertKind(name) for name in value)


def _moment(value: Any, _: Any) -> datetime:
    """Read a date or time as UTC, which is also the zone of one that names none; a date alone is its midnight."""
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise UnfitError(f"must be a date that exists ({error})") from None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, clock())
    if not isinstance(value, datetime):
        raise UnfitError(
            "must be an ISO 8601 date or time, such as 2024-12-10, 2024-12-10T09:00:00Z or 2024-12-10 09:00"
        )
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise UnfitError("must be a date between the years 1 and 9999 in UTC") from None


def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook(Decimal, _number)
    converter.register_structure_hook(float, _seconds)
    converter.register_structure_hook(int, _whole)
    converter.register_structure_hook(bool, _switch)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(datetime, _moment)
    converter.register_structure_hook_func(lambda wanted: wanted == frozenset[AlertKind], _alert_kinds)
    converter.register_structure_hook(StrEnum, _choice)  # for all of them: hooks go by the nearest base class
    return converter


_CONVERTER = _converter()
