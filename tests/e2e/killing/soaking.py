"""Kills without end: one run after the other, each killed and not, until there were enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from attrs import define, field

from tests.e2e.killing.processes import Zygote
from tests.e2e.killing.seeded import RUNS, killed_and_not

TURNS, KILLS_A_RUN = 5, 25

Tell = Callable[[str], None]


class KillsFailed(Exception):
    """Say what was not as it should be, and under which seed."""


@define
class Totals:
    """Count what all runs came to; `slowest` recovery in seconds."""

    runs: int = 0
    kills: Counter[str] = field(factory=Counter)
    starts: int = 0
    fills: int = 0
    slowest: float = 0.0
    seconds: float = 0.0

    def lines(self) -> list[str]:
        """Give the figures."""
        moments = ", ".join(f"{name} {count}" for name, count in self.kills.most_common())
        return [
            f"{self.kills.total()} kills in {self.runs} runs and {self.seconds:.0f} s: {moments}",
            f"{self.starts} starts, {self.fills} orders filled, slowest recovery {self.slowest:.1f} s",
            "0 moments of rest at which database and exchange differed, 0 runs unlike an undisturbed one",
        ]


def soak_kills(folder: Path, kills: int, seed: int, tell: Tell) -> Totals:
    """Kill at least so often; the n-th run, from 0, has the seed `seed` + n. Raise KillsFailed for a violation."""
    totals, begun = Totals(), monotonic()
    names = list(RUNS)
    with Zygote() as zygote:
        while totals.kills.total() < kills:
            own_seed = seed + totals.runs
            name = names[own_seed % len(names)]
            try:
                figures = killed_and_not(folder / str(totals.runs), zygote, RUNS[name], own_seed, TURNS, KILLS_A_RUN)
            except AssertionError as violation:
                raise KillsFailed(f"{name}: {violation}") from violation
            totals.runs += 1
            totals.kills += figures.kills
            totals.starts += figures.starts
            totals.fills += figures.fills
            totals.slowest = max(totals.slowest, figures.slowest)
            totals.seconds = monotonic() - begun
            tell(f"{totals.kills.total()} kills, {totals.fills} fills, {totals.seconds:.0f} s: {name} is well")
    return totals
