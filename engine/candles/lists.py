"""Candles made of exact values that are already at hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.candles import Candle, Candles


def candles_from(rows: Iterable[Candle]) -> Candles:
    """Build `Candles` of exact candles, oldest first; ValueError when their times do not rise."""
    exact = tuple(rows)
    times = np.array([row.time for row in exact], np.int64)
    if (np.diff(times) <= 0).any():
        raise ValueError("times of candles must rise from one to the next")
    return Candles(
        times,
        np.array([float(row.open) for row in exact], np.float64),
        np.array([float(row.high) for row in exact], np.float64),
        np.array([float(row.low) for row in exact], np.float64),
        np.array([float(row.close) for row in exact], np.float64),
        exact.__getitem__,
    )
