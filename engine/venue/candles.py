"""One symbol's candles: the made-up past and what was recorded since, as one path."""

from __future__ import annotations

from decimal import Decimal

from engine.venue.bars import Bar, still
from engine.venue.intervals import DAY_MS, MINUTE_MS, SECOND_MS, Interval, interval_named
from engine.venue.market_data import Kline
from engine.venue.past import Past
from engine.venue.recorded import both_lengths, second_of
from engine.venue.values import SymbolRules

MINUTES_A_DAY = DAY_MS // MINUTE_MS


class CandleChart:
    """Record the path of a price, and show it in any interval."""

    def __init__(self, rules: SymbolRules, price: Decimal, usual_notional: Decimal, seed: int, opening_ms: int) -> None:
        self._rules = rules
        self._past = Past(rules, price, usual_notional, seed, opening_ms)
        self._seconds, self._minutes = both_lengths(price, opening_ms)
        self._opening_second = opening_ms // SECOND_MS

    def add(self, bar: Bar, time: int) -> None:
        """Record what happened at `time`."""
        self._seconds.add(bar, time)
        self._minutes.add(bar, time)

    def last_day(self, now: int) -> Bar:
        """Sum up the 24 hours that end with this minute."""
        end = now // MINUTE_MS + 1
        return self._of_minutes(end - MINUTES_A_DAY, end)

    def klines(self, interval: str, *, now: int, start: int | None, end: int | None, limit: int) -> tuple[Kline, ...]:
        """Give the candles that open from `start` to `end`, as `Venue.klines` says."""
        length = interval_named(interval)
        last = now if end is None else min(now, end)
        first = self._past.first_minute * MINUTE_MS
        if last < first or limit < 1:
            return ()
        if start is None:
            openings = _newest(length, first, last, limit)
        else:
            openings = _oldest(length, max(first, start), last, limit)
        return tuple(self._kline(opening, length.following(opening), now) for opening in openings)

    def _kline(self, opening: int, following: int, now: int) -> Kline:
        if following - opening < MINUTE_MS:
            bar = self._of_second(opening // SECOND_MS)
        else:
            bar = self._of_minutes(opening // MINUTE_MS, following // MINUTE_MS)
        return Kline(
            opening,
            following - 1,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.quote_volume,
            bar.trades,
            bar.taker_buy_volume,
            bar.taker_buy_quote_volume,
            bar.first_trade_id,
            bar.last_trade_id,
            following <= now,
        )

    def _of_minutes(self, first: int, end: int) -> Bar:
        before = self._past.bar(first, end)
        if end <= self._past.opening_minute and before is not None:
            return before
        since = self._minutes.bar(max(first, self._past.opening_minute), end)
        return since if before is None else before.then(since)

    def _of_second(self, second: int) -> Bar:
        minute, into = divmod(second, 60)
        if second >= self._seconds.starts[0]:
            return self._seconds.bar(second, second + 1)
        bar = self._of_minutes(minute, minute + 1)
        if minute == self._past.opening_minute and second < self._opening_second:
            return still(bar.open)
        return second_of(bar, into, self._rules.amount_step, self._rules.price_tick)


def _oldest(length: Interval, first: int, last: int, limit: int) -> list[int]:
    """Give the openings from `first` on, at most `limit`."""
    opening = length.opening(first)
    if opening < first:
        opening = length.following(opening)
    openings: list[int] = []
    while opening <= last and len(openings) < limit:
        openings.append(opening)
        opening = length.following(opening)
    return openings


def _newest(length: Interval, first: int, last: int, limit: int) -> list[int]:
    """Give the openings up to `last`, at most `limit` and none before `first`."""
    openings: list[int] = []
    opening = length.opening(last)
    while opening >= first and len(openings) < limit:
        openings.append(opening)
        opening = length.opening(opening - 1)
    return openings[::-1]
