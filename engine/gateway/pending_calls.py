"""The list of those who want to call the exchange: the most urgent first, then first come, first served."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from enum import IntEnum, auto
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Rank(IntEnum):
    """How urgent a call is; lower is sooner."""

    EXIT = auto()  # takes money out of the market, or finds out whether it is out
    QUESTION = auto()  # finds out what became of an order
    ENTRY = auto()
    CATCH_UP = auto()


class Turn(NamedTuple):
    """Say when one is served."""

    rank: Rank
    number: int


class PendingCalls(Generic[T]):
    """Keep callers-to-be in order, each of them once."""

    def __init__(self) -> None:
        """Begin empty."""
        self._numbers = 0
        self._turns: dict[T, Turn] = {}
        self._queues: dict[Rank, list[tuple[int, T]]] = {rank: [] for rank in Rank}

    def __len__(self) -> int:
        return len(self._turns)

    def add(self, who: T, rank: Rank, number: int | None = None) -> None:
        """Let `who` wait in `rank`, with the number it had before (`number`, or the one it waits with), or the last."""
        waiting = self._turns.get(who)
        if waiting is not None:
            if waiting.rank is rank:
                return
            number = waiting.number
        if number is None:
            self._numbers += 1
            number = self._numbers
        self._turns[who] = Turn(rank, number)
        heapq.heappush(self._queues[rank], (number, who))

    def remove(self, who: T) -> None:
        """Forget `who`, if it waits."""
        self._turns.pop(who, None)

    def take(self, admits: Callable[[Rank], bool]) -> tuple[T, Turn] | None:
        """Take out the first of the most urgent rank that is admitted; None when there is none."""
        for rank in Rank:
            queue = self._queues[rank]
            while queue and self._turns.get(queue[0][1]) != (rank, queue[0][0]):
                heapq.heappop(queue)  # has been removed, or waits in another rank
            if queue and admits(rank):
                _, who = heapq.heappop(queue)
                return who, self._turns.pop(who)
        return None
