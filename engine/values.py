"""Money, sides and market rules: the values every behaviour shares."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from attrs import frozen

ZERO = Decimal(0)
ONE = Decimal(1)
SATOSHI = Decimal("1e-8")  # the unit that fees are rounded to, and the default tick and step


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"


class Kind(StrEnum):
    """Whether an order names its price."""

    LIMIT = "limit"
    MARKET = "market"


@frozen
class Market:
    """Know one pair's rules: tick and step in units of price and quantity, minimums 0 when there are none."""

    base: str
    quote: str
    price_tick: Decimal = SATOSHI
    amount_step: Decimal = SATOSHI
    min_amount: Decimal = ZERO
    min_cost: Decimal = ZERO

    @property
    def pair(self) -> str:
        """Name the pair, ``SOL/USDT``."""
        return f"{self.base}/{self.quote}"

    def round_price(self, price: Decimal) -> Decimal:
        """Round half-even to the tick."""
        return (price / self.price_tick).quantize(ONE) * self.price_tick

    def floor_amount(self, amount: Decimal) -> Decimal:
        """Round down to the step."""
        return amount // self.amount_step * self.amount_step

    def accepts(self, price: Decimal, quantity: Decimal) -> bool:
        """Tell whether an order of this size reaches the market's minimums."""
        return quantity >= self.min_amount and price * quantity >= self.min_cost


@frozen
class Fees:
    """Charge `rate` on every trade, in quote, or in what is received (base for a buy).

    `margin`, in quote, is set aside beyond the fee of a buy: an exchange that fills in parts may round each part's up.
    """

    rate: Decimal
    in_received: bool = False
    margin: Decimal = ZERO

    def on(self, side: Side, price: Decimal, quantity: Decimal) -> Decimal:
        """Give the fee of a trade, in the asset that `asset` names, half-even to 8 decimals."""
        if self.in_received and side is Side.BUY:
            return (quantity * self.rate).quantize(SATOSHI)
        return (price * quantity * self.rate).quantize(SATOSHI)

    def asset(self, side: Side, market: Market) -> str:
        """Name the asset that a trade's fee is taken in."""
        return market.base if self.in_received and side is Side.BUY else market.quote

    def need(self, side: Side, price: Decimal, quantity: Decimal) -> Decimal:
        """Give what an order reserves: quote for a buy (with its fee if that is in quote), base for a sell."""
        if side is Side.SELL:
            return quantity
        cost = price * quantity
        return cost if self.in_received else cost + (cost * self.rate).quantize(SATOSHI) + self.margin
