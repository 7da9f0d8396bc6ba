"""Which offers an order takes on arrival, decided before anything is done."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from engine.values import ZERO
from engine.venue import refusals
from engine.venue.market import Market, Offer
from engine.venue.values import OrderRequest


@frozen
class Plan:
    """Say what an order takes, what it keeps locked meanwhile, and how large it is.

    `is_complete` when nothing of it is left after that.
    """

    takes: tuple[Offer, ...]
    reserve: Decimal
    quantity: Decimal
    is_complete: bool


def plan_limit(market: Market, request: OrderRequest) -> Plan:
    """Plan a limit order; one that must not take is refused, and FOK takes all or nothing."""
    price, quantity = request.price, request.quantity
    assert price is not None
    assert quantity is not None
    takes = _take(market, request, quantity)
    if takes and request.type == "LIMIT_MAKER":
        raise refusals.would_match()
    is_complete = _quantity(takes) == quantity
    if request.time_in_force == "FOK" and not is_complete:
        takes = ()
    return Plan(takes, price * quantity if request.side == "BUY" else quantity, quantity, is_complete)


def plan_market(market: Market, request: OrderRequest) -> Plan:
    """Plan a market order; it must be able to pay for all it asks for, also where there is less to be had."""
    if request.quantity is None:
        return _plan_by_quote(market, request)
    takes = _take(market, request, request.quantity)
    missing = request.quantity - _quantity(takes)
    cost = _cost(takes) + missing * market.price
    reserve = cost if request.side == "BUY" else request.quantity
    return Plan(takes, reserve, request.quantity, is_complete=not missing)


def _plan_by_quote(market: Market, request: OrderRequest) -> Plan:
    """Plan to spend or to earn an amount of quote, with the quantity rounded down to the step."""
    assert request.quote_quantity is not None
    left, takes = request.quote_quantity, []
    price = market.price
    for offer in market.offers(request.side, None):
        price = offer.price
        quantity = min(offer.quantity, market.on_step(left / price))
        if not quantity:
            break
        takes.append(Offer(price, quantity, offer.maker))
        left -= price * quantity
    missing = market.on_step(left / price)
    size = _quantity(tuple(takes)) + missing
    reserve = request.quote_quantity if request.side == "BUY" else size
    return Plan(tuple(takes), reserve, size, is_complete=not missing)


def _take(market: Market, request: OrderRequest, quantity: Decimal) -> tuple[Offer, ...]:
    takes, left = [], quantity
    for offer in market.offers(request.side, request.price):
        if not left:
            break
        taken = min(left, offer.quantity)
        takes.append(Offer(offer.price, taken, offer.maker))
        left -= taken
    return tuple(takes)


def _quantity(takes: tuple[Offer, ...]) -> Decimal:
    return sum((offer.quantity for offer in takes), ZERO)


def _cost(takes: tuple[Offer, ...]) -> Decimal:
    return sum((offer.price * offer.quantity for offer in takes), ZERO)
