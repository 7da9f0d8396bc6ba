"""What happened, grid by grid, for those who ask afterwards."""

from __future__ import annotations

from typing import assert_never

from attrs import define, field, frozen

from engine.effects import Effect, Reply
from engine.grid import Plan
from engine.messages import DescribeHistory, GridArmed, GridStopped, ReporterInbox, TradeBooked


@frozen
class GridHistory:
    """Hold one grid's history; `armed_at` (epoch ms) and `plan` are None when it never armed."""

    plan: Plan | None
    armed_at: int | None
    stop_reason: str | None
    trades: tuple[TradeBooked, ...]


@define
class _Notes:
    plan: Plan | None = None
    armed_at: int | None = None
    stop_reason: str | None = None
    trades: list[TradeBooked] = field(factory=list)


class Reporter:
    """Keep the history of every grid."""

    def __init__(self, grids: tuple[str, ...]) -> None:
        """Know the grids by name."""
        self._notes = {grid: _Notes() for grid in grids}

    def handle(self, message: ReporterInbox) -> list[Effect]:
        """Note one fact, or tell a history."""
        match message:
            case TradeBooked():
                self._notes[message.owner.grid].trades.append(message)
            case GridArmed():
                notes = self._notes[message.grid]
                notes.armed_at, notes.plan = message.time, message.plan
            case GridStopped():
                self._notes[message.grid].stop_reason = message.reason
            case DescribeHistory():
                notes = self._notes[message.grid]
                return [Reply(GridHistory(notes.plan, notes.armed_at, notes.stop_reason, tuple(notes.trades)))]
            case _:
                assert_never(message)
        return []
