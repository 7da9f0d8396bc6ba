"""The exchange of a backtest: prices from candles, fills in process."""

from __future__ import annotations

from engine.exchange import SimulatedExchange
from engine.grid_setup import BacktestSetup
from engine.supervision import ChildSpec


def spec(grid: BacktestSetup) -> ChildSpec:
    """Describe the simulated exchange of `grid`."""
    rules = grid.rules
    return ChildSpec(
        grid.addresses.exchange,
        lambda: SimulatedExchange(
            grid.candles, rules.market, rules.fees, rules.slippage, grid.addresses, every_candle=grid.every_candle
        ),
    )
