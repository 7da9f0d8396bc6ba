"""From the many faults of a world that fails to the few that it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from attrs import evolve, frozen

from tests.simulation.many.figures import kind_of
from tests.simulation.many.worlds import Failure, Live, look

LONGEST = 20  # seconds that one world may take

Fails = Callable[[frozenset[str]], tuple[str, ...] | None]  # what went wrong where it fails in the same way, else None


@frozen
class Shrunk:
    """Hold the faults that are left, in their order; `is_least` when the world is well without any one of them."""

    faults: tuple[str, ...]
    runs: int
    is_least: bool


class _Spent(Exception):
    """The runs or the time allowed are used up."""


class Shrinking:
    """Look for fewer and fewer faults that still do it: delta debugging (ddmin; Zeller and Hildebrandt, 2002).

    A subset of faults may do harm that all of them do not, and the other way round: what is found is least in the sense
    that no single fault of it can be left out, not that there is nothing smaller.
    """

    def __init__(self, fails: Fails, faults: Sequence[str], most_runs: int, seconds: float) -> None:
        """Begin with all `faults`, with which it fails."""
        self._fails, self._faults = fails, tuple(dict.fromkeys(faults))
        self._most_runs, self._until = most_runs, time.monotonic() + seconds
        self._tried: set[frozenset[str]] = {frozenset(faults)} if faults else set()
        self._runs = 0

    def shrink(self) -> Shrunk:
        """Leave out what can be left out."""
        try:
            if not self._try(()):
                self._drop_kinds()
                self._drop_parts()
        except _Spent:
            return Shrunk(self._faults, self._runs, is_least=False)
        return Shrunk(self._faults, self._runs, is_least=True)

    def _drop_kinds(self) -> None:
        """Leave out whole kinds, the most frequent ones first: cheap, and most kinds have nothing to do with it."""
        kinds = [kind_of(fault) for fault in self._faults]
        for kind in sorted(set(kinds), key=lambda kind: (-kinds.count(kind), kind)):
            self._try(fault for fault in self._faults if kind_of(fault) != kind)

    def _drop_parts(self) -> None:
        """Try parts and what is left without them, finer and finer, until no single fault can go."""
        parts = 2
        while len(self._faults) > 1:
            size = -(-len(self._faults) // parts)
            if any(self._try(part) for part in _cut(self._faults, size)):
                parts = 2
            elif any(self._try(rest) for rest in _without(self._faults, size)):
                parts = max(parts - 1, 2)
            elif size == 1:
                return
            else:
                parts = min(2 * parts, len(self._faults))

    def _try(self, faults: Iterable[str]) -> bool:
        """Tell whether it fails with these too, and go on from there if so."""
        candidate = frozenset(faults)
        if candidate in self._tried:
            return False
        if self._runs >= self._most_runs or time.monotonic() > self._until:
            raise _Spent
        self._tried.add(candidate)
        self._runs += 1
        happened = self._fails(candidate)
        if happened is None:
            return False
        # Of what was allowed to go wrong some may not have come to it.
        self._faults = happened
        self._tried.add(frozenset(happened))
        return True


def _cut(faults: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (faults[first : first + size] for first in range(0, len(faults), size))


def _without(faults: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return ([*faults[:first], *faults[first + size :]] for first in range(0, len(faults), size))


def shrink(live: Live, failure: Failure, most_runs: int = 500, seconds: float = 60.0) -> tuple[Failure, Shrunk]:
    """Reduce a failing world; give it as it fails then. The same law must be broken for it to be the same failure."""
    found = failure

    def fails(only: frozenset[str]) -> tuple[str, ...] | None:
        nonlocal found
        again = look(live, failure.seed, only, longest=LONGEST).failure
        if again is None or again.law != failure.law:
            return None
        # A world that raised may not say what went wrong in it: then it is what was allowed to.
        faults = tuple(fault for fault in failure.faults or () if fault in only)
        found = again if again.faults is not None else evolve(again, faults=faults)
        assert found.faults is not None
        return found.faults

    shrunk = Shrinking(fails, failure.faults or (), most_runs, seconds).shrink()
    return found, shrunk
