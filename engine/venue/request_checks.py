"""What is looked at before an order reaches the book: its parameters, then the symbol's filters."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.values import SATOSHI
from engine.venue import refusals
from engine.venue.values import OrderRequest, SymbolRules

LARGEST_EXPONENT = 15  # of 10, in a number that is still looked at: beyond, remainders have more digits than Decimal

_CLIENT_ID = re.compile(r"[a-zA-Z0-9_-]{1,36}", re.ASCII)


def check_parameters(request: OrderRequest) -> None:
    """Refuse parameters that are missing, or that do not belong to the order's type."""
    if request.client_order_id is not None and not _CLIENT_ID.fullmatch(request.client_order_id):
        raise refusals.illegal_client_id()
    if request.type == "MARKET":
        _check_market_parameters(request)
    else:
        _check_limit_parameters(request)
    for name, value in (
        ("quantity", request.quantity),
        ("price", request.price),
        ("quoteOrderQty", request.quote_quantity),
    ):
        if value is not None and value.adjusted() > LARGEST_EXPONENT:
            raise refusals.overflowed(name)
        if value is not None and value % SATOSHI:
            raise refusals.too_precise(name)


def _check_limit_parameters(request: OrderRequest) -> None:
    if request.type == "LIMIT" and request.time_in_force is None:
        raise refusals.missing("timeInForce")
    if request.type == "LIMIT_MAKER" and request.time_in_force is not None:
        raise refusals.not_required("timeInForce")
    if request.quantity is None:
        raise refusals.missing("quantity")
    if request.price is None:
        raise refusals.missing("price")
    if request.quote_quantity is not None:
        raise refusals.not_required("quoteOrderQty")


def _check_market_parameters(request: OrderRequest) -> None:
    if request.time_in_force is not None:
        raise refusals.not_required("timeInForce")
    if request.price is not None:
        raise refusals.not_required("price")
    if request.quantity is None and request.quote_quantity is None:
        raise refusals.missing("quantity")
    if request.quantity is not None and request.quote_quantity is not None:
        raise refusals.not_required("quoteOrderQty")


def check_filters(rules: SymbolRules, request: OrderRequest, market_price: Decimal) -> None:
    """Refuse a price or a size that the symbol does not allow; a market order is valued at the market price."""
    if request.price is not None:
        _check_price(rules, request.price)
    price = market_price if request.price is None else request.price
    if request.quantity is not None:
        quantity = request.quantity
        _check_lot(rules, quantity)
        if quantity % rules.amount_step:
            raise refusals.filter_failure("LOT_SIZE")
        notional = price * quantity
    else:
        assert request.quote_quantity is not None
        notional = request.quote_quantity
        _check_lot(rules, notional / price // rules.amount_step * rules.amount_step)
    if notional < rules.min_notional:
        raise refusals.filter_failure("NOTIONAL")
    if request.price is not None and not _is_near(rules, request.price, market_price):
        raise refusals.filter_failure("PERCENT_PRICE_BY_SIDE")


def _check_price(rules: SymbolRules, price: Decimal) -> None:
    too_high = rules.max_price and price > rules.max_price
    if price <= 0 or price < rules.min_price or too_high or price % rules.price_tick:
        raise refusals.filter_failure("PRICE_FILTER")


def _check_lot(rules: SymbolRules, quantity: Decimal) -> None:
    too_large = rules.max_amount and quantity > rules.max_amount
    if quantity <= 0 or quantity < rules.min_amount or too_large:
        raise refusals.filter_failure("LOT_SIZE")


def _is_near(rules: SymbolRules, price: Decimal, market_price: Decimal) -> bool:
    """Tell whether a limit price is within the multiples of the market price; 0 switches a bound off."""
    if rules.percent_up and price > market_price * rules.percent_up:
        return False
    return price >= market_price * rules.percent_down
