"""Where a backtest's candles come from: a file, an exchange, or the built-in synthetic market."""

from __future__ import annotations

from pathlib import Path

from actors.gateways import candle_files
from actors.state_dir import STATE_DIR
from engine.candles import Candles
from engine.candles.checks import inspect
from engine.candles.spans import Span
from engine.candles.synthetic import synthetic_candles
from engine.candles.times import show_time, to_millis
from engine.errors import BadInput
from engine.settings import SYNTHETIC, Settings


def candles_for(settings: Settings, state_dir: Path = STATE_DIR, *, quiet: bool = False) -> tuple[Candles, list[str]]:
    """Load the candles that `settings` asks for, and what about them deserves a warning; raise `BadInput`.

    Those of an exchange are fetched unless they are in the cache in `state_dir`, with a progress bar unless `quiet`.
    """
    trading = settings.trading_settings
    path = candle_file(settings)
    if path is not None:
        candles = candle_files.load(path, trading.period.start_date, trading.period.end_date)
        return candles, [f"{path}: {warning}" for warning in inspect(candles, trading.timeframe_ms)]
    if settings.exchange.name == SYNTHETIC:
        return _synthetic(settings), []
    return _fetched(settings, state_dir, quiet=quiet)


def candle_file(settings: Settings) -> Path | None:
    """Find the candle file, None where none is named; raise `BadInput` when it is not there.

    It is looked for from the working directory, then beside the configuration.
    """
    named = settings.trading_settings.historical_data_file
    if named is None:
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


def _fetched(settings: Settings, state_dir: Path, *, quiet: bool) -> tuple[Candles, list[str]]:
    from actors.candles.fetched import fetched_period

    fetched = fetched_period(settings, state_dir, quiet=quiet)
    first, last = int(fetched.candles.times[0]), int(fetched.candles.times[-1])
    warnings = [
        *inspect(fetched.candles, settings.trading_settings.timeframe_ms),  # it tells the gaps in between
        *(_no_candles(gap) for gap in fetched.gaps if gap.end <= first or gap.start > last),
        *_still_to_come(settings, fetched.span),
    ]
    return fetched.candles, [f"{fetched.file}: {warning}" for warning in warnings]


def _no_candles(gap: Span) -> str:
    return f"the exchange has no candles from {show_time(gap.start)} until {show_time(gap.end)}"


def _still_to_come(settings: Settings, span: Span) -> list[str]:
    """Warn of a period that goes on: the same run will have more candles later."""
    end = settings.trading_settings.period.end_date
    if end is None or to_millis(end) < span.end:
        return []
    return [f"period.end_date is still to come; the last candle opens before {show_time(span.end)}"]


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
