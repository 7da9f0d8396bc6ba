"""Configuration files: TOML, or JSON with the same keys."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import BadInput
from engine.settings import Settings
from engine.settings.structure import structure_settings


def load(path: Path) -> Settings:
    """Read a configuration; raise `BadInput` with every problem that it has."""
    return structure_settings(parse(path), str(path))


def parse(path: Path) -> Any:
    """Read a file as it stands, unchecked, with Decimal for every number that has a point or an exponent."""
    try:
        if path.exists() and not path.is_dir() and path.suffix.lower() not in _PARSERS:
            raise BadInput(f"{path}: ends in {path.suffix or 'nothing'!r}; a configuration ends in .toml or .json")
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}: {_REASONS.get(type(error)) or f'cannot be read: {error.strerror}'}") from None
    return _PARSERS[path.suffix.lower()](_decoded(content, path), path)


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        byte = f"{content[error.start]:#04x}"
        raise BadInput(f"{path}: is not UTF-8 text: byte {byte} (at line {line}, column {column})") from None


def _toml(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        message = str(error).replace("at end of document", f"at line {line}, column {column}, where the file ends")
        raise BadInput(f"{path}: is not valid TOML: {message}") from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; nesting without end
        raise BadInput(f"{path}: is not valid TOML: {error}") from None


def _json(text: str, path: Path) -> Any:
    try:
        # NaN and Infinity become decimals, which the keys then refuse by name
        return json.loads(text, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        where = f"at line {error.lineno}, column {error.colno}"
        raise BadInput(f"{path}: is not valid JSON: {error.msg} ({where})") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: is not valid JSON: {error}") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {json.dumps(repeated)} stands twice in one object")
    return table


_PARSERS: Mapping[str, Callable[[str, Path], Any]] = MappingProxyType({".toml": _toml, ".json": _json})
_REASONS: Mapping[type[OSError], str] = MappingProxyType(
    {
        FileNotFoundError: "does not exist",
        IsADirectoryError: "is a directory; give a .toml or .json file",
        PermissionError: "cannot be read: permission denied",
    }
)
