"""The gateway of one grid, as an actor: the one way to a real exchange."""

from __future__ import annotations

from random import Random

from engine.gateway.gateway import Gateway
from engine.gateway.rules import GatewayRules
from engine.grid_setup import GridSetup
from engine.supervision import ChildSpec


def spec(grid: GridSetup, rules: GatewayRules) -> ChildSpec:
    """Describe the gateway of `grid`; those who call for it live at `addresses.caller(0)` and on."""
    return ChildSpec(grid.addresses.gateway, lambda: Gateway(grid.tag, rules, grid.addresses, Random().random))
