"""Who was restarted, how often, and when last."""

from __future__ import annotations

from collections import Counter

from engine.health.findings import Finding
from engine.health.words import many, span
from engine.messages.vitals import ActorRestarted, Level

_RECENTLY = 600.0  # seconds for which a restart shows
_MOST_NAMED = 3


class RestartsHealth:
    """Count the restarts by address."""

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: Counter[str] = Counter()
        self._last: ActorRestarted | None = None
        self._last_at = 0.0

    def restarted(self, now: float, restart: ActorRestarted) -> None:
        """Take one more."""
        self.counts[restart.address] += 1
        self._last, self._last_at = restart, now

    def finding(self, now: float) -> Finding:
        """Say how many there were; people are told of each when it happens."""
        name, number = "restarts", self.counts.total()
        if self._last is None:
            return Finding(name, None, Level.OK, "no actor had to be restarted", 0, "restarts", tells=False)
        ago = now - self._last_at
        often = ", ".join(f"{address} {times}" for address, times in self.counts.most_common(_MOST_NAMED))
        text = (
            f"{many(number, 'restart')}, the last one {span(ago)} ago: {self._last.address}, after {self._last.why}; "
            f"most often: {often}"
        )
        level = Level.WARNING if ago < _RECENTLY else Level.OK
        return Finding(name, None, level, text, number, "restarts", tells=False)


def told(restart: ActorRestarted) -> str:
    """Tell people of a restart."""
    others = f" and {many(len(restart.others), 'other')} with it" if restart.others else ""
    return f"{restart.address}{others} restarted by {restart.supervisor}, in {span(restart.delay)}: {restart.why}"
