"""One thread that does things when it is time."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count
from time import monotonic


class Timers:
    """Ring when it is time: one thread for all timers, started with the first one.

    What rings must be quick, and must not raise.
    """

    def __init__(self) -> None:
        """Begin with none set, and no thread."""
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()  # equal times ring in the order they were set in
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, delay: float, ring: Callable[[], None]) -> None:
        """Call `ring` in `delay` seconds, in the timers' thread; never, once they are closed."""
        with self._changed:
            if self._closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
                self._thread.start()
            timer = (monotonic() + delay, next(self._order), ring)
            heapq.heappush(self._heap, timer)
            if self._heap[0] is timer:
                self._changed.notify()

    def close(self) -> None:
        """Drop all timers and end the thread."""
        with self._changed:
            self._closed = True
            self._heap.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        while (ring := self._wait()) is not None:
            ring()

    def _wait(self) -> Callable[[], None] | None:
        """Give what is due next, when it is; None once closed."""
        with self._changed:
            while not self._closed and (not self._heap or self._heap[0][0] > monotonic()):
                self._changed.wait(self._heap[0][0] - monotonic() if self._heap else None)
            return None if self._closed else heapq.heappop(self._heap)[2]
