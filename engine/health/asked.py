"""One thing that is judged by what an actor answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from engine.health.findings import Finding
from engine.health.thresholds import WatchedGrid
from engine.health.words import span
from engine.messages.vitals import Level

V = TypeVar("V")


class AskedCheck(ABC, Generic[V]):
    """Keep the newest answer of one actor, and for how long there has been none.

    An actor that is late is judged by its last answer, until it has been silent for `patience` seconds.
    """

    name: str
    question: object
    answer: type[V]

    def __init__(self, address: str, patience: float, of_grid: str | None = None) -> None:
        """Begin with no answer of the actor at `address`."""
        self.address, self._patience, self._of_grid = address, patience, of_grid
        self._latest: V | None = None
        self._asked_at: float | None = None  # since when no answer has come

    def asked(self, now: float) -> None:
        """Note that it is asked."""
        if self._asked_at is None:
            self._asked_at = now

    def heard(self, now: float, value: Any) -> None:
        """Take an answer; None is none."""
        if isinstance(value, self.answer):
            self._latest, self._asked_at = value, None
            self.learn(now, value)

    def finding(self, now: float) -> Finding:
        """Say how it is."""
        silent = 0.0 if self._asked_at is None else now - self._asked_at
        if silent >= self._patience:
            return self.found(Level.CRITICAL, f"{self.address} has not answered for {span(silent)}")
        if self._latest is None:
            return self.found(Level.UNKNOWN, f"{self.address} has not answered yet")
        return self.judge(now, self._latest)

    def found(
        self, level: Level, text: str, number: float | None = None, unit: str = "", *, tells: bool = True
    ) -> Finding:
        """Make a finding of this check."""
        return Finding(self.name, self._of_grid, level, text, number, unit, tells)

    def learn(self, now: float, value: V) -> None:
        """Compare a new answer with what came before."""

    @abstractmethod
    def judge(self, now: float, value: V) -> Finding:
        """Say how it is by the newest answer."""


class GridCheck(AskedCheck[V]):
    """Judge one thing of a grid, by its own thresholds."""

    def __init__(self, grid: WatchedGrid, address: str, patience: float) -> None:
        """Begin with no answer of the grid's actor at `address`."""
        super().__init__(address, patience, grid.name)
        self.grid = grid
