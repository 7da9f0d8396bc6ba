"""The way the price goes through a candle, and which candle next has something to meet."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from engine.candles import Candle, Candles

_LOOK_AHEAD = 48  # candles tried one by one before a scan is worth its start-up
_FIRST_CHUNK = 256


def waypoints(candle: Candle) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Give open, the extreme nearer to it (low on a tie), the other extreme, close."""
    if candle.open - candle.low <= candle.high - candle.open:
        return candle.open, candle.low, candle.high, candle.close
    return candle.open, candle.high, candle.low, candle.close


class QuietScan:
    """Find the next candle that is not quiet.

    Prices are compared as doubles: rounding to the nearest double is monotone, so a touch is never missed;
    a candle that only seems to touch is visited in vain.
    """

    def __init__(self, candles: Candles) -> None:
        """Take the reach of each candle's path, which an open or close outside its extremes widens."""
        self._low = np.minimum(candles.low, np.minimum(candles.open, candles.close))
        self._high = np.maximum(candles.high, np.maximum(candles.open, candles.close))
        self._close = candles.close
        self._lows, self._highs = self._low.tolist(), self._high.tolist()

    def next_reaching(self, start: int, below: float, above: float) -> int:
        """Give the first index from `start` whose path reaches down to `below` or up to `above`; the length if none."""
        lows, highs = self._lows, self._highs
        end = len(lows)
        near = min(start + _LOOK_AHEAD, end)
        for index in range(start, near):
            if lows[index] <= below or highs[index] >= above:
                return index
        chunk = _FIRST_CHUNK
        while near < end:
            stop = min(near + chunk, end)
            reached = (self._low[near:stop] <= below) | (self._high[near:stop] >= above)
            first = int(reached.argmax())
            if reached[first]:
                return near + first
            near, chunk = stop, chunk * 2
        return end

    def next_closing(self, start: int, bottom: float, top: float) -> int:
        """Give the first index from `start` that closes within [bottom, top]; the length if none."""
        closes = self._close[start:]
        inside = (closes >= bottom) & (closes <= top)
        first = int(inside.argmax()) if len(inside) else 0
        return start + first if len(inside) and inside[first] else len(self._close)
