"""What happened, grid by grid, for those who ask afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import assert_never

from attrs import define, field, frozen

from engine.candles.recorder import CandleRecorder
from engine.effects import Address, Effect, Reply, Send
from engine.grid import Plan
from engine.journal.rows import EventRow
from engine.messages import (
    ConsoleInbox,
    DescribeCandles,
    DescribeHistory,
    GridArmed,
    GridStopped,
    HistoryRecalled,
    JournalInbox,
    PriceNoted,
    RecallHistory,
    ReporterInbox,
    TradeBooked,
)
from engine.messages.alerting import EventsTold
from engine.messages.steering import GridPaused, GridResumed, PauseBegun

_EVENTS_KEPT = 200


@frozen
class Pause:
    """Say why a grid rests, and until when (epoch ms; None for open end); `is_resting` when no order is left."""

    reason: str
    until: int | None
    is_resting: bool = False


@frozen
class GridHistory:
    """Hold one grid's history; `armed_at` (epoch ms) and `plan` are None when it never armed.

    It began with `capital`, quote and base; None for the budget that its configuration says. `events` are the newest
    ones that were written down, oldest first, of `events_told` in all.
    """

    plan: Plan | None
    armed_at: int | None
    stop_reason: str | None
    trades: tuple[TradeBooked, ...]
    capital: tuple[Decimal, Decimal] | None = None
    pause: Pause | None = None
    events: tuple[EventRow, ...] = ()
    events_told: int = 0


@define
class _Notes:
    candles: CandleRecorder
    plan: Plan | None = None
    armed_at: int | None = None
    stop_reason: str | None = None
    trades: list[TradeBooked] = field(factory=list)
    capital: tuple[Decimal, Decimal] | None = None
    pause: Pause | None = None
    events: deque[EventRow] = field(factory=lambda: deque(maxlen=_EVENTS_KEPT))
    events_told: int = 0

    def recall(self, recalled: HistoryRecalled) -> None:
        """Take over what the journal has, and keep what has been told since."""
        self.capital, self.armed_at, self.plan = recalled.capital, recalled.armed_at, recalled.plan
        self.stop_reason = recalled.stop_reason or self.stop_reason
        if recalled.pause_reason is None:
            self.pause = None
        elif self.pause is None:
            self.pause = Pause(recalled.pause_reason, recalled.paused_until)
        known = {(trade.client_order_id, trade.trade_id) for trade in recalled.trades}
        newer = [trade for trade in self.trades if (trade.client_order_id, trade.trade_id) not in known]
        self.trades = [*recalled.trades, *newer]

    def history(self) -> GridHistory:
        return GridHistory(
            self.plan,
            self.armed_at,
            self.stop_reason,
            tuple(self.trades),
            self.capital,
            self.pause,
            tuple(self.events),
            self.events_told,
        )


class Reporter:
    """Keep the history of every grid."""

    def __init__(
        self,
        timeframes: Mapping[str, int],
        tell_stops: Sequence[Address[ConsoleInbox]] = (),
        journals: Sequence[Address[JournalInbox]] = (),
    ) -> None:
        """Know the grids by name, each with the length of its candles in ms; `tell_stops` hear of ends and returns.

        What is in `journals` is history too.
        """
        self._journals = journals
        self._notes = {grid: _Notes(CandleRecorder(timeframe)) for grid, timeframe in timeframes.items()}
        self._tell_stops = tell_stops

    def start(self) -> list[Effect]:
        """Ask those for history who may have some: the journals that are there already."""
        return [Send(journal, RecallHistory()) for journal in self._journals]

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
                return [Send(listener, message) for listener in self._tell_stops]
            case PauseBegun():
                self._notes[message.grid].pause = Pause(message.reason, message.until)
            case GridPaused():
                self._notes[message.grid].pause = Pause(message.reason, message.until, is_resting=True)
            case GridResumed():
                notes = self._notes[message.grid]
                notes.pause = notes.stop_reason = None
                return [Send(listener, message) for listener in self._tell_stops]
            case EventsTold():
                notes = self._notes[message.grid]
                notes.events.extend(message.events)
                notes.events_told += len(message.events)
            case HistoryRecalled():
                notes = self._notes[message.grid]
                notes.recall(message)
            case PriceNoted():
                self._notes[message.grid].candles.price(message.time, message.price)
            case DescribeHistory():
                notes = self._notes[message.grid]
                return [Reply(notes.history())]
            case DescribeCandles():
                return [Reply(self._notes[message.grid].candles.candles())]
            case _:
                assert_never(message)
        return []
