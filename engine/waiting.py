"""Wishes that wait for funds, and the cheapest of each side."""

from __future__ import annotations

import heapq
from decimal import Decimal

from engine.messages import PlaceOrder
from engine.values import Market, Side

_Key = tuple[str, Side]


class WaitingWishes:
    """Keep what could not be funded, one wish a slot and side.

    A wish under the market's minimums waits too, but no money can serve it.
    """

    def __init__(self, market: Market) -> None:
        """Start empty."""
        self._market = market
        self._wishes: dict[_Key, PlaceOrder] = {}
        self._fundable: dict[_Key, tuple[PlaceOrder, Decimal]] = {}
        self._cheapest: dict[Side, list[tuple[Decimal, str]]] = {Side.BUY: [], Side.SELL: []}

    def __len__(self) -> int:
        return len(self._wishes)

    def __contains__(self, key: _Key) -> bool:
        return key in self._wishes

    def add(self, wish: PlaceOrder, need: Decimal) -> None:
        """Keep `wish`, which would reserve `need`."""
        key = (wish.owner.slot, wish.side)
        self._wishes[key] = wish
        if self._market.accepts(wish.price, wish.quantity):
            self._fundable[key] = (wish, need)
            heapq.heappush(self._cheapest[wish.side], (need, wish.owner.slot))

    def remove(self, wish: PlaceOrder) -> None:
        """Forget `wish`, which has been funded."""
        key = (wish.owner.slot, wish.side)
        del self._wishes[key]
        del self._fundable[key]

    def any_within(self, quote: Decimal, base: Decimal) -> bool:
        """Tell whether the cheapest wish of either side is within the free money."""
        return self._is_within(Side.BUY, quote) or self._is_within(Side.SELL, base)

    def nearest_first(self, price: Decimal) -> list[tuple[PlaceOrder, Decimal]]:
        """Give the wishes that money can serve with their needs: nearest to `price`, lower level, buyer first."""

        def rank(entry: tuple[PlaceOrder, Decimal]) -> tuple[Decimal, int, bool, str]:
            wish = entry[0]
            assert wish.owner.level is not None
            return abs(wish.price - price), wish.owner.level, wish.side is Side.SELL, wish.owner.slot

        return sorted(self._fundable.values(), key=rank)

    def all(self) -> tuple[PlaceOrder, ...]:
        """Give every waiting wish."""
        return tuple(self._wishes.values())

    def _is_within(self, side: Side, free: Decimal) -> bool:
        """Look at the cheapest need of a side; entries of wishes that are gone are dropped on the way."""
        heap = self._cheapest[side]
        while heap:
            need, slot = heap[0]
            entry = self._fundable.get((slot, side))
            if entry is not None and entry[1] == need:
                return need <= free
            heapq.heappop(heap)
        return False
