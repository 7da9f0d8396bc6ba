"""What is odd about candles and yet allowed: worth a warning before a backtest."""

from __future__ import annotations

import numpy as np

from engine.candles import Candles
from engine.candles.times import show_span, show_time


def inspect(candles: Candles, timeframe_ms: int) -> list[str]:
    """Warn of prices outside their own candle, of another timeframe than the settings say, and of gaps."""
    return _outside(candles) + _spacing(candles, timeframe_ms)


def _outside(candles: Candles) -> list[str]:
    upper = np.maximum(candles.open, candles.close)
    lower = np.minimum(candles.open, candles.close)
    count = int(np.count_nonzero((upper > candles.high) | (lower < candles.low)))
    if not count:
        return []
    verb = "opens or closes outside its" if count == 1 else "open or close outside their"
    return [f"{_count(count, 'candle')} {verb} high and low; the path visits them as written"]


def _spacing(candles: Candles, timeframe_ms: int) -> list[str]:
    """Compare the times between candles with the commonest of them, and that one with the timeframe."""
    steps = np.diff(candles.times)
    if not len(steps) or (steps == timeframe_ms).all():
        return []
    spans, counts = np.unique(steps, return_counts=True)
    usual = int(spans[counts.argmax()])
    warnings = []
    if usual != timeframe_ms:
        said = show_span(timeframe_ms)
        warnings.append(f"candles are {show_span(usual)} apart, trading_settings.timeframe says {said}")
    gaps = int(np.count_nonzero(steps > usual))
    if gaps:
        longest = int(steps.argmax())
        since = show_time(int(candles.times[longest]))
        warnings.append(f"{_count(gaps, 'gap')}, the longest {show_span(int(steps[longest]))} from {since}")
    close = int(np.count_nonzero(steps < usual))
    if close:
        verb = "follows" if close == 1 else "follow"
        warnings.append(f"{_count(close, 'candle')} {verb} less than {show_span(usual)} after the one before")
    return warnings


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
