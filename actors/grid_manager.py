"""The manager of one grid, as an actor."""

from __future__ import annotations

from itertools import count

from engine.grid_manager import GridManager
from engine.grid_setup import GridSetup
from engine.supervision import ChildSpec
from engine.values import ZERO


def spec(grid: GridSetup) -> ChildSpec:
    """Describe the grid manager of `grid`."""
    budget = grid.settings.trading_settings.initial_balance
    retries = grid.settings.execution.max_retries
    tokens = count(1)
    return ChildSpec(
        grid.addresses.grid_manager,
        lambda: GridManager(grid.rules, budget, ZERO, grid.addresses, retries, next(tokens)),
    )
