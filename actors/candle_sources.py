"""Where a backtest's candles come from: a file, or the built-in synthetic market."""

from __future__ import annotations

from pathlib import Path

from actors.gateways import candle_files
from engine.candles import Candles
from engine.candles.checks import inspect
from engine.candles.synthetic import synthetic_candles
from engine.errors import BadInput
from engine.settings import SYNTHETIC, Settings


def candles_for(settings: Settings) -> tuple[Candles, list[str]]:
    """Load the candles that `settings` asks for, and what about them deserves a warning; raise `BadInput`."""
    trading = settings.trading_settings
    named = trading.historical_data_file
    if named is None and settings.exchange.name == SYNTHETIC:
        return _synthetic(settings), []
    assert named is not None, "a valid backtest has a file or is synthetic"
    path = _found(named, settings.source)
    candles = candle_files.load(path, trading.period.start_date, trading.period.end_date)
    return candles, [f"{path}: {warning}" for warning in inspect(candles, trading.timeframe_ms)]


def _found(named: str, source: str) -> Path:
    """Look for a file from the working directory, then beside the configuration."""
    path = Path(named).expanduser()
    beside = Path(source).parent / path
    if path.exists() or beside == path:
        return path
    if beside.exists():
        return beside
    raise BadInput(
        f"{source}: trading_settings.historical_data_file = {named!r}: no such file, "
        f"neither from {Path.cwd()} nor beside the configuration"
    )


def _synthetic(settings: Settings) -> Candles:
    trading, grid = settings.trading_settings, settings.grid_strategy.range
    start, end = trading.period.start_date, trading.period.end_date
    assert start is not None and end is not None, "a valid synthetic market has both dates"  # noqa: PT018
    return synthetic_candles(
        settings.exchange.seed,
        int(start.timestamp() * 1000),
        int(end.timestamp() * 1000),
        trading.timeframe_ms,
        grid.bottom,
        grid.top,
        settings.market.price_tick,
    )
