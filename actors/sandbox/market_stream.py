"""What every market stream can do: tell of events, and tell by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.venue.events import Event
from engine.venue.venue import Venue

Payload = Any  # a JSON-able value: an object, or for all symbols a list of them


class MarketStream:
    """Give the payloads of one stream name, from its first subscriber to its last.

    Times are the server's, in ms. Every method runs in one thread, which holds the floor's lock.
    """

    def opened(self, venue: Venue) -> None:
        """Note where things stand; changes are told from here on."""

    def happened(self, venue: Venue, events: Sequence[Event], now: int) -> Iterable[Payload]:
        """Give what is to be told of events of one action."""
        _ = venue, events, now
        return ()

    def due(self, venue: Venue, now: int) -> Iterable[Payload]:
        """Give what is to be told because time has passed; asked about ten times a second."""
        _ = venue, now
        return ()


_EARLY = 20  # ms that a wake-up may come early and still count, else 100 ms would often become 200


class Cadence:
    """Tell when something is due that is due every so often, by the server's clock."""

    def __init__(self, milliseconds: int) -> None:
        """Be due at once, and from then on every `milliseconds`."""
        self._milliseconds = milliseconds
        self._last: int | None = None

    def beats(self, now: int) -> bool:
        """Tell whether it is due, and count it as done; a clock that is set back does not silence it."""
        if self._last is None or not 0 <= now - self._last < self._milliseconds - _EARLY:
            self._last = now
            return True
        return False
