"""`gridactors fetch`: get the candles of each period, so that backtests have them at hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from actors.candles.fetched import FetchedPeriod, fetched_period
from actors.candles.sources import candle_file
from actors.loading import each, load_configurations
from actors.state_dir import STATE_DIR
from engine.candles.spans import candles_in
from engine.plain import moment
from engine.settings import SYNTHETIC, Settings
from engine.settings.model import SANDBOX


def fetch_candles(paths: Sequence[Path], state_dir: Path = STATE_DIR, *, as_json: bool) -> None:
    """Fetch what is not in the cache yet, and print a line for each pair; raise `BadInput`, `FetchFailed`.

    Configurations of the same pair, timeframe and period are told once.
    """
    configurations = load_configurations(paths)
    each(configurations, candle_file)
    told: list[dict[str, Any]] = []
    for settings in configurations:
        if (source := _other_source(settings)) is not None:
            click.echo(f"{settings.source}: nothing to fetch, {source}", err=True)
            continue
        market = _as_object(settings, fetched_period(settings, state_dir))
        if market in told:
            continue
        told.append(market)
        if not as_json:  # as soon as it is there: the next may take long
            click.echo(_line(market))
    if as_json:
        click.echo(json.dumps(told, indent=1))


def _other_source(settings: Settings) -> str | None:
    """Say where candles come from that are not fetched."""
    if (file := settings.trading_settings.historical_data_file) is not None:
        return f"its candles are in {file}"
    return {SYNTHETIC: "the synthetic exchange makes its candles", SANDBOX: "the sandbox begins anew each time"}.get(
        settings.exchange.name
    )


def _line(market: dict[str, Any]) -> str:
    missing = sum(gap["candles"] for gap in market["gaps"])
    gaps = f"{_count(len(market['gaps']), 'gap')} ({_count(missing, 'candle')})" if missing else "no gaps"
    return (
        f"{market['exchange']} {market['pair']} {market['timeframe']}: {_count(market['candles'], 'candle')} "
        f"from {market['from']} to {market['to']}, {gaps}, in {market['file']}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def _as_object(settings: Settings, fetched: FetchedPeriod) -> dict[str, Any]:
    timeframe_ms = settings.trading_settings.timeframe_ms
    return {
        "exchange": settings.exchange.name,
        "pair": f"{settings.pair.base_currency}/{settings.pair.quote_currency}",
        "timeframe": settings.trading_settings.timeframe,
        "candles": len(fetched.candles),
        "from": moment(int(fetched.candles.times[0])),
        "to": moment(int(fetched.candles.times[-1])),
        "gaps": [
            {"from": moment(gap.start), "until": moment(gap.end), "candles": candles_in((gap,), timeframe_ms)}
            for gap in fetched.gaps
        ],
        "file": str(fetched.file),
    }
