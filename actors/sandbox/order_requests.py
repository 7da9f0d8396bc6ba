"""From the parameters of a request to an order, by the rules that do not need the market."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

from actors.sandbox.parameters import Parameters
from engine.venue import refusals
from engine.venue.values import OrderRequest, OrderSide, OrderType, Refused, TimeInForce

ORDER_TYPES = get_args(OrderType)
_SIDES: tuple[OrderSide, ...] = get_args(OrderSide)
_TIMES: tuple[TimeInForce, ...] = get_args(TimeInForce)
_ELSEWHERE = {
    "STOP_LOSS": "Stop loss orders",
    "STOP_LOSS_LIMIT": "Stop loss limit orders",
    "TAKE_PROFIT": "Take profit orders",
    "TAKE_PROFIT_LIMIT": "Take profit limit orders",
}
_UNSUITABLE = {
    "LIMIT": ("quoteOrderQty",),
    "LIMIT_MAKER": ("timeInForce", "quoteOrderQty"),
    "MARKET": ("timeInForce", "price"),
}
_NEVER = ("stopPrice", "trailingDelta", "icebergQty")


def order_request(params: Parameters, symbol: str) -> OrderRequest:
    """Read an order; raises `Refused`."""
    side = _side(params)
    kind = _type(params)
    for name in (*_UNSUITABLE[kind], *_NEVER):
        if name in params:
            raise refusals.not_required(name)
    in_force = _time_in_force(params) if kind == "LIMIT" else None
    price = None if kind == "MARKET" else params.number("price")
    quantity, quote_quantity = _size(params, kind)
    return OrderRequest(
        symbol, side, kind, quantity, price, quote_quantity, in_force, params.client_id("newClientOrderId")
    )


def _side(params: Parameters) -> OrderSide:
    word = params.text("side")
    for side in _SIDES:
        if word == side:
            return side
    raise Refused(-1117, "Invalid side.")


def _type(params: Parameters) -> OrderType:
    word = params.text("type")
    kinds: tuple[OrderType, ...] = ORDER_TYPES
    for kind in kinds:
        if word == kind:
            return kind
    if word in _ELSEWHERE:
        raise Refused(-2010, f"{_ELSEWHERE[word]} are not supported for this symbol.")
    raise Refused(-1116, "Invalid orderType.")


def _time_in_force(params: Parameters) -> TimeInForce:
    word = params.text("timeInForce")
    for in_force in _TIMES:
        if word == in_force:
            return in_force
    raise Refused(-1115, "Invalid timeInForce.")


def _size(params: Parameters, kind: OrderType) -> tuple[Decimal | None, Decimal | None]:
    if kind != "MARKET":
        return params.number("quantity"), None
    quantity, quote_quantity = params.optional_number("quantity"), params.optional_number("quoteOrderQty")
    if quantity is None and quote_quantity is None:
        raise Refused(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")
    if quantity is not None and quote_quantity is not None:
        raise Refused(-1128, "Combination of optional parameters invalid.")
    return quantity, quote_quantity
