"""The exchange of paper trading: live prices, fills in process."""

from __future__ import annotations

from engine.grid_setup import GridSetup
from engine.paper_exchange import PaperExchange
from engine.supervision import ChildSpec


def spec(grid: GridSetup) -> ChildSpec:
    """Describe the exchange that `grid` trades on in paper mode."""
    rules, slippage = grid.rules, grid.settings.execution.backtest_slippage
    return ChildSpec(grid.addresses.exchange, lambda: PaperExchange(rules.market, rules.fees, slippage, grid.addresses))
