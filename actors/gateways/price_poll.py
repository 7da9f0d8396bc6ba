"""Prices by asking again and again, on one thread, where an exchange has no stream that is spoken here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

FetchPrice = Callable[[], tuple[int, Decimal]]


class PriceListener(Protocol):
    """Hear of prices in the thread that asks; nothing any more once the poll has been closed."""

    def priced(self, time: int, price: Decimal) -> None:
        """Take a price, of `time` in epoch milliseconds."""

    def ended(self, reason: str) -> None:
        """Learn why there will be no more; not told of `close`."""


class PricePoll:
    """Ask every `interval` seconds, once when it is None, until a question fails.

    A question that is under way when the poll is closed is not waited for; its answer is not told.
    """

    def __init__(self, fetch: FetchPrice, interval: float | None, listener: PriceListener, name: str) -> None:
        """Be ready; `fetch` raises when it has no price, and `name` is the thread's."""
        self._fetch = fetch
        self._interval = interval
        self._listener = listener
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Have it ended, from any thread; returns at once."""
        self._closing.set()

    def join(self, timeout: float) -> bool:
        """Wait for its end; tell whether it came within `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                price = self._fetch()
            except Exception as error:  # noqa: BLE001 whatever it is, it is asked again later
                if not self._closing.is_set():
                    self._listener.ended(str(error) or type(error).__name__)
                return
            if not self._closing.is_set():
                self._listener.priced(*price)
            if self._interval is None:
                return
            self._closing.wait(self._interval)
