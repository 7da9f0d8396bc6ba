"""How many orders may be placed in a span of time, as exchanges limit it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attrs import define

_LONG = 60.0  # seconds: in longer spans orders are counted together
_BATCHES = 100  # of a long span


@define(eq=False)
class _Batch:
    """Count orders that are placed within a hundredth of a long span."""

    orders: int = 0
    is_open: bool = True

    def close(self) -> None:
        self.is_open = False


class Pace:
    """Keep within limits, each of so many orders in any so many seconds.

    There is no clock here: whoever takes room does later what is given with it. In a long span room is given back a
    hundredth of it late, for many orders at once: a timer for each would be a hundred thousand in a day.
    """

    def __init__(self, limits: tuple[tuple[int, float], ...]) -> None:
        """Begin with all room free; no limits, no end of room."""
        self._limits = limits
        self._used = [0] * len(limits)
        self._batches: dict[int, _Batch] = {}  # the newest of each long span

    @property
    def has_room(self) -> bool:
        """Tell whether one more order is within every limit."""
        return all(used < count for used, (count, _) in zip(self._used, self._limits, strict=True))

    def take(self) -> list[tuple[float, Callable[[], None]]]:
        """Count an order that is placed now; give what is to be done, and after how many seconds."""
        later: list[tuple[float, Callable[[], None]]] = []
        for limit, (_, seconds) in enumerate(self._limits):
            self._used[limit] += 1
            if seconds <= _LONG:
                later.append((seconds, partial(self._give_back, limit, _Batch(1))))
            else:
                later += self._join(limit, seconds)
        return later

    def _join(self, limit: int, seconds: float) -> list[tuple[float, Callable[[], None]]]:
        batch = self._batches.get(limit)
        if batch is not None and batch.is_open:
            batch.orders += 1
            return []
        batch = self._batches[limit] = _Batch(1)
        lasts = seconds / _BATCHES
        return [(lasts, batch.close), (lasts + seconds, partial(self._give_back, limit, batch))]

    def _give_back(self, limit: int, batch: _Batch) -> None:
        self._used[limit] -= batch.orders
