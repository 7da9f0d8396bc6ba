"""The reporter of all grids, as an actor: it also logs what has been written down of them."""

from __future__ import annotations

from collections.abc import Sequence

from actors.log_lines.told_events import log_events
from engine.addresses import REPORTER
from engine.effects import Address, Effect
from engine.grid_setup import GridSetup
from engine.messages import ConsoleInbox, ReporterInbox
from engine.messages.alerting import CycleEarned, EventsTold
from engine.reporter import Reporter, Tallied
from engine.supervision import ChildSpec


class LoggingReporter(Reporter):
    """Keep the history of every grid, and log it."""

    def handle(self, message: ReporterInbox) -> list[Effect]:
        """Log what was written; note one fact, or tell a history."""
        if isinstance(message, EventsTold):
            log_events(message)
        return super().handle(message)


def spec(
    grids: Sequence[GridSetup],
    listeners: Sequence[Address[ConsoleInbox]] = (),
    tell_earnings: Address[CycleEarned] | None = None,
) -> ChildSpec:
    """Describe the reporter of `grids`; `listeners` hear what becomes of them, `tell_earnings` of every cycle."""
    timeframes = {grid.name: grid.settings.trading_settings.timeframe_ms for grid in grids}
    journals = [grid.addresses.journal for grid in grids if grid.addresses.journal is not None]
    if not journals:
        return ChildSpec(REPORTER, lambda: Reporter(timeframes, listeners))
    tallied = {grid.name: Tallied(grid.rules, grid.settings.trading_settings.initial_balance) for grid in grids}
    return ChildSpec(REPORTER, lambda: LoggingReporter(timeframes, listeners, journals, tallied, tell_earnings))
