"""The book of resting limit orders: price first, then time."""

from __future__ import annotations

import heapq
from decimal import Decimal

from engine.messages import SubmitOrder
from engine.values import Side


class Book:
    """Keep resting orders of one symbol, and find the best of each side.

    A cancelled order stays in its heap until it surfaces; `_resting` says who is alive.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._resting: dict[str, SubmitOrder] = {}
        # (ranking price, arrival, order): the lowest entry of a heap is the best of its side.
        self._buys: list[tuple[Decimal, int, SubmitOrder]] = []
        self._sells: list[tuple[Decimal, int, SubmitOrder]] = []
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._resting)

    def rest(self, order: SubmitOrder) -> None:
        """Take an order in, behind older ones at its price."""
        self._arrivals += 1
        self._resting[order.client_order_id] = order
        if order.side is Side.BUY:
            heapq.heappush(self._buys, (-order.price, self._arrivals, order))
        else:
            heapq.heappush(self._sells, (order.price, self._arrivals, order))

    def remove(self, client_order_id: str) -> SubmitOrder | None:
        """Take an order out, because it filled or was cancelled; None when it does not rest here."""
        order = self._resting.pop(client_order_id, None)
        if order is not None:
            self._tidy(self._buys if order.side is Side.BUY else self._sells)
        return order

    def best_buy(self) -> SubmitOrder | None:
        """Give the buy with the highest price, the oldest of them; None when there is none."""
        return self._buys[0][2] if self._buys else None

    def best_sell(self) -> SubmitOrder | None:
        """Give the sell with the lowest price, the oldest of them; None when there is none."""
        return self._sells[0][2] if self._sells else None

    def _tidy(self, side: list[tuple[Decimal, int, SubmitOrder]]) -> None:
        """Have an order on top that rests: the best is looked at much more often than one is removed."""
        while side and side[0][2].client_order_id not in self._resting:
            heapq.heappop(side)
