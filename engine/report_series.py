"""Thin long series to what a chart can draw, keeping what the eye looks for: the extremes, the counts, the sums."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attrs import frozen

from engine.candles import Candles, Floats, Millis
from engine.messages import TradeBooked
from engine.results import Cycle
from engine.values import Kind, Side

Indices = npt.NDArray[np.intp]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_WIDTHS = (
    *(SECOND * n for n in (1, 2, 5, 10, 15, 30)),
    *(MINUTE * n for n in (1, 2, 3, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 4, 6, 8, 12)),
    *(DAY * n for n in (1, 2, 3, 4, 7, 14, 28, 91, 364)),
)
_BANDS = 16  # of neighbouring levels, when fills are gathered


@frozen(eq=False)
class Bars:
    """Hold candles to draw, each `width` ms wide and beginning at its `times`; all arrays have one shape."""

    width: int
    times: Millis
    open: Floats
    high: Floats
    low: Floats
    close: Floats


@frozen(eq=False)
class Fills:
    """Hold trades to draw: one mark for `counts` trades of one side and kind in levels `lowest` to `highest`.

    Levels are below 0 for a market order. `prices` are means, `quantities` sums, `width` the ms that one mark
    stands for, 0 when each is one trade.
    """

    width: int
    times: Millis
    lowest: npt.NDArray[np.int64]
    highest: npt.NDArray[np.int64]
    buys: npt.NDArray[np.bool_]
    markets: npt.NDArray[np.bool_]
    prices: Floats
    quantities: Floats
    counts: npt.NDArray[np.int64]


@frozen(eq=False)
class Earnings:
    """Hold completed cycles in columns of one shape: when, at which level, the profit in quote."""

    times: Millis
    levels: npt.NDArray[np.int64]
    profits: Floats


def candle_width(times: Millis) -> int:
    """Give the length of a candle in ms, a minute when there are too few to tell."""
    return int(np.diff(times).min()) if len(times) > 1 else MINUTE


def draw_bars(candles: Candles, most: int) -> Bars:
    """Merge candles into at most about `most` longer ones of a familiar width, aligned to UTC."""
    width = candle_width(candles.times)
    if len(candles) <= most:
        return Bars(width, candles.times, candles.open, candles.high, candles.low, candles.close)
    width = _fitting_width(candles.times, width, most)
    slots = candles.times // width
    first = np.flatnonzero(np.diff(slots, prepend=slots[0] - 1))
    last = np.append(first[1:], len(candles)) - 1
    return Bars(
        width,
        slots[first] * width,
        candles.open[first],
        np.maximum.reduceat(candles.high, first),
        np.minimum.reduceat(candles.low, first),
        candles.close[last],
    )


def keep_extremes(values: Floats, most: int) -> Indices:
    """Choose at most `most` (4 or more) indices, ascending: the ends, and the lowest and highest of each stretch."""
    count = len(values)
    if count <= most:
        return np.arange(count)
    size = -(-count // (most // 2 - 1))
    full = count // size * size
    rows = values[:full].reshape(-1, size)
    starts = np.arange(0, full, size)
    chosen = [starts + rows.argmin(axis=1), starts + rows.argmax(axis=1), np.array([0, count - 1])]
    if full < count:
        rest = values[full:]
        chosen.append(np.array([full + rest.argmin(), full + rest.argmax()]))
    return np.unique(np.concatenate(chosen))


def fall_from_peak(equity: Floats) -> Floats:
    """Give the drawdown at each point in percent of the highest point before it, 0 or below."""
    peaks = np.maximum.accumulate(equity)
    return (equity / peaks - 1) * 100


def draw_fills(trades: Sequence[TradeBooked], most: int, gathered: int) -> Fills:
    """Mark every trade; of more than `most`, gather those of neighbouring levels, per side, kind and stretch of time.

    Gathered, they make at most about `gathered` marks, which is less, so that the price can be seen between them.
    """
    count = len(trades)
    times = np.fromiter((trade.time for trade in trades), np.int64, count)
    levels = np.fromiter((-1 if trade.owner.level is None else trade.owner.level for trade in trades), np.int64, count)
    buys = np.fromiter((trade.side is Side.BUY for trade in trades), np.bool_, count)
    markets = np.fromiter((trade.kind is Kind.MARKET for trade in trades), np.bool_, count)
    prices = np.fromiter((float(trade.price) for trade in trades), np.float64, count)
    quantities = np.fromiter((float(trade.quantity) for trade in trades), np.float64, count)
    if count <= most:
        return Fills(0, times, levels, levels, buys, markets, prices, quantities, np.ones(count, np.int64))
    span = -(-int(np.ptp(levels) + 1) // _BANDS)
    groups = (levels // span + 1) * 4 + buys * 2 + markets
    width, first, pair, counts = _gather(times, groups, gathered)
    return Fills(
        width,
        # A buy and a sell of one price and stretch stand side by side.
        times[first] // width * width + np.where(buys[first], width // 3, width - width // 3),
        levels[first] // span * span,
        levels[first] // span * span + span - 1,
        buys[first],
        markets[first],
        _sums(pair, prices, len(counts)) / counts,
        _sums(pair, quantities, len(counts)),
        counts,
    )


def list_earnings(cycles: Sequence[Cycle]) -> Earnings:
    """Put the cycles in columns."""
    count = len(cycles)
    return Earnings(
        np.fromiter((cycle.time for cycle in cycles), np.int64, count),
        np.fromiter((cycle.level for cycle in cycles), np.int64, count),
        np.fromiter((float(cycle.profit) for cycle in cycles), np.float64, count),
    )


def profit_per_level(earned: Earnings, levels: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Sum the profit of each of `levels` levels and count its cycles; both of shape (levels,)."""
    cycles = np.bincount(earned.levels, minlength=levels).astype(np.int64)
    return _sums(earned.levels, earned.profits, levels), cycles


def profit_per_period(earned: Earnings, start: int, end: int, most: int) -> tuple[int, Millis, Floats]:
    """Sum profit per UTC day from `start` to `end` (ms), or per longer period so that there are at most `most`.

    Returned: the period's width in ms, the beginning of each, its profit.
    """
    width = next((w for w in _WIDTHS if w >= DAY and end // w - start // w < most), _WIDTHS[-1])
    times = np.arange(start // width, end // width + 1) * width
    slots = np.clip(earned.times // width - start // width, 0, len(times) - 1)
    return width, times, _sums(slots, earned.profits, len(times))


def _fitting_width(times: Millis, width: int, most: int) -> int:
    """Find the narrowest familiar multiple of `width` that cuts `times` into at most `most` stretches."""
    for wider in _WIDTHS:
        if wider > width and wider % width == 0 and int(times[-1] // wider - times[0] // wider) < most:
            return wider
    return max(width, _WIDTHS[-1])


def _sums(slots: npt.NDArray[np.int64] | Indices, amounts: Floats, count: int) -> Floats:
    """Add up the amounts of each of `count` slots."""
    return np.bincount(slots, amounts, count).astype(np.float64)


def _gather(times: Millis, groups: Millis, most: int) -> tuple[int, Indices, Indices, npt.NDArray[np.int64]]:
    """Find the narrowest stretches that leave at most `most` pairs of stretch and group, or the widest there are.

    Returned: the width, the first trade of each pair, the pair of each trade, the trades of each pair.
    """

    def pairs(width: int) -> npt.NDArray[np.int64]:
        return times // width * (int(groups.max()) + 1) + groups

    enough = bisect_left(_WIDTHS, -most, key=lambda width: -len(np.unique(pairs(width))))
    width = _WIDTHS[min(enough, len(_WIDTHS) - 1)]
    _, first, pair, counts = np.unique(pairs(width), return_index=True, return_inverse=True, return_counts=True)
    return width, first, pair, counts
