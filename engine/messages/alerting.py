"""What people are told of, as it happens."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.freezing import frozen
from engine.messages.reports import TradeBooked
from engine.settings.choices import AlertKind

if TYPE_CHECKING:
    from engine.journal.rows import EventRow

__all__ = ["AlertKind", "CycleEarned", "EventsTold", "Notify"]


@frozen
class Notify:
    """Have people told of something, if they want to hear of its `kind`; `grid` is None for the whole process."""

    kind: AlertKind
    grid: str | None
    text: str


@frozen
class EventsTold:
    """Tell what a journal has just written of a grid: events and trades, at `written_at` (epoch ms)."""

    grid: str
    events: tuple[EventRow, ...]
    trades: tuple[TradeBooked, ...]
    written_at: int


@frozen
class CycleEarned:
    """Tell what a completed cycle of a grid has earned, in quote, after its fees."""

    grid: str
    profit: Decimal
