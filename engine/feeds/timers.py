"""The timers of a feed, one for each purpose: setting one anew overtakes the one before."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from engine.effects import After
from engine.messages import FeedTimer


class Purpose(StrEnum):
    """What a feed waits for."""

    OPENING = "opening"  # a connection that is being made
    RETRY = "retry"  # the next attempt
    SILENCE = "silence"  # a sign of life
    RENEWAL = "renewal"  # the time at which the other side would end the connection
    OVERLAP = "overlap"  # the last words of a connection that has a successor
    QUIET = "quiet"  # a price, on a connection that lives
    POLL = "poll"  # the next question after orders


class FeedTimers:
    """Know which timers still count."""

    def __init__(self) -> None:
        """Begin with none set."""
        self._tickets: Counter[str] = Counter()
        self._waiting: set[str] = set()

    def set(self, purpose: Purpose, delay: float) -> After:
        """Ask to be reminded in `delay` seconds."""
        self._tickets[purpose] += 1
        self._waiting.add(purpose)
        return After(delay, FeedTimer(purpose, self._tickets[purpose]))

    def cancel(self, purpose: Purpose) -> None:
        """Forget what was waited for."""
        self._waiting.discard(purpose)

    def is_due(self, timer: FeedTimer) -> bool:
        """Tell, once, whether this is the timer that was waited for."""
        if timer.purpose not in self._waiting or timer.ticket != self._tickets[timer.purpose]:
            return False
        self._waiting.remove(timer.purpose)
        return True
