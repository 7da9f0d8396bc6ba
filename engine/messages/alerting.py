"""What people are told of, as it happens."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from engine.freezing import frozen
from engine.messages.reports import TradeBooked

if TYPE_CHECKING:
    from engine.journal.rows import EventRow


class AlertKind(StrEnum):
    """What an alert is about; people choose among these."""

    ORDER_PLACED = "order_placed"
    ORDER_FILLED = "order_filled"
    ORDER_FAILED = "order_failed"
    ORDER_CANCELLED = "order_cancelled"
    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"
    REGRID = "regrid"
    GRID_STATE = "grid_state"  # armed, paused, resumed, stopped
    ERROR = "error"
    HEALTH = "health"  # a threshold was passed, or what was beyond one is well again
    RECOVERY = "recovery"  # a grid goes on from its journal
    MISMATCH = "mismatch"  # an account has less than the grid holds
    DRIFT = "drift"  # an account changed by nothing that the grid did
    RESTART = "restart"  # of an actor
    SUMMARY = "summary"  # of a day


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
