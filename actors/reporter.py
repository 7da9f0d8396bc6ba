"""The reporter of all grids, as an actor."""

from __future__ import annotations

from collections.abc import Sequence

from engine.addresses import REPORTER
from engine.effects import Address
from engine.grid_setup import GridSetup
from engine.messages import ConsoleInbox
from engine.reporter import Reporter
from engine.supervision import ChildSpec


def spec(grids: Sequence[GridSetup], tell_stops: Sequence[Address[ConsoleInbox]] = ()) -> ChildSpec:
    """Describe the reporter of `grids`; `tell_stops` hear when one stops or goes on."""
    timeframes = {grid.name: grid.settings.trading_settings.timeframe_ms for grid in grids}
    journals = [grid.addresses.journal for grid in grids if grid.addresses.journal is not None]
    return ChildSpec(REPORTER, lambda: Reporter(timeframes, tell_stops, journals))
