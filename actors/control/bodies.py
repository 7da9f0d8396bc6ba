"""What comes in with a request, read strictly: every key by name, every value by type."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Never

from attrs import frozen

from actors.control.questions import AskedInVain


@frozen
class SteerBody:
    """Hold what a wish says: `grids` empty for all, `seconds` None for no end."""

    grids: tuple[str, ...] = ()
    seconds: float | None = None
    wait: float = 30.0


def steer_body(content_type: str | None, body: bytes, *, may_last: bool) -> SteerBody:
    """Read a wish; `seconds` only where it `may_last`. Raises `AskedInVain`."""
    told = json_body(content_type, body, ("grids", "seconds", "wait") if may_last else ("grids", "wait"))
    grids = told.get("grids")
    if grids is not None and not (isinstance(grids, list) and all(isinstance(name, str) for name in grids) and grids):
        raise AskedInVain("grids: allowed: a list of names, or nothing for all grids")
    seconds = _number(told, "seconds") if told.get("seconds") is not None else None
    wait = _number(told, "wait") if "wait" in told else SteerBody().wait
    return SteerBody(tuple(grids or ()), seconds, wait)


def json_body(content_type: str | None, body: bytes, keys: Iterable[str]) -> Mapping[str, Any]:
    """Read an object that has none but these keys; raise `AskedInVain`."""
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise AskedInVain("Content-Type: allowed: application/json")
    try:
        told = json.loads(body.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise AskedInVain("the body is no JSON object; allowed: one such as {}") from None
    if not isinstance(told, dict):
        raise AskedInVain("the body is no JSON object; allowed: one such as {}")
    allowed = tuple(keys)
    for key in told:
        if key not in allowed:
            raise AskedInVain(f"{key[:40]!r} is no key here; allowed: {', '.join(allowed) or 'none'}")
    return told


def only(asked: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Refuse what else a query asks for, by name; raise `AskedInVain`."""
    known = tuple(allowed)
    for key in asked:
        if key not in known:
            raise AskedInVain(f"{key[:40]!r} is no key here; allowed: {', '.join(known) or 'none'}")


def whole_number(written: str | None, key: str) -> int | None:
    """Read a number of a query, None for none; raise `AskedInVain`."""
    if written is None:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= 9):
        raise AskedInVain(f"{key} = {written[:40]!r}: allowed: a whole number")
    return int(written)


def _number(told: Mapping[str, Any], key: str) -> float:
    value = told[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AskedInVain(f"{key}: allowed: a number")
    try:
        return float(value)
    except OverflowError:
        raise AskedInVain(f"{key}: allowed: a smaller number") from None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError("a key that is there twice")
    return told


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is no JSON")
