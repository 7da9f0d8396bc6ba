"""The candles of a configuration's period, from an exchange: from the cache if they are there, fetched if not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from actors.candles.cache import CandleCache, cache_for
from actors.state_dir import STATE_DIR
from engine.candles import Candles
from engine.candles.spans import Span, finished, gaps, missing
from engine.candles.times import show_time, to_millis
from engine.errors import BadInput
from engine.settings import Settings

_LONG_FETCH = 20_000  # candles from which a progress bar is worth looking at


@frozen(eq=False)
class FetchedPeriod:
    """Hold the candles of a span, the spans in it without any, and the file that they are kept in."""

    file: Path
    span: Span
    candles: Candles
    gaps: tuple[Span, ...]


def fetched_period(settings: Settings, state_dir: Path = STATE_DIR, *, quiet: bool = False) -> FetchedPeriod:
    """Give the finished candles of the period; raise `BadInput` when there are none, `FetchFailed` when out of reach.

    No request is sent, and ccxt is not imported, when all of them are in the cache.
    """
    span, now = _span(settings)
    cache = cache_for(settings, state_dir)
    timeframe_ms = settings.trading_settings.timeframe_ms
    if missing(span, cache.complete()):
        _fetch(settings, cache, span, now, quiet=quiet)
    candles = cache.load(span)
    if candles is None:
        raise BadInput(
            f"{settings.source}: trading_settings.period: {market_name(settings)} has no candle from "
            f"{show_time(span.start)} to {show_time(span.end - 1)}; allowed: a period in which it was traded"
        )
    return FetchedPeriod(cache.file, span, candles, gaps(candles.times, span, timeframe_ms))


def market_name(settings: Settings) -> str:
    """Name exchange, pair and timeframe."""
    pair = f"{settings.pair.base_currency}/{settings.pair.quote_currency}"
    return f"{settings.exchange.name} {pair} {settings.trading_settings.timeframe}"


def _span(settings: Settings) -> tuple[Span, int]:
    """Give the span of the period's finished candles, and the time now."""
    period = settings.trading_settings.period
    for name, moment in (("start_date", period.start_date), ("end_date", period.end_date)):
        if moment is None:
            raise BadInput(
                f"{settings.source}: trading_settings.period.{name}: is missing; candles are fetched for a period"
            )
    assert period.start_date is not None
    assert period.end_date is not None
    now = time.time_ns() // 1_000_000
    start, end = to_millis(period.start_date), to_millis(period.end_date)
    span = finished(start, end, settings.trading_settings.timeframe_ms, now)
    if span is None:
        raise BadInput(
            f"{settings.source}: trading_settings.period.start_date = {show_time(start)}: no candle of "
            f"{settings.trading_settings.timeframe} since then is finished; allowed: an earlier date"
        )
    return span, now


def _fetch(settings: Settings, cache: CandleCache, span: Span, now: int, *, quiet: bool) -> None:
    from actors.candles.fetching import Fetch
    from actors.gateways.ccxt_candles import CcxtCandles

    name = market_name(settings)

    @contextmanager
    def bar(total: int) -> Iterator[Callable[[int], None]]:
        if quiet or total < _LONG_FETCH or not sys.stderr.isatty():
            yield lambda _: None
            return
        from actors.display.progress import progress_bars

        with progress_bars({name: total}) as on_progress:
            yield lambda done: on_progress(name, done)

    source = CcxtCandles(settings)
    fetch = Fetch(
        name=name,
        asked_by=settings.source,
        cache=cache,
        source=source,
        timeframe_ms=settings.trading_settings.timeframe_ms,
        bar=bar,
    )
    try:
        fetch.complete(span, now)
    finally:
        source.close()
