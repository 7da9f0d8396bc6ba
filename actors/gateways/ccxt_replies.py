"""Parts of an exchange's answers, read with suspicion: what is missing or odd is `Unusable`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from engine.calls import BalanceReport, FoundOrder, OrderReport, Place, TradeReport
from engine.values import ZERO


class Replies(Protocol):
    """Read the answer that has just come; `told` is what ccxt made of it."""

    def placed(self, told: Any, place: Place, price: str | None) -> tuple[OrderReport, tuple[TradeReport, ...]] | str:
        """Read the answer to a `place` that was sent with `price`; the order's id alone when that is all it tells."""

    def order(self, told: Any, client_order_id: str) -> OrderReport:
        """Read how the order that was asked for stands."""

    def cancelled(self, told: Any, client_order_id: str) -> OrderReport | None:
        """Read how a cancelled order stands; None when that is not told."""

    def open_orders(self, told: Any) -> tuple[OrderReport, ...]:
        """Read a list of orders."""

    def trades(self, told: Any) -> tuple[TradeReport, ...]:
        """Read a list of trades, oldest first."""

    def found(self, told: Any) -> tuple[FoundOrder, ...]:
        """Read all about the orders in a list."""

    def balances(self, told: Any) -> tuple[BalanceReport, ...]:
        """Read what there is of each asset that there is anything of."""


def body_of(client: Client) -> Any:
    """Give the newest answer as JSON; ccxt takes what is none for an empty one."""
    answer = client.wire.answer
    if answer is None:
        raise Unusable("no answer")
    try:
        return answer.json()
    except ValueError:
        raise Unusable(f"not JSON: {answer.text[:100]!r}") from None


def number(value: Any, name: str) -> Decimal:
    """Read a number that must be there."""
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise Unusable(f"{name} is {value!r}") from None
    if not read.is_finite():
        raise Unusable(f"{name} is {value!r}")
    return read


def money(value: Any, name: str) -> Decimal:
    """Read an amount or a price that must be there, 0 or more."""
    read = number(value, name)
    if read < 0:
        raise Unusable(f"{name} is {value!r}")
    return read


def positive(value: Any, name: str) -> Decimal:
    """Read an amount or a price that must be more than 0."""
    read = money(value, name)
    if not read:
        raise Unusable(f"{name} is {value!r}")
    return read


def word(value: Any, name: str) -> str:
    """Read an id that must be there."""
    if not isinstance(value, str | int) or not str(value):
        raise Unusable(f"{name} is {value!r}")
    return str(value)


def moment(value: Any, name: str) -> int:
    """Read an epoch time in milliseconds."""
    if not isinstance(value, int):
        raise Unusable(f"{name} is {value!r}")
    return value


def table(value: Any) -> Mapping[str, Any]:
    """Read what must be an object."""
    if not isinstance(value, dict):
        raise Unusable(f"no object but {str(value)[:100]!r}")
    return value


def rows(value: Any) -> Sequence[Mapping[str, Any]]:
    """Read what must be a list of objects."""
    if not isinstance(value, list):
        raise Unusable(f"no list but {str(value)[:100]!r}")
    return [table(row) for row in value]


def in_all(trades: Sequence[TradeReport]) -> Decimal:
    """Add up what was traded."""
    return sum((trade.quantity for trade in trades), ZERO)
