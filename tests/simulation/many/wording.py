"""How messages and addresses are written, each within one line."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from engine.effects import Address
from engine.messages import Owner
from engine.plain import plain

_LONGEST_ID, _LONGEST_TUPLE, _LONGEST_TEXT = 24, 3, 160


def short(address: str) -> str:
    """Name who lives at an address, without the grid: ``level/7`` of ``SOL/USDT/level/7``."""
    *before, last = address.split("/")
    return f"{before[-1]}/{last}" if before and last[:1].isdigit() else last


def words(message: Any) -> str:
    """Say a message: its name, and what is in it as ``field=value``, without what is empty."""
    if not attrs.has(type(message)):
        return _value(message) if not isinstance(message, str) else message
    said = _fields(message)
    return f"{type(message).__name__} {said}" if said else type(message).__name__


def _fields(message: Any) -> str:
    pairs = ((field.alias or field.name, getattr(message, field.name)) for field in attrs.fields(type(message)))
    return " ".join(f"{name}={_value(value)}" for name, value in pairs if not _is_empty(value))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | tuple) and not value)


def _value(value: object) -> str:
    """Write a value: decimals plainly, ids by their end, long tuples by their number."""
    match value:
        case Decimal():
            return plain(value) if value.is_finite() else str(value)
        case Enum():
            return str(value.value)
        case Address():
            return short(value)
        case str():
            return value if " " in value else _id(value)
        case float():
            return f"{value:g}"
        case Owner():
            return short(value.address)
        case tuple() | list() | frozenset() | set():
            return _several(list(value))
        case dict():
            return _several([f"{_value(key)}: {_value(one)}" for key, one in value.items()])
        case _ if attrs.has(type(value)):
            return f"({words(value)})"
        case BaseException():
            return f"{type(value).__name__}: {value}"
        case _:
            text = str(value)
            return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _id(value: str) -> str:
    """Shorten an id; a client order id begins with its grid's tag, which is the same for all: ``…7-3b0``."""
    tag, dash, rest = value.partition("-")
    if dash and "-" in rest and len(tag) > len(rest):
        return f"…{rest}"
    return value if len(value) <= _LONGEST_ID else f"…{value[-_LONGEST_ID // 2 :]}"


def _several(values: list[Any]) -> str:
    if len(values) > _LONGEST_TUPLE:
        kinds = sorted({type(value).__name__ for value in values})
        return f"[{len(values)} {'/'.join(kinds)}]"
    return f"[{', '.join(map(_value, values))}]"
