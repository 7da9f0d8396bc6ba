"""How many orders may be placed in a span of time, as exchanges limit it."""

from __future__ import annotations


class Pace:
    """Keep within limits, each of so many orders in any so many seconds.

    There is no clock here: whoever takes room gives it back to each limit when that limit's seconds have passed.
    """

    def __init__(self, limits: tuple[tuple[int, float], ...]) -> None:
        """Begin with all room free; no limits, no end of room."""
        self._limits = limits
        self._used = [0] * len(limits)

    @property
    def has_room(self) -> bool:
        """Tell whether one more order is within every limit."""
        return all(used < count for used, (count, _) in zip(self._used, self._limits, strict=True))

    def take(self) -> list[tuple[int, float]]:
        """Count an order that is placed now; give (limit, seconds after which to give its room back) for each."""
        for limit in range(len(self._limits)):
            self._used[limit] += 1
        return [(limit, seconds) for limit, (_, seconds) in enumerate(self._limits)]

    def give_back(self, limit: int) -> None:
        """Free the room of one order in one limit."""
        self._used[limit] -= 1
