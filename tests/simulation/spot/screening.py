"""What refuses an order before the book is looked at, in the order and the words of the real thing.

First our own client, which sends nothing that it would have to round; then the exchange: its parameters, its filters.
Source of codes and texts: Binance Spot API documentation, "Errors" and "Filters".
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from engine.calls import Refusal, Refused
from engine.values import ONE, Market

_LEGAL_NAME: Final = re.compile(r"[a-zA-Z0-9\-_]{1,36}")
_LEGAL_AMOUNT: Final = r"([0-9]{1,20})(\.[0-9]{1,20})?"
_TOO_LARGE: Final = Decimal("1e16")  # from here on the exchange does not look at a number
_ILLEGIBLE: Final = Decimal("1e20")  # from here on it does not read it
_HIGHEST, _LOWEST = Decimal(5), Decimal("0.2")  # multiples of the market price that a limit may be


def _rules(code: int, text: str) -> Refused:
    return Refused(Refusal.RULES, f"{text} ({code})")


def _illegible(what: str, legal: str) -> Refused:
    return _rules(-1100, f"Illegal characters found in parameter '{what}'; legal range is '^{legal}$'.")


_PRICE_FAR: Final = _rules(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE")
_TOO_SMALL: Final = _rules(-1013, "Filter failure: LOT_SIZE")
_TOO_CHEAP: Final = _rules(-1013, "Filter failure: NOTIONAL")
_BAD_NAME: Final = _illegible("newClientOrderId", _LEGAL_NAME.pattern)
TOO_MANY: Final = _rules(-1013, "Filter failure: MAX_NUM_ORDERS")


class Screen:
    """Know one market's rules."""

    __slots__ = ("_market", "_min_amount", "_min_cost", "_step", "_tick")

    def __init__(self, market: Market) -> None:
        self._market = market
        self._tick, self._step = market.price_tick, market.amount_step
        self._min_amount, self._min_cost = market.min_amount, market.min_cost

    def limit_of_purchase(self, price: Decimal) -> Decimal:
        """Give the price that our client sends with a buy that trades at once: cut to the tick."""
        return price - price % self._tick if abs(price) < _TOO_LARGE else price

    def refusal(self, name: str, price: Decimal | None, quantity: Decimal, market_price: Decimal) -> Refused | None:
        """Say why an order is not taken, None when nothing here is against it; `price` None sells at any."""
        if not 0 < quantity < _TOO_LARGE or quantity % self._step:
            return self._odd(name, price, quantity)
        if price is None:
            cost = market_price * quantity
        else:
            if not 0 < price < _TOO_LARGE or price % self._tick:
                return self._odd(name, price, quantity)
            cost = price * quantity
        if not _LEGAL_NAME.fullmatch(name):
            return _BAD_NAME
        if quantity < self._min_amount:
            return _TOO_SMALL
        if cost < self._min_cost:
            return _TOO_CHEAP
        if price is not None and not market_price * _LOWEST <= price <= market_price * _HIGHEST:
            return _PRICE_FAR
        return None

    def _odd(self, name: str, price: Decimal | None, quantity: Decimal) -> Refused:
        """Refuse numbers that no order can have."""
        return self._not_sent(price, quantity) or self._not_read(name, price, quantity)

    def _not_sent(self, price: Decimal | None, quantity: Decimal) -> Refused | None:
        tick, step = self._tick, self._step
        if abs(quantity) < step:
            return self._vanished("amount", step)
        if price is not None and abs(price) < tick / 2:
            return self._vanished("price", tick)
        if abs(quantity) < _TOO_LARGE and quantity % step:
            return _would_round("quantity", quantity, quantity - quantity % step)
        if price is not None and abs(price) < _TOO_LARGE and price % tick:
            rounded = (price / tick).quantize(ONE, rounding=ROUND_HALF_UP) * tick
            return _would_round("price", price, rounded)
        return None

    def _vanished(self, what: str, least: Decimal) -> Refused:
        said = f"binance {what} of {self._market.pair} must be greater than minimum {what} precision of {_plain(least)}"
        return Refused(Refusal.RULES, f"not sent: {said}")

    def _not_read(self, name: str, price: Decimal | None, quantity: Decimal) -> Refused:
        sizes = (("price", price), ("quantity", quantity))
        for what, size in sizes:
            if size is not None and not 0 <= size < _ILLEGIBLE:
                return _illegible(what, _LEGAL_AMOUNT)
        if not _LEGAL_NAME.fullmatch(name):
            return _BAD_NAME
        what = "quantity" if quantity >= _TOO_LARGE else "price"
        return _rules(-1108, f"Parameter '{what}' overflowed.")


def _would_round(what: str, asked: Decimal, rounded: Decimal) -> Refused:
    wrong = f"{what} {asked:f} is not a multiple of what the market allows; nearest: {_plain(rounded)}; not sent"
    return Refused(Refusal.RULES, wrong)


def _plain(number: Decimal) -> str:
    """Write a number without exponent or trailing zeros."""
    return f"{number.normalize():f}"
