"""How long to wait before trying again: longer each time, and never quite as long as somebody else."""

from __future__ import annotations

from collections.abc import Callable

SHORTEST, LONGEST = 0.1, 30.0  # seconds; a first delay of 0 would try again without end in no time at all


class Backoff:
    """Double `first_delay` seconds with every failure in a row, and take up to half of it off by chance."""

    def __init__(self, first_delay: float, random: Callable[[], float]) -> None:
        """Draw chance from `random`, in [0, 1)."""
        self._first_delay = max(first_delay, SHORTEST)
        self._random = random

    def delay(self, failures: int) -> float:
        """Give the seconds to wait after the n-th failure in a row, counted from 1: at most 30."""
        doublings = min(max(failures, 1) - 1, 20)  # beyond the longest delay, and a float still holds it
        return min(self._first_delay * 2.0**doublings, LONGEST) * (1 - self._random() / 2)
