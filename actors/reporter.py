"""The reporter of all grids, as an actor."""

from __future__ import annotations

from collections.abc import Sequence

from engine.addresses import REPORTER
from engine.grid_setup import GridSetup
from engine.reporter import Reporter
from engine.supervision import ChildSpec


def spec(grids: Sequence[GridSetup]) -> ChildSpec:
    """Describe the reporter of `grids`."""
    return ChildSpec(REPORTER, lambda: Reporter(tuple(grid.name for grid in grids)))
