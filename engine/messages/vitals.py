"""How the process and its grids are: what the health monitor hears, and what it tells."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from engine.freezing import frozen
from engine.messages.questions import Answered


class Level(StrEnum):
    """How well something is."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Mailbox(NamedTuple):
    """Tell how one incarnation gets on with its mailbox: `depth` messages wait or are being handled, `handled` were.

    `waited` is how long (seconds) a knock at its door has waited for an answer: the last one that was answered, or,
    where not `is_answered`, the one that still waits.
    """

    address: str
    generation: int
    depth: int
    handled: int
    waited: float
    is_answered: bool
    is_supervisor: bool = False


@frozen
class ActorRestarted:
    """Tell that `address` has failed, and that its supervisor starts it again in `delay` seconds, with `others`."""

    address: str
    others: tuple[str, ...]
    why: str
    delay: float
    supervisor: str


@frozen
class ClockCompared:
    """Tell by how many milliseconds an exchange's clock is ahead of this computer's; None when it did not say."""

    grid: str
    ahead_ms: int | None


@frozen
class LookDue:
    """Remind the health monitor that it is time to look."""


@frozen
class JudgeDue:
    """Remind the health monitor that those who were asked have had time to answer."""


@frozen
class DescribeHealth:
    """Ask the health monitor for its `HealthDescribed`."""


@frozen
class Check:
    """Tell how one thing is, in a sentence; `grid` is None for the whole process.

    The level stands `since` (epoch ms). `number` counts in `unit`, and `trend` is what it was at the last looks,
    oldest first.
    """

    name: str
    grid: str | None
    level: Level
    text: str
    since: int | None = None
    number: float | None = None
    unit: str = ""
    trend: tuple[float, ...] = ()


@frozen
class HealthDescribed:
    """Answer `DescribeHealth`: the worst level, and all checks, at `time` (epoch ms)."""

    time: int
    level: Level
    checks: tuple[Check, ...]


HealthMonitorInbox = LookDue | JudgeDue | Answered | ActorRestarted | ClockCompared | DescribeHealth
