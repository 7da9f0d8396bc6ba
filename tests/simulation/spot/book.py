"""One side of the account's resting orders: the best price first, of two at one price the older."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from decimal import Decimal

from tests.simulation.spot.orders import SpotOrder


def _rank(order: SpotOrder) -> tuple[Decimal, int]:
    return order.rank


def _rank_price(order: SpotOrder) -> Decimal:
    return order.rank[0]


class RestingSide:
    """Keep one side sorted."""

    __slots__ = ("_orders", "_sign")

    def __init__(self, sign: int) -> None:
        """Keep buys (`sign` -1) or sells (+1)."""
        self._orders: list[SpotOrder] = []
        self._sign = sign

    def add(self, order: SpotOrder) -> None:
        """Take an order in."""
        insort(self._orders, order, key=_rank)

    def remove(self, order: SpotOrder) -> None:
        """Take an order out, if it is here."""
        orders = self._orders
        place = bisect_left(orders, order.rank, key=_rank)
        if place < len(orders) and orders[place] is order:
            del orders[place]

    def within(self, limit: Decimal) -> list[SpotOrder]:
        """Give the buys at `limit` or above, or the sells at `limit` or below, best first."""
        orders, most = self._orders, limit * self._sign
        if not orders or orders[0].rank[0] > most:
            return []
        return orders[: bisect_right(orders, most, key=_rank_price)]
