"""Whether a number grows: the median of all slopes, so that no single jump or spike decides."""

from __future__ import annotations

from collections import deque
from itertools import combinations
from statistics import median

_STRETCH = 1_200.0  # seconds that are taken together
_MOST = 72  # of them, which is a day
_ENOUGH = 6  # of them until anything is said
_SAMPLES = 60  # of one stretch
_AGREEING = 0.75  # the share of slopes that must have the same sign: what only goes up and down has a half
_DAY = 86_400.0


class Growth:
    """Learn how fast a number grows within a day, from its medians over stretches of twenty minutes.

    The first stretch is left out: whatever begins grows. `least` a day, or the share `share` of the number itself, is
    not worth a word.
    """

    def __init__(self, least: float, share: float = 0.01) -> None:
        """Begin with no history."""
        self._least, self._share = least, share
        self._medians: deque[tuple[float, float]] = deque(maxlen=_MOST)
        self._samples: list[float] = []
        self._began: float | None = None
        self._is_first = True
        self.per_day: float | None = None  # None while nothing can be said, or it stays as it is

    def take(self, now: float, number: float) -> None:
        """Note what the number is at `now` (seconds, monotonic)."""
        if self._began is None:
            self._began = now
        if now - self._began >= _STRETCH and self._samples:
            self._close()
            self._began = now
        if now - self._began >= len(self._samples) * _STRETCH / _SAMPLES:
            self._samples.append(number)

    def _close(self) -> None:
        samples, self._samples = self._samples, []
        if self._is_first:
            self._is_first = False
            return
        assert self._began is not None
        self._medians.append((self._began, median(samples)))
        if len(self._medians) >= _ENOUGH:
            self.per_day = self._judge()

    def _judge(self) -> float | None:
        slopes = [(later - sooner) / (end - start) for (start, sooner), (end, later) in combinations(self._medians, 2)]
        slope = median(slopes)
        agreeing = sum(one * slope > 0 for one in slopes)
        usual = median(number for _, number in self._medians)
        per_day = slope * _DAY
        is_clear = agreeing >= _AGREEING * len(slopes)
        return per_day if is_clear and abs(per_day) >= max(self._least, self._share * abs(usual)) else None
