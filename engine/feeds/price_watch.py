"""Which prices somebody waits for, and who is told when the price gets there: once for each wish."""

from __future__ import annotations

from decimal import Decimal

from engine.addresses import GridAddresses
from engine.effects import Effect, Send
from engine.messages import PriceMoved, PriceReached, RangeEntered, WatchPrices, WatchRange

_NOTHING = WatchPrices(None, None)


class PriceWatch:
    """Watch the prices of one grid for its risk monitor and its grid manager."""

    def __init__(self, addresses: GridAddresses) -> None:
        """Watch nothing; there is no price yet."""
        self._risk_monitor = addresses.risk_monitor
        self._grid_manager = addresses.grid_manager
        self._prices = _NOTHING
        self._range: WatchRange | None = None
        self._newest: PriceMoved | None = None

    def watch_prices(self, wish: WatchPrices) -> list[Effect]:
        """Replace the thresholds; the price may be at or beyond one of them already."""
        self._prices = wish
        return [] if self._newest is None else self._reached(self._newest.price)

    def watch_range(self, wish: WatchRange) -> list[Effect]:
        """Replace the range; the price may be within it already."""
        self._range = wish
        return [] if self._newest is None else self._entered(self._newest)

    def passed(self, time: int, price: Decimal) -> list[Effect]:  # noqa: ARG002 as a path takes it
        """Take a price that the path has touched and already left: it reaches thresholds, and enters no range."""
        return self._reached(price)

    def moved(self, time: int, price: Decimal) -> list[Effect]:
        """Take the newest price."""
        self._newest = PriceMoved(time, price)
        return [*self._reached(price), *self._entered(self._newest)]

    def _reached(self, price: Decimal) -> list[Effect]:
        below, above = self._prices.below, self._prices.above
        if (below is None or price > below) and (above is None or price < above):
            return []
        self._prices = _NOTHING
        return [Send(self._risk_monitor, PriceReached(price))]

    def _entered(self, newest: PriceMoved) -> list[Effect]:
        wanted = self._range
        if wanted is None or not wanted.bottom <= newest.price <= wanted.top:
            return []
        self._range = None
        return [Send(self._grid_manager, RangeEntered(newest.time, newest.price))]
