"""The house: it quotes around the market price of one symbol, as deep as it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from engine.venue.market_data import PriceLevel
from engine.venue.values import OrderSide, SymbolRules

LEVELS = 200  # prices that are quoted on each side
_UNBOUNDED = Decimal("Infinity")
_MASK = (1 << 64) - 1


class House:
    """Offer on both sides; what is taken from a quote is there again at once, unless liquidity is bounded."""

    def __init__(self, rules: SymbolRules, price: Decimal, seed: int) -> None:
        """Quote sizes that depend on `seed` and on the price they stand at."""
        self._rules, self._seed = rules, seed
        self.usual_notional = rules.min_notional or price * (rules.min_amount or 1000 * rules.amount_step)
        self._steps_a_level = max(1, int(100_000 * self.usual_notional / price / rules.amount_step))
        self._liquidity: Decimal | None = None
        self._left: dict[OrderSide, Decimal] = {}
        self.bound(None)

    def bound(self, quantity: Decimal | None) -> None:
        """Trade at most `quantity` on each side between two moves of the price; None for no bound."""
        self._liquidity = quantity
        self.requote()

    def requote(self) -> None:
        """Offer all again."""
        everything = _UNBOUNDED if self._liquidity is None else self._liquidity
        self._left = {"BUY": everything, "SELL": everything}

    def take(self, side: OrderSide, quantity: Decimal) -> None:
        """Note that a taker on `side` traded with the house."""
        self._left[side] -= quantity

    def offers(self, side: OrderSide, price: Decimal, limit: Decimal | None) -> Iterator[PriceLevel]:
        """Give what a taker on `side` finds, best first, while the market is at `price`.

        A market order, or a limit order at exactly the market price, trades at that price; a limit order beyond it
        takes the quotes up to its limit.
        """
        if limit is None or limit == price:
            if self._left[side] > 0:
                yield PriceLevel(price, self._left[side])
            return
        for level in self.quotes(side, price):
            if level.price > limit if side == "BUY" else level.price < limit:
                return
            yield level

    def quotes(self, side: OrderSide, price: Decimal) -> Iterator[PriceLevel]:
        """Give the quotes that takers on `side` see (asks for BUY), best first."""
        tick, left = self._rules.price_tick, self._left[side]
        quote = price
        for _ in range(LEVELS):
            quote += tick if side == "BUY" else -tick
            if left <= 0 or quote <= 0:
                return
            quantity = min(left, self._size(side, quote))
            left -= quantity
            yield PriceLevel(quote, quantity)

    def _size(self, side: OrderSide, quote: Decimal) -> Decimal:
        """Give the size at a price, half to one and a half times the usual, the same at every call."""
        drawn = _mixed(int(quote / self._rules.price_tick) * 2 + (side == "BUY") + self._seed * 0x9E3779B97F4A7C15)
        return (self._steps_a_level // 2 + drawn % self._steps_a_level + 1) * self._rules.amount_step


def _mixed(number: int) -> int:
    """Scatter a number over 64 bits (the finalizer of splitmix64)."""
    number &= _MASK
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ number >> 27) * 0x94D049BB133111EB & _MASK
    return number ^ number >> 31
