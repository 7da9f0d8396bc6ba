"""What happened, grid by grid, for those who ask afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import assert_never

from attrs import define, field, frozen

from engine.candles.recorder import CandleRecorder
from engine.effects import Address, Effect, Reply, Send
from engine.grid import GridRules, Plan
from engine.journal.rows import EventRow
from engine.measures import Measures, MeasuresTold
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
from engine.messages.alerting import CycleEarned, EventsTold
from engine.messages.steering import GridPaused, GridResumed, PauseBegun
from engine.results import Cycle
from engine.tally import Tally, TallyTold
from engine.values import ZERO

_EVENTS_KEPT = 200
_TRADES_KEPT = 1_000


@frozen
class Pause:
    """Say why a grid rests, and until when (epoch ms; None for open end); `is_resting` when no order is left."""

    reason: str
    until: int | None
    is_resting: bool = False


@frozen
class GridHistory:
    """Hold one grid's history; `armed_at` (epoch ms) and `plan` are None when it never armed.

    It began with `capital`, quote and base; None for the budget that its configuration says. Where there is a `tally`
    of all trades, `trades` are the newest only; a journal has the others. `events` are the newest
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
    measures: MeasuresTold = field(factory=MeasuresTold)
    tally: TallyTold | None = None


@frozen
class Tallied:
    """Say by which rules a grid's trades are added up as they come, and with how much quote it began."""

    rules: GridRules
    budget: Decimal


@define
class _Notes:
    candles: CandleRecorder
    plan: Plan | None = None
    armed_at: int | None = None
    stop_reason: str | None = None
    trades: list[TradeBooked] | deque[TradeBooked] = field(factory=list)
    capital: tuple[Decimal, Decimal] | None = None
    pause: Pause | None = None
    events: deque[EventRow] = field(factory=lambda: deque(maxlen=_EVENTS_KEPT))
    events_told: int = 0
    measures: Measures = field(factory=Measures)
    tallied: Tallied | None = None
    is_known: bool = True  # whether there is nothing that a journal has yet to tell
    tally: Tally | None = None

    def __attrs_post_init__(self) -> None:
        if self.tallied is not None:
            self.trades = deque(maxlen=_TRADES_KEPT)
            self._begin_tally()

    def book(self, trade: TradeBooked) -> Cycle | None:
        self.trades.append(trade)
        return None if self.tally is None else self.tally.book(trade)

    def arm(self, armed: GridArmed) -> None:
        self.armed_at, self.plan = armed.time, armed.plan
        if self.tally is not None and not self.tally.told().trades:
            self._begin_tally()

    def _begin_tally(self) -> None:
        """Begin to add up; nothing is traded before there is a plan, and a sale is nothing without what it sells."""
        if self.tallied is not None and self.is_known:
            capital = self.capital or (self.tallied.budget, ZERO)
            self.tally = Tally(self.plan, self.tallied.rules, capital, ZERO)

    def recall(self, recalled: HistoryRecalled) -> None:
        """Take over what the journal has: it tells nothing else before."""
        self.capital, self.armed_at, self.plan = recalled.capital, recalled.armed_at, recalled.plan
        self.stop_reason = recalled.stop_reason or self.stop_reason
        if recalled.pause_reason is None:
            self.pause = None
        elif self.pause is None:
            self.pause = Pause(recalled.pause_reason, recalled.paused_until)
        self.trades.clear()
        self.is_known = True
        self._begin_tally()
        for trade in recalled.trades:
            self.book(trade)

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
            self.measures.told(),
            None if self.tally is None else self.tally.told(),
        )


class Reporter:
    """Keep the history of every grid."""

    def __init__(
        self,
        timeframes: Mapping[str, int],
        listeners: Sequence[Address[ConsoleInbox]] = (),
        journals: Sequence[Address[JournalInbox]] = (),
        tallied: Mapping[str, Tallied] | None = None,
        tell_earnings: Address[CycleEarned] | None = None,
    ) -> None:
        """Know the grids by name, each with the length of its candles in ms; `listeners` hear what becomes of them.

        What is in `journals` is history too. Of grids that are `tallied` only the newest trades are kept, and
        `tell_earnings` hears of every cycle.
        """
        self._journals = journals
        self._tell_earnings = tell_earnings
        sums = tallied or {}
        self._notes = {
            grid: _Notes(CandleRecorder(timeframe), tallied=sums.get(grid), is_known=not journals)
            for grid, timeframe in timeframes.items()
        }
        self._listeners = tuple(listeners)

    def start(self) -> list[Effect]:
        """Ask those for history who may have some: the journals that are there already."""
        return [Send(journal, RecallHistory()) for journal in self._journals]

    def handle(self, message: ReporterInbox) -> list[Effect]:
        """Note one fact, or tell a history."""
        match message:
            case TradeBooked():
                self._notes[message.owner.grid].book(message)
            case GridArmed():
                self._notes[message.grid].arm(message)
                return self._tell(message)
            case GridStopped():
                self._notes[message.grid].stop_reason = message.reason
                return self._tell(message)
            case PauseBegun():
                self._notes[message.grid].pause = Pause(message.reason, message.until)
            case GridPaused():
                self._notes[message.grid].pause = Pause(message.reason, message.until, is_resting=True)
                return self._tell(message)
            case GridResumed():
                notes = self._notes[message.grid]
                notes.pause = notes.stop_reason = None
                return self._tell(message)
            case EventsTold():
                return self._written(message)
            case HistoryRecalled():
                notes = self._notes[message.grid]
                notes.recall(message)
            case PriceNoted():
                self._notes[message.grid].candles.price(message.time, message.price)
            case DescribeHistory():
                notes = self._notes[message.grid]
                return [Reply(notes.history())]
            case DescribeCandles():
                return [Reply(self._notes[message.grid].candles.candles(message.last))]
            case _:
                assert_never(message)
        return []

    def _written(self, told: EventsTold) -> list[Effect]:
        """Take note of what a journal has written; before it has said what came before, it has yet to say it all."""
        notes = self._notes[told.grid]
        notes.events.extend(told.events)
        notes.events_told += len(told.events)
        notes.measures.written(told)
        cycles = [notes.book(trade) for trade in told.trades] if notes.is_known else []
        if self._tell_earnings is None:
            return []
        return [Send(self._tell_earnings, CycleEarned(told.grid, cycle.profit)) for cycle in cycles if cycle]

    def _tell(self, fact: GridArmed | GridPaused | GridResumed | GridStopped) -> list[Effect]:
        return [Send(listener, fact) for listener in self._listeners]
