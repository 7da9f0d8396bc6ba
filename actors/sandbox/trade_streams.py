"""Streams that tell of each event: trades one by one, trades by taker, the best prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from actors.sandbox.events_json import Json, aggregate_event, trade_event
from actors.sandbox.market_stream import MarketStream
from actors.sandbox.order_json import amount
from engine.venue.events import BookChanged, Event, PublicTrade
from engine.venue.market_data import BookTicker
from engine.venue.venue import Venue


class TradeStream(MarketStream):
    """Tell each trade: ``@trade``."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol

    def happened(self, _venue: Venue, events: Sequence[Event], now: int) -> Iterable[Json]:
        """Give each trade."""
        return [trade_event(trade, now) for trade in _trades(events, self._symbol)]


class AggregateTradeStream(MarketStream):
    """Tell the trades of one taker at one price as one: ``@aggTrade``."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol

    def happened(self, _venue: Venue, events: Sequence[Event], now: int) -> Iterable[Json]:
        """Give each group of trades; one never reaches beyond the events of one action."""
        groups = groupby(_trades(events, self._symbol), key=lambda trade: trade.aggregate_id)
        return [aggregate_event(list(trades), now) for _id, trades in groups]


class BookTickerStream(MarketStream):
    """Tell each change of the best price or size: ``@bookTicker``."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._told: tuple[object, ...] = ()

    def opened(self, venue: Venue) -> None:
        """Note the best prices."""
        self._told = _best_of(venue.best(self._symbol))

    def happened(self, venue: Venue, events: Sequence[Event], _now: int) -> Iterable[Json]:
        """Give the best prices as they are now, if they are others than before."""
        if not any(isinstance(event, BookChanged) and event.symbol == self._symbol for event in events):
            return []
        best = venue.best(self._symbol)
        if _best_of(best) == self._told:
            return []
        self._told = _best_of(best)
        return [
            {
                "u": best.update_id,
                "s": best.symbol,
                "b": amount(best.bid_price),
                "B": amount(best.bid_quantity),
                "a": amount(best.ask_price),
                "A": amount(best.ask_quantity),
            }
        ]


def _trades(events: Sequence[Event], symbol: str) -> list[PublicTrade]:
    return [event for event in events if isinstance(event, PublicTrade) and event.symbol == symbol]


def _best_of(best: BookTicker) -> tuple[object, ...]:
    return best.bid_price, best.bid_quantity, best.ask_price, best.ask_quantity
