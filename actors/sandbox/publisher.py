"""One thread that does what it is told, in order, now or later."""

from __future__ import annotations

import heapq
import logging
import queue
import threading
from collections.abc import Callable
from itertools import count
from time import monotonic

log = logging.getLogger(__name__)

Action = Callable[[], None]


class Publisher:
    """Do actions one at a time: those asked for now in the order asked, those for later when they are due.

    What only these actions touch needs no lock. An action that raises is logged, and the next one runs.
    """

    def __init__(self, name: str) -> None:
        """Stand by; nothing runs before `start`."""
        self._asked: queue.SimpleQueue[tuple[float, Action] | None] = queue.SimpleQueue()
        self._later: list[tuple[float, int, Action]] = []
        self._order = count()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Finish the action under way, drop all others, and end the thread."""
        self._asked.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def do(self, action: Action) -> None:
        """Run `action` after everything that was asked for before it; never blocks."""
        self._asked.put((0.0, action))

    def later(self, seconds: float, action: Action) -> None:
        """Run `action` in `seconds`; of two due at one time, the one asked for first."""
        self._asked.put((monotonic() + seconds, action))

    def every(self, seconds: float, action: Action) -> None:
        """Run `action` each `seconds` from now on, until closed; a run that comes late does not shift the next."""
        self._repeat(monotonic() + seconds, seconds, action)

    def _repeat(self, due: float, seconds: float, action: Action) -> None:
        def run() -> None:
            self._repeat(max(due + seconds, monotonic()), seconds, action)
            action()

        self._asked.put((due, run))

    def _run(self) -> None:
        """Take turns between what is due and what was just asked for, so that neither starves the other."""
        while True:
            if self._later and self._later[0][0] <= monotonic():
                self._attempt(heapq.heappop(self._later)[2])
            try:
                asked = self._asked.get(timeout=self._wait())
            except queue.Empty:
                continue
            if asked is None:
                return
            due, action = asked
            if due:
                heapq.heappush(self._later, (due, next(self._order), action))
            else:
                self._attempt(action)

    def _wait(self) -> float | None:
        return max(0.0, self._later[0][0] - monotonic()) if self._later else None

    @staticmethod
    def _attempt(action: Action) -> None:
        try:
            action()
        except Exception:
            log.exception("a publishing action failed")
