"""Which prices to believe: none that cannot be one, and no great jump before others have confirmed it."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, frozen

from engine.plain import plain
from engine.values import ZERO


@frozen
class Doubts:
    """Bound what is believed at once, and say what convinces.

    A price further than the share `jump` from the last accepted one is suspect until `ticks` prices in a row, each
    no further than that from the one before, have come over at least `over` milliseconds of the exchange's time.
    """

    jump: Decimal = Decimal("0.2")
    ticks: int = 3
    over: int = 2_000


@define
class _Suspect:
    since: int
    price: Decimal
    ticks: int = 1


class PriceSanity:
    """Accept prices one by one; while one is refused, the last accepted one stands."""

    def __init__(self, doubts: Doubts) -> None:
        """Begin without a price: the first one that can be a price is accepted."""
        self._doubts = doubts
        self._suspect: _Suspect | None = None
        self.accepted: Decimal | None = None
        self.trouble: str | None = None

    def accepts(self, time: int, price: Decimal) -> bool:
        """Decide on the newest price; `trouble` says why one is refused."""
        if not can_be_price(price):
            self._suspect = None
            self.trouble = f"the exchange tells a price of {price}: not acted on"
            return False
        if not self.is_near(price) and not self._is_confirmed(time, price):
            assert self.accepted is not None
            percent = plain(self._doubts.jump * 100)
            self.trouble = (
                f"the price jumped from {plain(self.accepted)} to {plain(price)}, by more than {percent} % at once: "
                "not acted on until it is confirmed"
            )
            return False
        self.accepted, self._suspect, self.trouble = price, None, None
        return True

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether a jump waits to be confirmed."""
        return self._suspect is not None

    def is_near(self, price: Decimal) -> bool:
        """Tell whether a price is one, and no jump away from the last accepted one; changes nothing."""
        return can_be_price(price) and (self.accepted is None or self._no_jump(self.accepted, price))

    def _is_confirmed(self, time: int, price: Decimal) -> bool:
        suspect = self._suspect
        if suspect is None or not self._no_jump(suspect.price, price):
            self._suspect = _Suspect(time, price)
            return False
        suspect.price = price
        suspect.ticks += 1
        suspect.since = min(suspect.since, time)  # not all times are of one clock, and clocks are set
        return suspect.ticks >= self._doubts.ticks and time - suspect.since >= self._doubts.over

    def _no_jump(self, before: Decimal, after: Decimal) -> bool:
        return abs(after - before) <= self._doubts.jump * before


def can_be_price(price: Decimal) -> bool:
    """Tell whether this is a price at all; some exchanges tell 0 while a market is halted."""
    return price.is_finite() and price > ZERO
