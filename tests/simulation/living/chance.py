"""What goes wrong in a world, and when: drawn from its seed, named, and left out again one by one."""

from __future__ import annotations

from math import log
from random import Random

_NEVER = 1 << 62


class Hazard:
    """Strike now and then, on average once in `1 / rate` opportunities; each has a number, which names the fault.

    When it strikes is drawn apart from everything else: a world in which another fault is left out has the same.
    """

    __slots__ = ("_chance", "_next", "_random", "_rate", "_seen", "kind")

    def __init__(self, chance: Chance, kind: str, rate: float) -> None:
        self._chance, self.kind, self._rate = chance, kind, rate
        self._seen, self._next = 0, _NEVER
        if rate > 0:
            self._random = Random(f"{chance.seed} {kind}")
            self._next = self._gap()

    def strikes(self) -> bool:
        """Take an opportunity, and tell whether this one is it."""
        self._seen += 1
        return self._seen == self._next and self._strike()

    def _strike(self) -> bool:
        self._next += self._gap()
        return self._chance.strike(f"{self.kind}@{self._seen}")

    def _gap(self) -> int:
        if self._rate >= 1:
            return 1
        return 1 + int(log(1.0 - self._random.random()) / log(1.0 - self._rate))


class Chance:
    """Hold all chance of one world; nothing goes wrong but `only`, where that is given, and nothing in a calm."""

    def __init__(self, seed: int, only: frozenset[str] | None = None) -> None:
        self.seed = seed
        self.struck: list[str] = []
        self.is_calm = False
        self._only = only

    def hazard(self, kind: str, rate: float) -> Hazard:
        """Give what strikes at this rate."""
        return Hazard(self, kind, rate)

    def stream(self, purpose: str) -> Random:
        """Give the numbers for one purpose, which no other draws from."""
        return Random(f"{self.seed} {purpose}")

    def strike(self, fault: str) -> bool:
        """Have a fault happen, if it may."""
        if self.is_calm or (self._only is not None and fault not in self._only):
            return False
        self.struck.append(fault)
        return True

    def detail(self) -> Random:
        """Give the numbers for how the newest fault goes: the same, whatever else goes wrong."""
        return Random(f"{self.seed} {self.struck[-1]}")
