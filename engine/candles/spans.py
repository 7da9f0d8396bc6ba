"""Spans of time of which the candles are known, wanted or not there; epoch milliseconds UTC.

A span is of opening times: a candle belongs to it when it opens at or after its start and before its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import frozen

from engine.candles import Millis

SETTLING_MS = 5_000  # after its close a candle may still be told without its last trades


@frozen(order=True)
class Span:
    """Reach from `start` up to, not including, `end`."""

    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a span of nothing, from {self.start} to {self.end}")


def finished(start: int, end: int, timeframe_ms: int, now: int) -> Span | None:
    """Give the span of the candles that open from `start` to `end`, both inclusive, and are over at `now`."""
    last = min(end, now - SETTLING_MS - timeframe_ms)
    return Span(start, last + 1) if start <= last else None


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Give the same times in as few spans as can be, earliest first."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def missing(wanted: Span, known: Iterable[Span]) -> tuple[Span, ...]:
    """Give what of `wanted` is in none of the `known` spans, earliest first."""
    holes: list[Span] = []
    start = wanted.start
    for span in united(known):
        if start < min(span.start, wanted.end):
            holes.append(Span(start, min(span.start, wanted.end)))
        start = max(start, span.end)
    if start < wanted.end:
        holes.append(Span(start, wanted.end))
    return tuple(holes)


def gaps(times: Millis, wanted: Span, timeframe_ms: int) -> tuple[Span, ...]:
    """Give the spans of whole candles that should open in `wanted` and do not; `times` are those that do."""
    if not len(times):
        return (wanted,)
    found: list[Span] = []
    first, following = int(times[0]), int(times[-1]) + timeframe_ms
    if (before := (first - wanted.start) // timeframe_ms) > 0:
        found.append(Span(first - before * timeframe_ms, first))
    jumps = np.flatnonzero(np.diff(times) > timeframe_ms)
    found.extend(Span(int(times[jump]) + timeframe_ms, int(times[jump + 1])) for jump in jumps)
    if (behind := -((following - wanted.end) // timeframe_ms)) > 0:
        found.append(Span(following, following + behind * timeframe_ms))
    return tuple(found)


def candles_in(spans: Sequence[Span], timeframe_ms: int) -> int:
    """Tell how many candles open in these spans when none is left out, to within one a span."""
    return sum(-((span.start - span.end) // timeframe_ms) for span in spans)
