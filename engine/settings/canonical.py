"""One text per meaning: equal values read equal, however they were written."""

from __future__ import annotations

import json
from decimal import MAX_PREC, Context, Decimal
from typing import Any

from cattrs import Converter

_EXACT = Context(prec=MAX_PREC)  # else normalize() would round to 28 digits, and different numbers read equal


def canonical(value: Any) -> str:
    """Render as JSON with sorted keys; a key at its default is left out, so that a new key keeps old texts valid."""
    return json.dumps(_CONVERTER.unstructure(value), sort_keys=True, separators=(",", ":"))


def _number(value: Decimal) -> str:
    return str(value.normalize(_EXACT)) if value else "0"


def _converter() -> Converter:
    converter = Converter(omit_if_default=True)
    converter.register_unstructure_hook(Decimal, _number)
    return converter


_CONVERTER = _converter()
