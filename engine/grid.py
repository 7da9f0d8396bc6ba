"""The ladder and the plan: level prices, roles, sizes, the initial purchase."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from attrs import frozen

from engine.settings.choices import GridType, InitialPurchase, Spacing
from engine.values import ONE, ZERO, Fees, Market, Side


class LevelsCollide(ValueError):
    """Two levels round to the same price."""


@frozen
class PlannedLevel:
    """Plan one level: the interval [low, high], the side it arms on and its first order.

    `slot` is ``"7"``, or ``"7b"`` for the second level of a hedged interval. `quantity` may be 0: idle.
    """

    slot: str
    index: int
    low: Decimal
    high: Decimal
    side: Side
    quantity: Decimal

    @property
    def price(self) -> Decimal:
        """Give the price of its first order."""
        return self.low if self.side is Side.BUY else self.high


@frozen
class GridRules:
    """Hold what a grid is made of: the configuration's choices, the market's and the exchange's rules."""

    type: GridType
    spacing: Spacing
    num_grids: int
    bottom: Decimal
    top: Decimal
    buy_ratio: Decimal
    sell_ratio: Decimal
    initial_purchase: InitialPurchase
    slippage: Decimal
    market: Market
    fees: Fees


@frozen
class Plan:
    """Hold what a grid does when it arms at `price`; levels come in placement order.

    `purchase` is the base to buy at market (0 for none), at `purchase_price` at worst.
    """

    price: Decimal
    prices: tuple[Decimal, ...]
    levels: tuple[PlannedLevel, ...]
    unit: Decimal
    purchase: Decimal
    purchase_price: Decimal


def level_prices(rules: GridRules) -> tuple[Decimal, ...]:
    """Give the n prices of the ladder, ascending, on the tick; raise `LevelsCollide` when two round to one."""
    steps = rules.num_grids - 1
    width, ratio = rules.top - rules.bottom, rules.top / rules.bottom
    if rules.spacing is Spacing.ARITHMETIC:
        exact = [rules.bottom + i * width / steps for i in range(rules.num_grids)]
    else:
        exact = [rules.bottom * ratio ** (Decimal(i) / steps) for i in range(rules.num_grids)]
    prices = tuple(rules.market.round_price(price) for price in exact)
    for lower, upper in pairwise(prices):
        if lower >= upper:
            raise LevelsCollide(f"two levels round to the price {lower:f}")
    if prices[0] <= ZERO:
        raise LevelsCollide("the lowest level rounds to the price 0")
    return prices


def make_plan(rules: GridRules, price: Decimal, quote: Decimal, base: Decimal) -> Plan:
    """Plan the arming at `price` with `quote` and `base` in hand.

    Raises `LevelsCollide`. The source of every formula is the design's "Initial purchase and size".
    """
    prices = level_prices(rules)
    roles = list(_roles(rules, prices, price))
    capital = quote + base * price
    purchase_price = price * (ONE + rules.slippage)
    market = rules.market
    if rules.initial_purchase is InitialPurchase.EXACT:
        unit = capital / _cost_of_one_unit(rules, prices, roles, purchase_price)
    else:
        unit = capital / rules.num_grids / price
    quantity = {
        Side.BUY: market.floor_amount(unit * rules.buy_ratio),
        Side.SELL: market.floor_amount(unit * rules.sell_ratio),
    }
    sellers = sum(side is Side.SELL for _, _, side in roles)
    purchase = market.floor_amount(
        max(_purchase(rules, capital, purchase_price, sellers * quantity[Side.SELL]) - base, ZERO)
    )
    if not market.accepts(price, purchase):
        purchase = ZERO
    levels = [
        PlannedLevel(slot, index, prices[index], prices[index + 1], side, quantity[side]) for slot, index, side in roles
    ]
    levels.sort(key=lambda level: (abs(level.price - price), level.index, level.side is Side.SELL))
    return Plan(price, prices, tuple(levels), unit, purchase, purchase_price)


def _roles(rules: GridRules, prices: tuple[Decimal, ...], price: Decimal) -> Iterator[tuple[str, int, Side]]:
    """Give each level's slot, index and arming side; both sides for the level that a hedged grid is inside of."""
    for index, (low, high) in enumerate(pairwise(prices)):
        slot = str(index)
        if high <= price:
            yield slot, index, Side.BUY
        elif low >= price:
            yield slot, index, Side.SELL
        elif rules.type is GridType.HEDGED_GRID:
            yield slot, index, Side.BUY
            yield f"{slot}b", index, Side.SELL
        else:
            # The price nearest to the market is the one left empty.
            yield slot, index, Side.BUY if price - low >= high - price else Side.SELL


def _cost_of_one_unit(
    rules: GridRules, prices: tuple[Decimal, ...], roles: list[tuple[str, int, Side]], purchase_price: Decimal
) -> Decimal:
    """Give what a unit of 1 would cost: every buyer's order and the purchase of what every seller sells."""
    fee = rules.fees.rate
    buyers = sum((prices[index] * rules.buy_ratio for _, index, side in roles if side is Side.BUY), ZERO)
    sellers = sum(side is Side.SELL for _, _, side in roles) * rules.sell_ratio * purchase_price
    if rules.fees.in_received:
        return buyers + sellers * (ONE / (ONE - fee))
    return (buyers + sellers) * (ONE + fee)


def _purchase(rules: GridRules, capital: Decimal, purchase_price: Decimal, to_sell: Decimal) -> Decimal:
    """Give the base that the grid is to hold when it arms, fees to be taken from it included."""
    if rules.initial_purchase is InitialPurchase.HALF:
        return capital / 2 / purchase_price
    if rules.initial_purchase is InitialPurchase.EXACT:
        return to_sell / (ONE - rules.fees.rate) if rules.fees.in_received else to_sell
    return ZERO
