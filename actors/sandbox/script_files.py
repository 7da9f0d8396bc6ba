"""Scripts of prices: CSV files with lines ``seconds,price``."""

from __future__ import annotations

import csv
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path

from actors.sandbox.price_paths import ScriptedPrice
from engine.errors import BadInput

_HEADER = ["seconds", "price"]


def read_script(path: Path) -> list[ScriptedPrice]:
    """Read a script; a first line ``seconds,price`` is skipped, as are empty lines. Raises `BadInput`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise BadInput(f"--script = {str(path)!r}: {reason}; allowed: a CSV file of seconds,price") from None
    lines = [(number, row) for number, row in enumerate(csv.reader(text.splitlines()), 1) if row]
    if lines and [cell.strip().lower() for cell in lines[0][1]] == _HEADER:
        del lines[0]
    if not lines:
        raise BadInput(f"{path}: holds no prices; allowed: lines of seconds,price")
    prices = [_scripted(path, number, row) for number, row in lines]
    for (earlier, later), (number, _) in zip(pairwise(prices), lines[1:], strict=True):
        if later.seconds < earlier.seconds:
            raise BadInput(
                f"{path}, line {number}: seconds = {later.seconds:g} is before {earlier.seconds:g} of the line above; "
                "allowed: times that never go back"
            )
    return prices


def _scripted(path: Path, number: int, row: list[str]) -> ScriptedPrice:
    if len(row) != len(_HEADER):
        raise BadInput(f"{path}, line {number}: {','.join(row)!r} has {len(row)} columns; allowed: seconds,price")
    seconds = _number(path, number, "seconds", row[0])
    price = _number(path, number, "price", row[1])
    if seconds < 0:
        raise BadInput(f"{path}, line {number}: seconds = {row[0]!r}; allowed: a number from 0")
    if price <= 0:
        raise BadInput(f"{path}, line {number}: price = {row[1]!r}; allowed: a number above 0")
    return ScriptedPrice(float(seconds), price)


def _number(path: Path, line: int, key: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadInput(f"{path}, line {line}: {key} = {text!r}; allowed: a number")
    return number
