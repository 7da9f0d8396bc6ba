"""One level of a grid, as an actor."""

from __future__ import annotations

from engine.grid import PlannedLevel
from engine.grid_level import GridLevel
from engine.grid_setup import GridSetup
from engine.supervision import ChildSpec


def spec(grid: GridSetup, level: PlannedLevel) -> ChildSpec:
    """Describe the actor of `level`."""
    return ChildSpec(
        grid.addresses.level(level.slot),
        lambda: GridLevel(level, grid.rules, grid.addresses),
    )
