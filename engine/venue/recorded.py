"""What the price did since the exchange opened, by the second and by the minute."""

from __future__ import annotations

from bisect import bisect_left
from decimal import Decimal
from itertools import pairwise

from engine.values import SATOSHI, ZERO
from engine.venue.bars import Bar, joined, still
from engine.venue.intervals import MINUTE_MS, SECOND_MS

SECONDS_KEPT = 6 * 3600


class Recorded:
    """Add up bars of one length; where nothing happened there is none. `kept` None keeps all."""

    def __init__(self, length_ms: int, price: Decimal, opening_ms: int, kept: int | None = None) -> None:
        """Begin with a bar that stands still at the opening price."""
        self._length_ms, self._kept = length_ms, kept
        self.starts = [opening_ms // length_ms]  # in lengths since 1970
        self._bars = [still(price)]

    def add(self, bar: Bar, time: int) -> None:
        """Join what happened at `time`; a clock that went back counts as standing."""
        start = time // self._length_ms
        if start <= self.starts[-1]:
            self._bars[-1] = self._bars[-1].then(bar)
            return
        self.starts.append(start)
        self._bars.append(still(self._bars[-1].close).then(bar))
        if self._kept is not None and len(self._bars) > 2 * self._kept:
            del self.starts[: -self._kept], self._bars[: -self._kept]

    def bar(self, first: int, end: int) -> Bar:
        """Sum up from `first` to before `end` (in lengths); where nothing happened the price stood still."""
        begin, stop = bisect_left(self.starts, first), bisect_left(self.starts, end)
        if begin == stop:
            return still(self._bars[begin - 1].close if begin else self._bars[0].open)
        bar = joined(self._bars[begin:stop])
        assert bar is not None
        return bar


def second_of(minute: Bar, second: int, step: Decimal, tick: Decimal) -> Bar:
    """Draw one second of a minute of which only the bar is known.

    The price goes to the extreme nearer to the open, to the other and to the close, 20 seconds each.
    """
    turn, far = minute.low, minute.high
    if minute.high - minute.open < minute.open - minute.low:
        turn, far = far, turn
    path = (minute.open, turn, far, minute.close)
    opened, close = (_on_the_way(path, at, tick) for at in (second, second + 1))
    bought = _portion(minute.taker_buy_volume, second, step)
    bought_quote = _portion(minute.taker_buy_quote_volume, second, SATOSHI)
    return Bar(
        opened,
        max(opened, close),
        min(opened, close),
        close,
        bought + _portion(minute.volume - minute.taker_buy_volume, second, step),
        bought_quote + _portion(minute.quote_volume - minute.taker_buy_quote_volume, second, SATOSHI),
        int(_portion(Decimal(minute.trades), second, Decimal(1))),
        bought,
        bought_quote,
    )


def _on_the_way(path: tuple[Decimal, ...], second: int, tick: Decimal) -> Decimal:
    leg, into = divmod(second, 20)
    if not into:
        return path[leg]
    start, end = list(pairwise(path))[leg]
    return start + (end - start) * into / 20 // tick * tick


def _portion(total: Decimal, second: int, unit: Decimal) -> Decimal:
    """Give one second's part of a minute's total; the parts add up to it."""
    if not total:
        return ZERO
    return (total * (second + 1) / 60 // unit - total * second / 60 // unit) * unit


def both_lengths(price: Decimal, opening_ms: int) -> tuple[Recorded, Recorded]:
    """Begin to record by the second (the last hours of them) and by the minute (all)."""
    return (
        Recorded(SECOND_MS, price, opening_ms, SECONDS_KEPT),
        Recorded(MINUTE_MS, price, opening_ms),
    )
