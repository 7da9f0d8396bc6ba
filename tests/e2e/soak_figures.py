"""What a soak did, in figures."""

from __future__ import annotations

import resource
import sys
import threading
from collections import Counter
from pathlib import Path

from attrs import define, field, frozen

_STATM = Path("/proc/self/statm")
_MEGABYTE = 1 << 20


@frozen
class Size:
    """Hold how large the process is at one moment."""

    megabytes: float
    threads: int

    @classmethod
    def now(cls) -> Size:
        return cls(_megabytes(), threading.active_count())


@define
class Figures:
    """Count what a soak did."""

    first: Size = field(factory=Size.now)
    last: Size = field(factory=Size.now)
    seconds: float = 0.0
    quiet_moments: int = 0
    slowest_healing: float = 0.0
    moves: int = 0
    fills: int = 0
    faults: Counter[str] = field(factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(factory=Counter)
    openings: Counter[str] = field(factory=Counter)

    def lines(self) -> list[str]:
        """Give them as text."""
        ends: Counter[str] = Counter()
        for (_, outcome), times in self.outcomes.items():
            ends[outcome] += times
        opened = sum(self.openings.values())
        return [
            f"{self.seconds:.0f} s, {self.quiet_moments} quiet moments, slowest healing {self.slowest_healing:.1f} s",
            f"{self.moves} moves of the price, {self.fills} fills, {sum(self.faults.values())} faults",
            f"calls: {', '.join(f'{times} {end}' for end, times in sorted(ends.items()))}",
            f"unknown outcomes resolved: {ends['Unknown']}; streams opened: {opened}, of these again: {opened - 2}",
            f"memory: {self.first.megabytes:.0f} MB, then {self.last.megabytes:.0f} MB",
            f"threads: {self.first.threads}, then {self.last.threads}",
            f"faults: {', '.join(f'{times} {name}' for name, times in sorted(self.faults.items()))}",
        ]


def _megabytes() -> float:
    """Give the memory that this process holds; where the system does not tell, the most that it ever held."""
    if _STATM.exists():
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / _MEGABYTE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / _MEGABYTE if sys.platform == "darwin" else most / 1024
