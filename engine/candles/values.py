"""Candles as a backtest needs them: floats to scan, exact prices where something is decided."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs
import numpy as np
import numpy.typing as npt

from engine.freezing import frozen

Floats = npt.NDArray[np.float64]
Millis = npt.NDArray[np.int64]


@frozen
class Candle:
    """Hold one candle, exact; `time` is its opening, epoch milliseconds UTC."""

    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@attrs.frozen(eq=False)
class Candles:
    """Hold a run of candles, oldest first, at strictly increasing times.

    `times` int64 epoch ms, shape (n,); `open`, `high`, `low`, `close` float64, shape (n,), each the double
    nearest to the exact price, so that comparing them never hides a touch (rounding is monotone).
    `exact(i)` gives the exact candle i.
    """

    times: Millis
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    exact: Callable[[int], Candle] = attrs.field(repr=False)

    def __len__(self) -> int:
        return len(self.times)
