"""Streams of the book: what changed in it, and its best prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from actors.sandbox import market_json
from actors.sandbox.events_json import Json
from actors.sandbox.market_stream import Cadence, MarketStream
from actors.sandbox.order_json import amount
from engine.venue.events import BookChanged, Event
from engine.venue.market_data import Depth, PriceLevel
from engine.venue.venue import Venue

_WHOLE_BOOK = 5000  # levels a side, as many as REST gives
_GONE = Decimal(0)


class DepthStream(MarketStream):
    """Tell what changed in the book, without a gap: ``@depth``.

    Each update begins with the id after the last one's; a price whose quantity is 0 is gone.
    """

    def __init__(self, symbol: str, milliseconds: int) -> None:
        self._symbol = symbol
        self._cadence = Cadence(milliseconds)
        self._changed = False
        self._told: Depth

    def opened(self, venue: Venue) -> None:
        """Note the book."""
        self._told = venue.depth(self._symbol, _WHOLE_BOOK)

    def happened(self, _venue: Venue, events: Sequence[Event], _now: int) -> Iterable[Json]:
        """Note that the book changed."""
        self._changed = self._changed or _concerns(events, self._symbol)
        return []

    def due(self, venue: Venue, now: int) -> Iterable[Json]:
        """Give what changed since the last time."""
        if not self._changed or not self._cadence.beats(now):
            return []
        self._changed = False
        before, self._told = self._told, venue.depth(self._symbol, _WHOLE_BOOK)
        if before.last_update_id == self._told.last_update_id:
            return []
        return [
            {
                "e": "depthUpdate",
                "E": now,
                "s": self._symbol,
                "U": before.last_update_id + 1,
                "u": self._told.last_update_id,
                "b": _changes(before.bids, self._told.bids),
                "a": _changes(before.asks, self._told.asks),
            }
        ]


class TopOfBookStream(MarketStream):
    """Tell the best prices of the book whole: ``@depth5``, ``@depth10``, ``@depth20``."""

    def __init__(self, symbol: str, levels: int, milliseconds: int) -> None:
        self._symbol = symbol
        self._levels = levels
        self._cadence = Cadence(milliseconds)

    def due(self, venue: Venue, now: int) -> Iterable[Json]:
        """Give them each time."""
        if not self._cadence.beats(now):
            return []
        return [market_json.depth(venue.depth(self._symbol, self._levels))]


def _concerns(events: Sequence[Event], symbol: str) -> bool:
    return any(isinstance(event, BookChanged) and event.symbol == symbol for event in events)


def _changes(before: Sequence[PriceLevel], after: Sequence[PriceLevel]) -> list[list[str]]:
    old, new = _by_price(before), _by_price(after)
    changed = [price for price in {**old, **new} if old.get(price) != new.get(price)]
    return [[amount(price), amount(new.get(price, _GONE))] for price in changed]


def _by_price(levels: Sequence[PriceLevel]) -> Mapping[Decimal, Decimal]:
    return {level.price: level.quantity for level in levels}
