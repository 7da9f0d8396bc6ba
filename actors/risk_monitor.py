"""The risk monitor of one grid, as an actor."""

from __future__ import annotations

from engine.grid_setup import GridSetup
from engine.risk import RiskMonitor
from engine.supervision import ChildSpec


def spec(grid: GridSetup) -> ChildSpec:
    """Describe the risk monitor of `grid`."""
    risk = grid.settings.risk_management
    return ChildSpec(
        grid.addresses.risk_monitor,
        lambda: RiskMonitor(risk.take_profit.price, risk.stop_loss.price, grid.addresses),
    )
