"""The order manager of one grid, as an actor."""

from __future__ import annotations

from itertools import count

from engine.grid_setup import GridSetup
from engine.order_manager import OrderManager
from engine.supervision import ChildSpec


def spec(grid: GridSetup) -> ChildSpec:
    """Describe the order manager of `grid`."""
    tokens = count(1)
    return ChildSpec(grid.addresses.order_manager, lambda: OrderManager(grid.tag, grid.addresses, next(tokens)))
