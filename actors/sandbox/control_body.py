"""Requests to control the sandbox: who may send one, and what is in its body."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from actors.sandbox.http_server import Request

_WIDEST = 30  # digits of a number that is still an amount of something


class WrongBody(ValueError):
    """Name a field, its value and what is allowed."""


class Body:
    """Read the fields of a JSON object; every reader raises `WrongBody`."""

    def __init__(self, posted: Any) -> None:
        if not isinstance(posted, Mapping):
            raise WrongBody("the body must be a JSON object")
        self._posted = posted

    def __contains__(self, name: str) -> bool:
        return name in self._posted

    def text(self, name: str) -> str:
        """Give a text that is not empty."""
        value = self._posted.get(name)
        if not isinstance(value, str) or not value:
            raise _wrong(name, value, "a text")
        return value

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Give one of the allowed words."""
        value = self._posted.get(name)
        if value not in allowed:
            raise _wrong(name, value, ", ".join(allowed))
        return str(value)

    def symbol(self, known: Collection[str]) -> str:
        """Give a symbol that is traded; ``SOL/USDT`` names SOLUSDT."""
        symbol = self.text("symbol").replace("/", "")
        if symbol not in known:
            raise _wrong("symbol", self._posted["symbol"], ", ".join(known))
        return symbol

    def number(self, name: str) -> Decimal:
        """Give a decimal number, sent as a text or as a number."""
        return _number(name, self._posted.get(name))

    def positive(self, name: str) -> Decimal:
        """Give a number above 0."""
        number = self.number(name)
        if number <= 0:
            raise _wrong(name, self._posted[name], "a number above 0")
        return number

    def positive_or_null(self, name: str) -> Decimal | None:
        """Give a number from 0, None for null."""
        if name in self and self._posted[name] is None:
            return None
        number = self.number(name)
        if number < 0:
            raise _wrong(name, self._posted[name], "a number from 0, or null")
        return number

    def whole(self, name: str) -> int:
        """Give a whole number."""
        value = self._posted.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong(name, value, "a whole number")
        return value

    def amounts(self, name: str) -> dict[str, Decimal]:
        """Give amounts by asset."""
        value = self._posted.get(name)
        if not isinstance(value, Mapping):
            raise _wrong(name, value, 'an object such as {"USDT": "1000"}')
        amounts = {str(asset): _number(f"{name}.{asset}", amount) for asset, amount in value.items()}
        for asset, amount in amounts.items():
            if amount < 0:
                raise _wrong(f"{name}.{asset}", amount, "a number from 0")
        return amounts


def parsed(body: bytes, decimals: Callable[[str], Any] = Decimal) -> Any:
    """Read a JSON body, its decimals exactly where not told otherwise; raises `WrongBody`."""
    try:
        return json.loads(body or b"{}", parse_float=decimals)
    except ValueError:
        raise WrongBody("the body must be JSON") from None


def is_local(request: Request) -> bool:
    """Tell whether a request comes from a program on this machine, and not through a web page in its browser."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return _is_loopback(request.address) and _is_loopback(host) and "origin" not in request.headers


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _number(name: str, value: Any) -> Decimal:
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and abs(number.adjusted()) < _WIDEST:
            return number
    raise _wrong(name, value, "a decimal number")


def _wrong(name: str, value: Any, allowed: str) -> WrongBody:
    shown = "(nothing)" if value is None else repr(str(value)[:60])
    return WrongBody(f"{name} = {shown}: allowed is {allowed}")
