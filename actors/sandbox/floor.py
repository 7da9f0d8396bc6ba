"""The trading floor: one venue behind one lock, with a clock and with those who listen to what happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from engine.venue.events import Event
from engine.venue.venue import Venue

Listener = Callable[[Sequence[Event]], None]


class Floor:
    """Guard `venue`: touch it, and whatever hangs on it, only under `lock`."""

    def __init__(self, venue: Venue) -> None:
        self.lock = threading.RLock()
        self.venue = venue
        self.skew_ms = 0  # how far the server's clock is ahead of the machine's, both signs
        self._listeners: list[Listener] = []
        self._holders = 0
        self._held: list[Event] = []

    def now_ms(self) -> int:
        """Give the server's time in epoch milliseconds, its armed skew included."""
        return time.time_ns() // 1_000_000 + self.skew_ms

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with events, under the lock and in order, until the returned function is called.

        A listener queues what it is given and never blocks.
        """
        with self.lock:
            self._listeners.append(listener)
        return lambda: self._unsubscribe(listener)

    def publish(self, events: Sequence[Event]) -> None:
        """Tell every listener what the venue did; called under the lock, right after the venue."""
        if not events:
            return
        if self._holders:
            self._held.extend(events)
            return
        for listener in self._listeners:
            listener(events)

    def hold_events(self) -> None:
        """Keep all events back, in order, until `release_events` has been called as often as this."""
        with self.lock:
            self._holders += 1

    def release_events(self) -> None:
        """Undo one `hold_events`; the last one tells everything that was kept back."""
        with self.lock:
            self._holders -= 1
            if not self._holders:
                held, self._held = self._held, []
                self.publish(held)

    def _unsubscribe(self, listener: Listener) -> None:
        with self.lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
