"""The ledger of one grid, as an actor."""

from __future__ import annotations

from engine.balance_tracker import BalanceTracker
from engine.balances import Ledger
from engine.grid_setup import GridSetup
from engine.supervision import ChildSpec
from engine.values import ZERO


def spec(grid: GridSetup) -> ChildSpec:
    """Describe the balance tracker of `grid`, opened with the grid's own budget."""
    rules = grid.rules
    budget = grid.settings.trading_settings.initial_balance
    return ChildSpec(
        grid.addresses.balance_tracker,
        lambda: BalanceTracker(Ledger(rules.market, rules.fees, budget, ZERO), rules.market, grid.addresses),
    )
