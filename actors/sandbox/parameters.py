"""Parameters of a request: text in, values out, and Binance's words for what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.venue import refusals
from engine.venue.values import Refused

_AMOUNT = re.compile(r"([0-9]{1,20})(\.[0-9]{1,20})?")
_WHOLE = re.compile(r"[0-9]{1,20}")
_CLIENT_ID = re.compile(r"[a-zA-Z0-9\-_]{1,36}")
_SYMBOL = re.compile(r"[A-Z0-9\-_.]{1,20}")


class Parameters:
    """Read one request's parameters; every reader raises `Refused` with the code that Binance gives."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params

    def __contains__(self, name: str) -> bool:
        return name in self._params

    def optional(self, name: str) -> str | None:
        """Give a parameter as it was sent, None when it was not; an empty one is refused."""
        value = self._params.get(name)
        if value == "":
            raise Refused(-1105, f"Parameter '{name}' was empty.")
        return value

    def text(self, name: str) -> str:
        """Give a parameter that must be there."""
        value = self._params.get(name)
        if not value:
            raise refusals.missing(name)
        return value

    def whole(self, name: str) -> int:
        """Give a whole number that must be there."""
        self.text(name)
        number = self.optional_whole(name)
        assert number is not None
        return number

    def optional_whole(self, name: str) -> int | None:
        """Give a whole number, None when it was not sent."""
        value = self.optional(name)
        if value is None:
            return None
        return int(_legal(name, value, _WHOLE))

    def number(self, name: str, places: int = 8) -> Decimal:
        """Give a decimal number that must be there."""
        self.text(name)
        number = self.optional_number(name, places)
        assert number is not None
        return number

    def optional_number(self, name: str, places: int = 8) -> Decimal | None:
        """Give a decimal number of at most `places` decimals, None when it was not sent."""
        value = self.optional(name)
        if value is None:
            return None
        _legal(name, value, _AMOUNT)
        if len(value.partition(".")[2].rstrip("0")) > places:
            raise refusals.too_precise(name)
        return Decimal(value)

    def choice(self, name: str, allowed: Iterable[str], refusal: Refused) -> str:
        """Give one of the allowed words, else raise `refusal`; missing is -1102."""
        value = self.text(name)
        if value not in allowed:
            raise refusal
        return value

    def client_id(self, name: str) -> str | None:
        """Give a legal client order id, None when it was not sent."""
        value = self.optional(name)
        return None if value is None else _legal(name, value, _CLIENT_ID)

    def symbol(self, known: Iterable[str]) -> str:
        """Give a symbol that is listed."""
        symbol = self.optional_symbol(known)
        return self.text("symbol") if symbol is None else symbol

    def optional_symbol(self, known: Iterable[str]) -> str | None:
        """Give a symbol that is listed, None when none was sent."""
        value = self.optional("symbol")
        return None if value is None else _listed(_legal("symbol", value, _SYMBOL), known)

    def symbols(self, known: Iterable[str]) -> list[str] | None:
        """Give the symbols of ``symbols=["A","B"]``, None when there are none sent."""
        value = self.optional("symbols")
        if value is None:
            return None
        try:
            names = json.loads(value)
        except ValueError:
            names = None
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise Refused(-1100, "Illegal characters found in parameter 'symbols'; legal range is '[\"A\",\"B\"]'.")
        if "symbol" in self:
            raise Refused(-1128, "Combination of optional parameters invalid.")
        return [_listed(name, known) for name in names]

    def limit(self, default: int = 500, most: int = 1000) -> int:
        """Give how many rows are wanted; more than `most` counts as `most`."""
        limit = self.optional_whole("limit")
        if limit == 0:
            raise Refused(-1130, "Data sent for parameter 'limit' is not valid.")
        return min(default if limit is None else limit, most)


def as_text(params: Mapping[str, Any]) -> dict[str, str]:
    """Give JSON parameters as the text that REST would carry and that is signed; absent ones (null) left out.

    Parse the JSON with ``parse_float=str, parse_int=str``, so that numbers stay as they were written.
    """
    return {name: _text(value) for name, value in params.items() if value is not None}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":"))


def _legal(name: str, value: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(value):
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^{pattern.pattern}$'.")
    return value


def _listed(symbol: str, known: Iterable[str]) -> str:
    if symbol not in known:
        raise refusals.invalid_symbol()
    return symbol
