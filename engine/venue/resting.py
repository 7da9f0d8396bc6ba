"""The orders of accounts that rest in one symbol's book: price first, then time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from decimal import Decimal

from engine.venue.orders import Order
from engine.venue.values import OrderSide

# (ranking price, order id, order): the lowest is the best, and of two at one price the older.
_Entry = tuple[Decimal, int, Order]


class RestingOrders:
    """Keep both sides sorted; the few thousand orders of a sandbox make a list the fastest that is simple."""

    def __init__(self) -> None:
        """Start empty."""
        self._sides: dict[OrderSide, list[_Entry]] = {"BUY": [], "SELL": []}

    def add(self, order: Order) -> None:
        """Take an order in, behind older ones at its price."""
        insort(self._sides[order.side], _entry(order))

    def remove(self, order: Order) -> None:
        """Take an order out, if it rests here."""
        side, entry = self._sides[order.side], _entry(order)
        index = bisect_left(side, entry)
        if index < len(side) and side[index][1] == order.order_id:
            del side[index]

    def best_first(self, side: OrderSide) -> Iterator[Order]:
        """Go through one side; the book must not change meanwhile."""
        return (order for _, _, order in self._sides[side])

    def within(self, side: OrderSide, limit: Decimal) -> list[Order]:
        """Give, best first, the buys at `limit` or above, or the sells at `limit` or below."""
        rank = -limit if side == "BUY" else limit
        entries = self._sides[side]
        return [order for _, _, order in entries[: bisect_right(entries, rank, key=lambda entry: entry[0])]]

    def best(self, side: OrderSide) -> Order | None:
        """Give the order that trades first; None when there is none."""
        return next(self.best_first(side), None)


def _entry(order: Order) -> _Entry:
    return (-order.price if order.is_buy else order.price, order.order_id, order)
