"""The plan that a grid armed with, found again by the first orders of its levels."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from engine.grid import GridRules, Plan
from engine.plain import plain
from engine.recovery.explaining import First, explain
from engine.recovery.own_orders import CannotRebuild, OwnOrder
from engine.values import ONE, SATOSHI, ZERO, Side


def plan_of(rules: GridRules, quote: Decimal, base: Decimal, orders: Sequence[OwnOrder]) -> Plan:
    """Find the plan that `orders`, all of one run and oldest first, began with; raise `CannotRebuild`."""
    purchase = next((order for order in orders if order.name.level is None and order.name.side is Side.BUY), None)
    plan = explain(rules, quote, base, _firsts(orders), None if purchase is None else _armed_near(rules, purchase))
    if plan is None:
        market = rules.market
        raise CannotRebuild(
            f"no grid of this configuration begins with {plain(quote)} {market.quote} and {plain(base)} {market.base} "
            f"as this one did, at any price: order {orders[0].client_order_id} and those that followed"
        )
    return plan


def check_levels(plan: Plan, orders: Sequence[OwnOrder]) -> None:
    """Raise `CannotRebuild` when an order is of no level of the plan, or not at its price."""
    prices = {level.slot: {Side.BUY: level.low, Side.SELL: level.high} for level in plan.levels}
    for order in orders:
        name, found = order.name, order.found
        if name.level is None:
            continue
        price = prices.get(name.slot, {}).get(name.side)
        if price is None:
            raise CannotRebuild(f"order {found.client_order_id} is of level {name.slot}, which the grid does not have")
        if price != found.price:
            raise CannotRebuild(
                f"order {found.client_order_id} is at {plain(found.price)}, and its level orders at {plain(price)}"
            )


def _firsts(orders: Sequence[OwnOrder]) -> dict[str, First]:
    """Give the first order of each owner; those that were refused before were for the same."""
    firsts: dict[str, First] = {}
    for order in orders:
        name = order.name
        if name.slot in firsts or (name.level is None and name.side is Side.SELL) or not order.found.quantity:
            continue
        if name.level is None or name.cycle == 0:
            firsts[name.slot] = (name.side, order.found.quantity)
    return firsts


def _armed_near(rules: GridRules, purchase: OwnOrder) -> Decimal | None:
    """Take the price from what the purchase was to cost at worst, which an exchange may have got cut to the tick."""
    tick, worst = rules.market.price_tick, purchase.found.price
    ticks = (worst / (ONE + rules.slippage) / tick).quantize(SATOSHI).to_integral_value(ROUND_CEILING)
    return ticks * tick if worst > ZERO else None
