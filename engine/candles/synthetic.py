"""Make candles of a market that never was, the same ones again for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from engine.candles import Candle, Candles, Floats, Millis
from engine.errors import BadInput
from engine.values import SATOSHI

MEMORY_MS = 3 * 86_400_000  # after this long, 37 % of a distance from the middle is left
SPREAD = 0.5  # standard deviation of the price, in halves of the range: one candle in 22 is outside
WICK = 0.4  # standard deviation of a wick, in those of a candle's move
JUMP_FROM = 1.64  # normal deviates beyond this, one in ten, open away from the last close
JUMP = 0.2  # and by this times the deviate, in standard deviations of a candle's move

_DIGITS = 5  # significant ones, of a price in the middle of the range
_LARGEST = 10**12  # units of the tick in a price, far below where doubles stop being exact


def synthetic_candles(
    seed: int, start_ms: int, end_ms: int, timeframe_ms: int, bottom: Decimal, top: Decimal, tick: Decimal
) -> Candles:
    """Make the candles from `start_ms` to `end_ms`, both inclusive, of a price that reverts to the middle of a range.

    The price's logarithm is an Ornstein-Uhlenbeck process, taken exactly at each close, so that it swings alike in
    every timeframe. A longer period begins with the candles of a shorter one. Raise BadInput for an empty period.

    Source of randomness: `numpy.random.RandomState`, whose stream NumPy's policy (NEP 19) keeps as it is for good.
    """
    count = (end_ms - start_ms) // timeframe_ms + 1
    if count < 1:
        raise BadInput(f"no candle fits from {start_ms} to {end_ms} (epoch ms); allowed: an end at or after the start")
    # A row of deviates per candle: how many candles are made does not change what is drawn for the first ones.
    closing, jumping, rising, falling = np.random.RandomState(seed).standard_normal((count, 4)).T
    middle = math.sqrt(float(bottom) * float(top))
    spread = SPREAD * math.log(float(top) / float(bottom)) / 2
    kept = math.exp(-timeframe_ms / MEMORY_MS)
    move = spread * math.sqrt(1 - kept * kept)

    close = middle * np.exp(_revert(closing * move, kept))
    opened = np.concatenate(([middle], close[:-1]))
    opened *= 1 + np.where(np.abs(jumping) > JUMP_FROM, JUMP * move * jumping, 0)
    high = np.maximum(opened, close) * (1 + WICK * move * np.abs(rising))
    low = np.minimum(opened, close) / (1 + WICK * move * np.abs(falling))

    unit = _unit(Decimal(middle), tick)
    times = start_ms + timeframe_ms * np.arange(count, dtype=np.int64)
    return _on_ticks(times, np.array((opened, high, low, close)), unit)


def _revert(shocks: Floats, kept: float) -> Floats:
    """Add up `shocks`, of each sum only the share `kept` going into the next."""
    sums = accumulate(shocks.tolist(), lambda last, shock: kept * last + shock)
    return np.fromiter(sums, np.float64, len(shocks))


def _unit(middle: Decimal, tick: Decimal) -> Decimal:
    """Choose what prices are multiples of: the market's tick if it has one, else what suits their size."""
    unit = tick if tick > SATOSHI else Decimal(1).scaleb(middle.adjusted() + 1 - _DIGITS)
    while middle / unit > _LARGEST:
        unit *= 10
    return unit


def _on_ticks(times: Millis, prices: Floats, unit: Decimal) -> Candles:
    """Round `prices`, shape (4, n), to positive multiples of `unit`, with floats and exact prices that agree."""
    units = np.maximum(np.rint(prices / float(unit)), 1).astype(np.int64)
    opened, high, low, close = _floats(units, unit)
    return Candles(times, opened, high, low, close, _exact(times, units, unit))


def _floats(units: npt.NDArray[np.int64], unit: Decimal) -> Floats:
    """Give the doubles nearest to `units` times `unit`."""
    mantissa, divisor = unit.as_integer_ratio()
    if divisor.bit_length() <= 53 and int(units.max()) * mantissa < 2**53:
        return units * mantissa / divisor  # both are exact doubles, so the quotient is the nearest one
    return np.array([[float(int(number) * unit) for number in row] for row in units])


def _exact(times: Millis, units: npt.NDArray[np.int64], unit: Decimal) -> Callable[[int], Candle]:
    time_at = times.item
    opened, high, low, close = (row.item for row in units)

    def exact(index: int) -> Candle:
        return Candle(
            time_at(index),
            opened(index) * unit,
            high(index) * unit,
            low(index) * unit,
            close(index) * unit,
        )

    return exact
