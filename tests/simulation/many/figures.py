"""What many worlds come to: how many, how large, and what they have reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field, frozen

from tests.simulation.living.verdict import Verdict

Counts = Counter[str]


@define
class Figures:
    """Count worlds; figures of several processes add up. `seconds` are virtual, `busy` are of a processor."""

    worlds: int = 0
    messages: int = 0
    seconds: float = 0.0
    busy: float = 0.0
    failures: int = 0
    faults: Counts = field(factory=Counter)  # by kind
    worlds_with: Counts = field(factory=Counter)  # such a fault, by kind
    reached: Counts = field(factory=Counter)

    def count(self, verdict: Verdict) -> None:
        """Count one world that was lived through."""
        self.worlds += 1
        self.messages += verdict.messages
        self.seconds += verdict.seconds
        kinds = Counter(map(kind_of, verdict.faults))
        self.faults.update(kinds)
        self.worlds_with.update(kinds.keys())
        self.reached.update(verdict.reached)

    def add(self, others: Figures) -> None:
        """Count what others have counted."""
        self.worlds += others.worlds
        self.messages += others.messages
        self.seconds += others.seconds
        self.busy += others.busy
        self.failures += others.failures
        self.faults.update(others.faults)
        self.worlds_with.update(others.worlds_with)
        self.reached.update(others.reached)

    @property
    def a_minute(self) -> float:
        """Give the worlds a minute that one core manages, 0 before the first."""
        return self.worlds / self.busy * 60 if self.busy else 0.0

    def written(self) -> dict[str, Any]:
        """Give all of it for JSON."""
        return {
            "worlds": self.worlds,
            "messages": self.messages,
            "seconds": self.seconds,
            "busy": self.busy,
            "failures": self.failures,
            "faults": dict(self.faults),
            "worlds_with": dict(self.worlds_with),
            "reached": dict(self.reached),
        }

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Figures:
        """Take what `written` gave."""
        counts = {name: Counter(written[name]) for name in ("faults", "worlds_with", "reached")}
        return cls(**{**written, **counts})


@frozen
class Group:
    """Hold what was reached of one thing, such as ``level``, in alphabetical order; 0 for what was expected only."""

    name: str
    counts: tuple[tuple[str, int], ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Give what was expected, and not reached."""
        return tuple(name for name, count in self.counts if not count)


def kind_of(fault: str) -> str:
    """Give the kind of a fault: ``stream lost`` of ``stream lost@17``."""
    return fault.rpartition("@")[0] or fault


def grouped(reached: Mapping[str, int], expected: Iterable[str]) -> list[Group]:
    """Group what was reached, and what was not and should have been, by the word before the colon."""
    groups: dict[str, list[tuple[str, int]]] = {}
    for key in sorted({*reached, *expected}):
        name, colon, rest = key.partition(": ")
        groups.setdefault(name if colon else "other", []).append((rest if colon else key, reached.get(key, 0)))
    return [Group(name, tuple(counts)) for name, counts in sorted(groups.items())]
