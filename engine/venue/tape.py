"""The public record of trades of one symbol: each one, and summed up by taker and price."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from engine.values import ZERO
from engine.venue.bars import Bar
from engine.venue.events import PublicTrade
from engine.venue.market_data import AggregateTrade

KEPT = 10_000  # trades that can still be asked for
FIRST_TRADE_ID = 100_000_001  # so that the trades of the day before the opening can have had ids too

T = TypeVar("T")


class Tape:
    """Number the trades of one symbol."""

    def __init__(self, symbol: str) -> None:
        """Start with none."""
        self._symbol = symbol
        self._trades: deque[PublicTrade] = deque(maxlen=KEPT)
        self._aggregates: deque[AggregateTrade] = deque(maxlen=KEPT)
        self._taker = 0
        self._next_id = FIRST_TRADE_ID

    def print(self, price: Decimal, quantity: Decimal, time: int, taker: int, *, buyer_is_maker: bool) -> PublicTrade:
        """Record a trade; `taker` tells takers apart."""
        trade_id, self._next_id = self._next_id, self._next_id + 1
        last = self._aggregates[-1] if self._aggregates else None
        if last is not None and taker == self._taker and price == last.price:
            whole = last.quantity + quantity
            self._aggregates[-1] = AggregateTrade(
                last.aggregate_id, price, whole, last.first_trade_id, trade_id, last.time, last.buyer_is_maker
            )
            aggregate_id = last.aggregate_id
        else:
            aggregate_id = FIRST_TRADE_ID if last is None else last.aggregate_id + 1
            self._aggregates.append(
                AggregateTrade(aggregate_id, price, quantity, trade_id, trade_id, time, buyer_is_maker)
            )
        self._taker = taker
        trade = PublicTrade(self._symbol, trade_id, aggregate_id, price, quantity, time, buyer_is_maker)
        self._trades.append(trade)
        return trade

    @property
    def last(self) -> PublicTrade:
        """Give the newest trade; there is always one, from the opening on."""
        return self._trades[-1]

    def recent(self, limit: int) -> tuple[PublicTrade, ...]:
        """Give the newest trades, oldest first."""
        return _last(self._trades, limit)

    def aggregates(
        self, *, from_id: int | None, start: int | None, end: int | None, limit: int
    ) -> tuple[AggregateTrade, ...]:
        """Give aggregates, oldest first, as `Venue.agg_trades` says."""
        if from_id is not None:
            begin = bisect_left(self._aggregates, from_id, key=lambda trade: trade.aggregate_id)
            return tuple(islice(self._aggregates, begin, begin + limit))
        return page(self._aggregates, [trade.time for trade in self._aggregates], start, end, limit)


def page(items: Iterable[T], times: Iterable[int], start: int | None, end: int | None, limit: int) -> tuple[T, ...]:
    """Give what happened from `start` to `end`: from a start on the oldest, else the newest `limit`."""
    within = [
        item
        for item, time in zip(items, times, strict=True)
        if (start is None or time >= start) and (end is None or time <= end)
    ]
    return tuple(within[:limit]) if start is not None else _last(within, limit)


def _last(items: Iterable[T], limit: int) -> tuple[T, ...]:
    every = tuple(items)
    return every[max(0, len(every) - limit) :]


def bar_of(trade: PublicTrade, market_price: Decimal) -> Bar:
    """Give what a trade adds to a candle: it may stretch the extremes, but the path stays at the market price."""
    quote = trade.price * trade.quantity
    bought, bought_quote = (ZERO, ZERO) if trade.buyer_is_maker else (trade.quantity, quote)
    return Bar(
        market_price,
        max(market_price, trade.price),
        min(market_price, trade.price),
        market_price,
        trade.quantity,
        quote,
        1,
        bought,
        bought_quote,
        trade.trade_id,
        trade.trade_id,
    )
