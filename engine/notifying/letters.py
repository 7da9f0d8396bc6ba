"""What people are sent, and in what manner each kind of alert is told."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

from engine.messages.alerting import AlertKind
from engine.values import Side


class Tone(StrEnum):
    """How a message is meant; services show it by a colour or a sign."""

    PLAIN = "info"
    GOOD = "success"
    WARNING = "warning"
    BAD = "failure"


@frozen
class Manner:
    """Say how a kind of alert is told: its title, the words for one and for several, and whether it cannot wait."""

    title: str
    one: str
    many: str
    tone: Tone = Tone.PLAIN
    is_urgent: bool = False

    def counted(self, number: int) -> str:
        """Write ``1 fill`` or ``12 fills``."""
        return f"{number} {self.one if number == 1 else self.many}"


MANNERS: Mapping[AlertKind, Manner] = MappingProxyType(
    {
        AlertKind.ORDER_PLACED: Manner("Order placed", "order placed", "orders placed"),
        AlertKind.ORDER_FILLED: Manner("Order filled", "fill", "fills", Tone.GOOD),
        AlertKind.ORDER_FAILED: Manner("Order failed", "order failed", "orders failed", Tone.WARNING),
        AlertKind.ORDER_CANCELLED: Manner("Order cancelled", "order cancelled", "orders cancelled"),
        AlertKind.TAKE_PROFIT: Manner("Take-profit", "take-profit", "take-profits", Tone.GOOD, is_urgent=True),
        AlertKind.STOP_LOSS: Manner("Stop-loss", "stop-loss", "stop-losses", Tone.WARNING, is_urgent=True),
        AlertKind.REGRID: Manner("Regrid", "regrid", "regrids"),
        AlertKind.GRID_STATE: Manner("Grid", "change of state", "changes of state"),
        AlertKind.ERROR: Manner("Error", "error", "errors", Tone.BAD, is_urgent=True),
        AlertKind.HEALTH: Manner("Health", "health alert", "health alerts", Tone.WARNING, is_urgent=True),
        AlertKind.RECOVERY: Manner("Recovery", "recovery", "recoveries"),
        AlertKind.MISMATCH: Manner("Balance mismatch", "mismatch", "mismatches", Tone.WARNING, is_urgent=True),
        AlertKind.DRIFT: Manner("Balance drift", "drift", "drifts", Tone.WARNING),
        AlertKind.RESTART: Manner("Restart", "restart", "restarts", Tone.WARNING, is_urgent=True),
        AlertKind.SUMMARY: Manner("Summary", "summary", "summaries"),
    }
)


@frozen
class Alert:
    """Hold one thing worth telling; `side` is that of a fill."""

    kind: AlertKind
    text: str
    side: Side | None = None


@frozen
class Letter:
    """Hold one message as a service gets it, `written_at` epoch ms; `kind` is None for one about several."""

    title: str
    text: str
    tone: Tone
    is_urgent: bool
    written_at: int
    kind: AlertKind | None = None

    @classmethod
    def of(cls, alert: Alert, now: int) -> Letter:
        """Write down one alert."""
        manner = MANNERS[alert.kind]
        return cls(manner.title, alert.text, manner.tone, manner.is_urgent, now, alert.kind)


def worst(tones: list[Tone]) -> Tone:
    """Give the gravest tone of several, plain of none."""
    gravity = (Tone.PLAIN, Tone.GOOD, Tone.WARNING, Tone.BAD)
    return max(tones, key=gravity.index, default=Tone.PLAIN)
