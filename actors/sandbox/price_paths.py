"""Where the market price goes by itself: a random walk, or a script. Pure; times are market seconds from the start."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from attrs import define, field, frozen

_DAY = 86_400.0  # seconds
_MOST_AT_ONCE = 100  # steps of a walk that are caught up with after a pause


class PricePath(Protocol):
    """Say which prices are due."""

    def due(self, elapsed: float, price: Decimal) -> Sequence[Decimal]:
        """Give the prices that the market, now at `price`, is to go to one after the other."""

    def next_time(self) -> float | None:
        """Tell when something is due again, None for never."""


@define
class Walk:
    """Walk at random: `volatility` is the typical move in a market day, as a share; a step every `step` seconds.

    `lowest` and `highest` bound it. It goes on from wherever somebody else has moved the market to, which is
    where the market is a `tick` or more away from what this walk said last.
    """

    random: random.Random
    volatility: float
    step: float
    tick: Decimal
    lowest: Decimal
    highest: Decimal
    _done: int = field(init=False, default=0)
    _at: float = field(init=False, default=0.0)
    _told: Decimal | None = field(init=False, default=None)

    def due(self, elapsed: float, price: Decimal) -> Sequence[Decimal]:
        """Give a price for each step that has become due."""
        steps = int(elapsed / self.step) - self._done
        self._done += max(0, steps)
        return [self._wander(price if number == 0 else None) for number in range(min(steps, _MOST_AT_ONCE))]

    def next_time(self) -> float:
        """Tell when the next step is due."""
        return (self._done + 1) * self.step

    def _wander(self, price: Decimal | None) -> Decimal:
        """Go one step, from `price` if that is not where this walk is, to within a tick."""
        if price is not None and (self._told is None or abs(price - self._told) >= self.tick):
            self._at = float(price)
        self._at *= math.exp(self.random.gauss(0.0, self.volatility * math.sqrt(self.step / _DAY)))
        self._at = min(max(self._at, float(self.lowest)), float(self.highest))
        self._told = Decimal(repr(self._at))
        return self._told


@frozen
class ScriptedPrice:
    """Be at `price` from `seconds` on."""

    seconds: float
    price: Decimal


@define
class Script:
    """Follow a script, then stay."""

    prices: Sequence[ScriptedPrice]
    _done: int = field(init=False, default=0)

    def due(self, elapsed: float, price: Decimal) -> Sequence[Decimal]:  # noqa: ARG002  a script knows where it is
        """Give every price that has become due."""
        first = self._done
        while self._done < len(self.prices) and self.prices[self._done].seconds <= elapsed:
            self._done += 1
        return [scripted.price for scripted in self.prices[first : self._done]]

    def next_time(self) -> float | None:
        """Tell when the next line is due."""
        return self.prices[self._done].seconds if self._done < len(self.prices) else None
