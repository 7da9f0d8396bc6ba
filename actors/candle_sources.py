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
    path = candle_file(settings)
    if path is None:
        return _synthetic(settings), []
    trading = settings.trading_settings
    candles = candle_files.load(path, trading.period.start_date, trading.period.end_date)
    return candles, [f"{path}: {warning}" for warning in inspect(candles, trading.timeframe_ms)]


def candle_file(settings: Settings) -> Path | None:
    """Find the candle file, None for the synthetic market; raise `BadInput` when it is not there.

    It is looked for from the working directory, then beside the configuration.
    """
    named = settings.trading_settings.historical_data_file
    if named is None:
        assert settings.exchange.name == SYNTHETIC, "a valid backtest has a file or is synthetic"
        return None
    path = Path(named).expanduser()
    beside = Path(settings.source).parent / path
    for place in (path, beside):
        if place.exists():
            return place
    where = "" if path.is_absolute() else f", neither from {Path.cwd()} nor beside the configuration"
    raise BadInput(
        f"{settings.source}: trading_settings.historical_data_file = {named!r}: no such file{where}; "
        "allowed: a CSV file of candles"
    )


def _synthetic(settings: Settings) -> Candles:
    trading, grid = settings.trading_settings, settings.grid_strategy.range
    start, end = trading.period.start_date, trading.period.end_date
    assert start is not None, "a valid synthetic market has both dates"
    assert end is not None, "a valid synthetic market has both dates"
    return synthetic_candles(
        settings.exchange.seed,
        int(start.timestamp() * 1000),
        int(end.timestamp() * 1000),
        trading.timeframe_ms,
        grid.bottom,
        grid.top,
        settings.market.price_tick,
    )
