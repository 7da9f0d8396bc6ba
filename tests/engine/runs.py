"""Whole backtests on one thread, for tests that compare a figure with what really happens."""

from __future__ import annotations

from actors.backtests import run_stepped
from engine.candles import Candles
from engine.grid_setup import BacktestSetup
from engine.results import GridRun
from engine.stepper import Stepper
from tests.engine.configurations import load


def stepped(
    series: Candles, *changes: tuple[str, object], host: Stepper | None = None, every_candle: bool = False
) -> GridRun:
    """Run the smallest configuration (130 to 200 in five levels, 1000 USDT) with some changes on `series`."""
    setup = BacktestSetup.of("SOL/USDT", load(*changes), series, every_candle=every_candle)
    (run,) = run_stepped([setup], lambda _name, _index: None, host)
    return run
