"""What a trade costs: a share of what is received, or the same worth of BNB at a discount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from attrs import frozen

from engine.values import ONE, SATOSHI, Market

THIRD: Final = "BNB"
_DISCOUNT: Final = Decimal("0.75")  # what is left to pay of a fee in BNB


@frozen(kw_only=True)
class Terms:
    """Say what trading costs and how many orders may be open.

    Fees are taken of what is received; with `pays_in_third` of BNB instead, a quarter off and at `third_price` (quote
    per BNB), as long as enough of it is free.
    """

    fee_rate: Decimal = Decimal("0.001")
    pays_in_third: bool = False
    third_price: Decimal = Decimal(500)
    max_open_orders: int = 200


class Fees:
    """Charge by the terms, in one market; to 8 decimals, half-up."""

    __slots__ = ("_market", "_terms")

    def __init__(self, market: Market, terms: Terms) -> None:
        self._market = market
        self._terms = terms

    def charge(self, *, is_buy: bool, price: Decimal, quantity: Decimal, free_third: Decimal) -> tuple[str, Decimal]:
        """Give asset and amount of a trade's fee; `free_third` is the BNB there is, the trade's own included."""
        terms, market = self._terms, self._market
        received = quantity if is_buy else price * quantity
        amount = received * terms.fee_rate
        if terms.pays_in_third:
            in_third = (amount * self._worth(price, is_buy=is_buy) * _DISCOUNT).quantize(SATOSHI, ROUND_HALF_UP)
            if in_third <= free_third:
                return THIRD, in_third
        return market.base if is_buy else market.quote, amount.quantize(SATOSHI, ROUND_HALF_UP)

    def _worth(self, price: Decimal, *, is_buy: bool) -> Decimal:
        """Give how many BNB one unit of what is received is worth."""
        market = self._market
        receives, pays = (market.base, market.quote) if is_buy else (market.quote, market.base)
        if receives == THIRD:
            return ONE
        if pays == THIRD:
            return price if is_buy else ONE / price
        return (price if is_buy else ONE) / self._terms.third_price
