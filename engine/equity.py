"""The equity of a run at every close, and what it says: drawdown, run-up, time in profit, Sharpe, Sortino.

Scans run on doubles; whatever is reported as money or compared with the start is decided on exact values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from engine.candles import Candles
from engine.values import ONE, ZERO

_NOISE = 1e-12  # of returns; above what the rounding of doubles makes of a value that stands still
RISK_FREE_RATE = 0.03  # a year
YEAR_MS = 365 * 24 * 3_600_000
_TOO_CLOSE_TO_CALL = 1e-9  # relative; far above the error of a double, far below a cent


class EquityCurve:
    """Value quote and base at every close; point 0 is the start, point i + 1 the close of candle i."""

    def __init__(
        self, candles: Candles, trade_times: Sequence[int], quotes: Sequence[Decimal], bases: Sequence[Decimal]
    ) -> None:
        """Take the balances after each trade; `quotes[0]` and `bases[0]` are those before the first.

        Trades come as they were booked: what was caught up with late counts from the candle in which it was.
        """
        self._candles = candles
        self._quotes, self._bases = quotes, bases
        traded_in = np.searchsorted(candles.times, np.asarray(trade_times, dtype=np.int64), side="right") - 1
        traded_in = np.maximum.accumulate(traded_in)
        self._booked = np.searchsorted(traded_in, np.arange(len(candles)), side="right")  # trades by each close
        quote = np.array([float(amount) for amount in quotes])
        base = np.array([float(amount) for amount in bases])
        self.values: npt.NDArray[np.float64] = quote[self._booked] + base[self._booked] * candles.close
        self.initial = quotes[0] if not bases[0] else quotes[0] + bases[0] * candles.exact(0).close
        self._points = np.concatenate(([float(self.initial)], self.values))

    def exact(self, point: int) -> Decimal:
        """Give the exact value at a point."""
        if point == 0:
            return self.initial
        booked = int(self._booked[point - 1])
        return self._quotes[booked] + self._bases[booked] * self._candles.exact(point - 1).close

    @property
    def final(self) -> Decimal:
        """Give the exact value at the last close."""
        return self.exact(len(self.values))

    def max_drawdown(self) -> Decimal:
        """Give the deepest fall from a peak, as a share of the peak."""
        peaks = np.maximum.accumulate(self._points)
        deepest = int(np.argmax((peaks - self._points) / peaks))
        peak = self.exact(int(np.argmax(self._points[: deepest + 1])))
        return (peak - self.exact(deepest)) / peak

    def max_runup(self) -> Decimal:
        """Give the highest rise from a trough, as a share of the trough."""
        troughs = np.minimum.accumulate(self._points)
        highest = int(np.argmax((self._points - troughs) / troughs))
        trough = self.exact(int(np.argmin(self._points[: highest + 1])))
        return self.exact(highest) / trough - ONE

    def shares_above_and_below_start(self) -> tuple[Decimal, Decimal]:
        """Give the shares of candles that close with more, and with less, than at the start."""
        difference = self.values - float(self.initial)
        signs = np.sign(difference).astype(np.int64)
        # With nothing held the value does not depend on the close: one exact answer for all such candles.
        flat = np.array([not base for base in self._bases])
        flat_signs = np.array([_sign(quote - self.initial) for quote in self._quotes])
        signs = np.where(flat[self._booked], flat_signs[self._booked], signs)
        close_calls = np.abs(difference) <= float(self.initial) * _TOO_CLOSE_TO_CALL
        for index in np.flatnonzero(close_calls & ~flat[self._booked]):
            signs[index] = _sign(self.exact(int(index) + 1) - self.initial)
        candles = len(self.values)
        return Decimal(int(np.sum(signs > 0))) / candles, Decimal(int(np.sum(signs < 0))) / candles

    def sharpe_and_sortino(self, period_ms: int) -> tuple[float | None, float | None]:
        """Give both ratios from per-candle returns, annualised; None where there is nothing to divide by."""
        periods = YEAR_MS / period_ms
        excess = self._points[1:] / self._points[:-1] - 1 - RISK_FREE_RATE / periods
        downside = math.sqrt(float(np.mean(np.minimum(excess, 0.0) ** 2)))
        deviation = float(np.std(excess, ddof=1)) if len(excess) > 1 and np.ptp(excess) > _NOISE else 0.0
        annual = float(np.mean(excess)) * math.sqrt(periods)
        return annual / deviation if deviation else None, annual / downside if downside else None


def _sign(amount: Decimal) -> int:
    return (amount > ZERO) - (amount < ZERO)
