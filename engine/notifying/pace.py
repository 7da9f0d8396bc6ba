"""How many messages go out: so many within any minute, and not one more."""

from __future__ import annotations

from collections import deque

_MINUTE = 60_000  # ms


class Pace:
    """Remember when the last messages went out; times are epoch milliseconds."""

    def __init__(self, per_minute: int) -> None:
        """Let `per_minute` pass within any 60 seconds."""
        self._passed: deque[int] = deque(maxlen=per_minute)

    def admits(self, now: int) -> bool:
        """Tell whether one more may go out at `now`, and count it if so."""
        if self._passed and now < self._passed[-1]:
            self._passed.clear()  # the clock was set back
        if len(self._passed) == self._passed.maxlen and now - self._passed[0] < _MINUTE:
            return False
        self._passed.append(now)
        return True
