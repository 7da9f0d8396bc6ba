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
        self.best_buy: SubmitOrder | None = None  # the one with the highest price, the oldest of them
        self.best_sell: SubmitOrder | None = None  # the one with the lowest price, the oldest of them

    def __len__(self) -> int:
        return len(self._resting)

    def rest(self, order: SubmitOrder) -> None:
        """Take an order in, behind older ones at its price."""
        self._arrivals += 1
        self._resting[order.client_order_id] = order
        if order.side is Side.BUY:
            heapq.heappush(self._buys, (-order.price, self._arrivals, order))
            self.best_buy = self._buys[0][2]
        else:
            heapq.heappush(self._sells, (order.price, self._arrivals, order))
            self.best_sell = self._sells[0][2]

    def remove(self, client_order_id: str) -> SubmitOrder | None:
        """Take an order out, because it filled or was cancelled; None when it does not rest here."""
        order = self._resting.pop(client_order_id, None)
        if order is self.best_buy:
            self.best_buy = self._best(self._buys)
        elif order is self.best_sell:
            self.best_sell = self._best(self._sells)
        return order

    def _best(self, side: list[tuple[Decimal, int, SubmitOrder]]) -> SubmitOrder | None:
        while side and side[0][2].client_order_id not in self._resting:
            heapq.heappop(side)
        return side[0][2] if side else None
