"""Where a stream leaves prices until the feed has time for them: however many came, it is one look."""

from __future__ import annotations

import threading
from decimal import Decimal

from engine.feeds.price_sanity import can_be_price
from engine.messages import PricesSeen


class PriceSlot:
    """Keep the newest price of a connection, and how far it went since the last look."""

    def __init__(self, connection: int) -> None:
        """Begin empty."""
        self._connection = connection
        self._lock = threading.Lock()
        self._seen: PricesSeen | None = None

    def put(self, time: int, price: Decimal) -> bool:
        """Add a price; tell whether the slot was empty: somebody should be told to look."""
        with self._lock:
            seen = self._seen
            low = high = price
            if seen is not None:
                # What can be no price may be no number either, and must not hide what can.
                low, high = _lower(seen.low, price), _higher(seen.high, price)
            self._seen = PricesSeen(self._connection, time, low, high, price)
            return seen is None

    def take(self) -> PricesSeen | None:
        """Empty the slot; None when there was nothing new."""
        with self._lock:
            seen, self._seen = self._seen, None
            return seen


def _lower(one: Decimal, other: Decimal) -> Decimal:
    return min(one, other) if can_be_price(one) and can_be_price(other) else _better(one, other)


def _higher(one: Decimal, other: Decimal) -> Decimal:
    return max(one, other) if can_be_price(one) and can_be_price(other) else _better(one, other)


def _better(one: Decimal, other: Decimal) -> Decimal:
    return one if can_be_price(one) else other
