"""What a look has found of one thing."""

from __future__ import annotations

from attrs import frozen

from engine.messages.vitals import Level


@frozen
class Finding:
    """Say how one thing is; `tells` when that is to be told to people, and not only shown."""

    name: str
    grid: str | None
    level: Level
    text: str
    number: float | None = None
    unit: str = ""
    tells: bool = True


class Stretch:
    """Time how long something has been so without a break, in the seconds of a monotonic clock."""

    def __init__(self) -> None:
        """Begin with what is not so."""
        self._since: float | None = None

    def note(self, *, is_so: bool, now: float) -> None:
        """Take how it is now."""
        if not is_so:
            self._since = None
        elif self._since is None:
            self._since = now

    def seconds(self, now: float) -> float:
        """Give for how long it has been so, 0 when it is not."""
        return 0.0 if self._since is None else now - self._since
