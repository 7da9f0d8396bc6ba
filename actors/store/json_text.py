"""Values as JSON text: decimals exactly as they are, enums by value."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Final, TypeVar

from cattrs import Converter

T = TypeVar("T")


def to_json(value: Any) -> str:
    """Write a value as JSON in one line of ASCII."""
    return _ENCODER.encode(_CONVERTER.unstructure(value))


def from_json(text: str, kind: type[T]) -> T:
    """Read what `to_json` wrote of a value of this kind."""
    return _CONVERTER.structure(json.loads(text), kind)


def _converter() -> Converter:
    converter = Converter(detailed_validation=False)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook(Decimal, lambda text, _: Decimal(text))
    return converter


_CONVERTER: Final = _converter()
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))
