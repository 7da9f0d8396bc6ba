"""Finished runs to show: figures that are easy to recognise, and nothing behind them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import numpy as np

from engine.grid import level_prices
from engine.results import GridResult, GridRun
from engine.values import Side
from tests.actors.grids import START, booked, grid, grid_owner, level_owner, wish

SETUP = grid()
PURCHASE = booked(wish(grid_owner(SETUP), Side.BUY, 120, "4.1666"), trade_id="1", fee="0.499992")
SALE = booked(wish(level_owner(SETUP, "2"), Side.SELL, 130, "1.5"), trade_id="2", fee="0.195")
FIGURES = GridResult(
    pair="SOL/USDT",
    mode="backtest",
    start=START,
    end=START + 119 * 60_000 + 500,
    candles=12_345,
    armed=True,
    stop_reason=None,
    initial_value=Decimal(1000),
    final_value=Decimal("1012.34500000"),
    final_quote=Decimal("694.513008"),
    final_base=Decimal("2.66660000"),
    total_fees=Decimal("0.694992"),
    grid_profit=Decimal("14.625"),
    unrealized_profit=Decimal("-2.28000000"),
    roi_percent=Decimal("1.23450000"),
    buy_and_hold_percent=Decimal("-7.5"),
    max_drawdown_percent=Decimal("3.25"),
    max_runup_percent=Decimal("4.125"),
    time_in_profit_percent=Decimal("61.5"),
    time_in_loss_percent=Decimal("38.5"),
    sharpe=Decimal("1.75"),
    sortino=None,
    buys=28,
    sells=17,
    cycles=16,
    open_orders=3,
    waiting_levels=0,
    trades=(PURCHASE, SALE),
)


def finished(
    *changes: tuple[str, object], name: str = "SOL/USDT", armed_at: int | None = START, **figures: Any
) -> GridRun:
    """Give a run with other figures, and with other values at dotted paths of its configuration."""
    setup = grid(*changes, name=name)
    return GridRun(
        name=name,
        settings=setup.settings,
        candles=setup.candles,
        ladder=level_prices(setup.rules),
        armed_at=armed_at,
        cycles=(),
        equity=np.array([1000.0]),
        result=attrs.evolve(FIGURES, **figures),
    )
