"""The thread that moves the market along its paths."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from time import monotonic

from actors.sandbox.floor import Floor
from actors.sandbox.price_paths import PricePath

_log = logging.getLogger(__name__)


class MarketMover:
    """Move each symbol of `paths` along its path, `speed` market seconds a second, until closed."""

    def __init__(self, floor: Floor, paths: Mapping[str, PricePath], speed: float) -> None:
        self._floor = floor
        self._paths = dict(paths)
        self._speed = speed
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-market", daemon=True)

    def start(self) -> None:
        """Begin to move, from time 0 of every path."""
        self._thread.start()

    def close(self) -> None:
        """Leave the market where it is, and end the thread; again is no trouble."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        begun = monotonic()
        wait: float | None = 0.0
        while wait is not None and not self._closing.wait(wait):
            try:
                self._move((monotonic() - begun) * self._speed)
            except Exception:  # noqa: BLE001  nobody is above this thread; a bug must be seen in the log
                _log.exception("the market stands still")
                return
            wait = self._pause(begun)

    def _move(self, elapsed: float) -> None:
        for symbol, path in self._paths.items():
            with self._floor.lock:
                for price in path.due(elapsed, self._floor.venue.price(symbol)):
                    self._floor.publish(self._floor.venue.move(symbol, price, self._floor.now_ms()))

    def _pause(self, begun: float) -> float | None:
        """Give the seconds until something is due, None when nothing ever is."""
        times = [time for path in self._paths.values() if (time := path.next_time()) is not None]
        return max(0.0, begun + min(times) / self._speed - monotonic()) if times else None
