"""The lengths of candles, and when each one opens."""

from __future__ import annotations

from datetime import UTC, date, datetime

from attrs import frozen

from engine.venue import refusals

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
_MONDAY_MS = 4 * DAY_MS  # 1970-01-05 was the first one: weeks open on Mondays


@frozen
class Interval:
    """Divide time into equal stretches, one of which opens at `origin_ms`."""

    length_ms: int
    origin_ms: int = 0

    def opening(self, time: int) -> int:
        """Give when the stretch that holds `time` opens."""
        return time - (time - self.origin_ms) % self.length_ms

    def following(self, opening: int) -> int:
        """Give when the stretch after the one that opens at `opening` opens."""
        return opening + self.length_ms


@frozen
class Months(Interval):
    """Divide time into the months of the calendar, UTC."""

    def opening(self, time: int) -> int:
        """Give the first moment of the month."""
        day = datetime.fromtimestamp(time // 1000, UTC).date().replace(day=1)
        return _midnight(day)

    def following(self, opening: int) -> int:
        """Give the first moment of the next month."""
        return self.opening(opening + 31 * DAY_MS)


def _midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_MS


_UNITS = {"s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_NAMES = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d")

INTERVALS: dict[str, Interval] = {
    **{name: Interval(int(name[:-1]) * _UNITS[name[-1]]) for name in _NAMES},
    "1w": Interval(7 * DAY_MS, _MONDAY_MS),
    "1M": Months(0),
}


def interval_named(name: str) -> Interval:
    """Find an interval by Binance's name; Refused -1120 for another."""
    interval = INTERVALS.get(name)
    if interval is None:
        raise refusals.invalid_interval()
    return interval
