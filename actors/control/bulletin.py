"""What has just become of grids, for those who wait for it in other threads."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from time import monotonic

from attrs import define, field

from actors.control.steering import Fact


@define(eq=False)
class Bulletin:
    """Hold the number of each grid's latest fact of each kind; safe to use from any thread."""

    _changed: threading.Condition = field(factory=threading.Condition, init=False)
    _count: int = field(default=0, init=False)
    _latest: dict[tuple[str, type[Fact]], int] = field(factory=dict, init=False)
    _is_closed: bool = field(default=False, init=False)

    @property
    def mark(self) -> int:
        """Give the number that every later fact is above."""
        with self._changed:
            return self._count

    def post(self, fact: Fact) -> None:
        """Tell those who wait."""
        with self._changed:
            self._count += 1
            self._latest[fact.grid, type(fact)] = self._count
            self._changed.notify_all()

    def wait(self, wanted: Mapping[str, tuple[type[Fact], ...]], mark: int, seconds: float) -> set[str]:
        """Wait for a fact later than `mark` of every grid, of one of the kinds wanted; give the grids that had one."""
        deadline = monotonic() + seconds
        with self._changed:
            while True:
                done = {
                    grid
                    for grid, kinds in wanted.items()
                    if any(self._latest.get((grid, kind), 0) > mark for kind in kinds)
                }
                left = deadline - monotonic()
                if len(done) == len(wanted) or left <= 0 or self._is_closed:
                    return done
                self._changed.wait(left)

    def open(self) -> None:
        """Let people wait, again."""
        with self._changed:
            self._is_closed = False

    def close(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
