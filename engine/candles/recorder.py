"""Record the candles of a price as it comes, so that a live run can be worked out like a backtest."""

from __future__ import annotations

from array import array
from decimal import Decimal

import numpy as np

from engine.candles import Candle, Candles

_EXACT_DIGITS = 15  # a decimal of so many significant digits survives being a double


class CandleRecorder:
    """Keep every candle since the first price, aligned to UTC, in 40 bytes each: a year of minutes in 21 MB.

    A candle in which no price came stands at the close before it. A price whose time lies before the last candle
    counts where it is heard: that is when it became known.
    """

    def __init__(self, timeframe_ms: int) -> None:
        """Begin with no candle; each will be `timeframe_ms` long."""
        self._width = timeframe_ms
        self._begin = 0  # of the first candle, epoch ms
        self._opens, self._highs, self._lows, self._closes = (array("d") for _ in range(4))
        self._long: dict[int, Candle] = {}  # by index: candles of prices that no double holds
        self._last: Candle | None = None

    def price(self, time: int, price: Decimal) -> None:
        """Take the price's next point; `time` in epoch ms."""
        begin = time // self._width * self._width
        last = self._last
        if last is None:
            self._begin = begin
            self._append(Candle(begin, price, price, price, price))
            return
        for skipped in range(last.time + self._width, begin, self._width):
            self._append(Candle(skipped, last.close, last.close, last.close, last.close))
        if begin > last.time:
            self._append(Candle(begin, price, price, price, price))
            return
        self._put(
            len(self._closes) - 1,
            Candle(last.time, last.open, max(last.high, price), min(last.low, price), price),
        )

    def candles(self, last: int | None = None) -> Candles | None:
        """Give all candles so far, or the `last` so many, the unfinished one included; None before the first price.

        What is given stays as it is while recording goes on.
        """
        if self._last is None:
            return None
        count = len(self._closes)
        first = 0 if last is None else max(0, count - last)
        times = self._begin + self._width * np.arange(first, count, dtype=np.int64)
        opened, high, low, close = (
            np.array(prices[first:], np.float64) for prices in (self._opens, self._highs, self._lows, self._closes)
        )
        long = {index - first: candle for index, candle in self._long.items() if index >= first}

        def exact(index: int) -> Candle:
            place = range(len(times))[index]
            if place in long:
                return long[place]
            prices = (Decimal(repr(column.item(place))) for column in (opened, high, low, close))
            return Candle(int(times[place]), *prices)

        return Candles(times, opened, high, low, close, exact)

    def _append(self, candle: Candle) -> None:
        for prices in (self._opens, self._highs, self._lows, self._closes):
            prices.append(0.0)
        self._put(len(self._closes) - 1, candle)

    def _put(self, index: int, candle: Candle) -> None:
        self._last = candle
        exact = (candle.open, candle.high, candle.low, candle.close)
        for prices, price in zip((self._opens, self._highs, self._lows, self._closes), exact, strict=True):
            prices[index] = float(price)
        if any(len(price.as_tuple().digits) > _EXACT_DIGITS for price in exact):
            self._long[index] = candle
        else:
            self._long.pop(index, None)
