"""What a grid's journal comes to in numbers: counters and histograms, since somebody began to count.

Times and latencies are milliseconds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, OrderedDict
from typing import Final

from attrs import frozen

from engine.journal.rows import EventRow
from engine.messages.alerting import EventsTold
from engine.messages.reports import TradeBooked
from engine.values import Side

# Upper bounds, inclusive; what is longer still is counted too.
LATENCY_BOUNDS: Final = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)
_MOST_UNANSWERED: Final = 10_000  # orders that are followed until the exchange has shown that it has them


@frozen
class HistogramTold:
    """Tell how many values were at most each of `LATENCY_BOUNDS`; `counts` are one more, the last is all of them.

    `total` is the sum of all values.
    """

    counts: tuple[int, ...] = (0,) * (len(LATENCY_BOUNDS) + 1)
    total: int = 0

    @property
    def count(self) -> int:
        """Count the values."""
        return self.counts[-1]


@frozen(kw_only=True)
class MeasuresTold:
    """Tell the measures of one grid at one moment.

    `buys` and `sells` are trades; of the orders that were `placed` some were `refused`, and some `ended` otherwise
    before they were filled. `events` are counted by kind. `fill_latency` is from a trade to its being written down
    here, `order_latency` from an order's intent to the first sign that the exchange has it.
    """

    buys: int = 0
    sells: int = 0
    placed: int = 0
    refused: int = 0
    ended: int = 0
    events: tuple[tuple[str, int], ...] = ()
    fill_latency: HistogramTold = HistogramTold()
    order_latency: HistogramTold = HistogramTold()


class Histogram:
    """Count values by `LATENCY_BOUNDS`."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts = [0] * (len(LATENCY_BOUNDS) + 1)
        self._total = 0

    def add(self, value: int) -> None:
        """Count one; clocks that disagree make no time negative."""
        value = max(value, 0)
        self._counts[bisect_left(LATENCY_BOUNDS, value)] += 1
        self._total += value

    def told(self) -> HistogramTold:
        """Tell all so far."""
        so_far, counts = 0, []
        for count in self._counts:
            so_far += count
            counts.append(so_far)
        return HistogramTold(tuple(counts), self._total)


class Measures:
    """Measure one grid by what its journal tells; takes as much memory after a year as after an hour."""

    def __init__(self) -> None:
        """Begin to count."""
        self._fills: Counter[Side] = Counter()
        self._events: Counter[str] = Counter()
        self._refused = 0
        self._fill_latency, self._order_latency = Histogram(), Histogram()
        self._intended: OrderedDict[str, int] = OrderedDict()  # when, by client order id

    def written(self, told: EventsTold) -> None:
        """Count what has been written down."""
        for trade in told.trades:
            self._fill(trade, told.written_at)
        for event in told.events:
            self._events[event.kind] += 1
            if event.client_order_id is not None:
                self._follow(event.client_order_id, event)
            if event.kind == "order_ended" and any(key == "refusal" for key, _ in event.details):
                self._refused += 1

    def told(self) -> MeasuresTold:
        """Tell all so far."""
        return MeasuresTold(
            buys=self._fills[Side.BUY],
            sells=self._fills[Side.SELL],
            placed=self._events["order_intended"],
            refused=self._refused,
            ended=self._events["order_ended"] - self._refused,
            events=tuple(sorted(self._events.items())),
            fill_latency=self._fill_latency.told(),
            order_latency=self._order_latency.told(),
        )

    def _fill(self, trade: TradeBooked, written_at: int) -> None:
        self._fills[trade.side] += 1
        self._fill_latency.add(written_at - trade.time)

    def _follow(self, order: str, event: EventRow) -> None:
        """Measure how long the exchange took to have an order; a fill may be told before the acceptance."""
        if event.kind == "order_intended":
            self._intended[order] = event.time
            if len(self._intended) > _MOST_UNANSWERED:
                self._intended.popitem(last=False)
            return
        if event.kind == "cancel_asked" or (intended := self._intended.pop(order, None)) is None:
            return
        if event.kind in {"order_accepted", "trade_booked"}:
            self._order_latency.add(event.time - intended)
