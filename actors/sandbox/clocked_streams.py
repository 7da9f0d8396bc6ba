"""Streams that tell by the clock: the last 24 hours, and candles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from actors.sandbox.events_json import Json
from actors.sandbox.market_stream import Cadence, MarketStream
from actors.sandbox.order_json import amount
from engine.venue.market_data import Kline, Ticker24h
from engine.venue.venue import Venue

_SECOND = 1000  # ms


class TickerStream(MarketStream):
    """Tell the last 24 hours, with the best prices: ``@ticker``."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._cadence = Cadence(_SECOND)

    def due(self, venue: Venue, now: int) -> Iterable[Json]:
        """Give them each second."""
        return [_ticker(venue.ticker_24h(self._symbol, now), now)] if self._cadence.beats(now) else []


class MiniTickerStream(MarketStream):
    """Tell the last 24 hours in short: ``@miniTicker``."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol
        self._cadence = Cadence(_SECOND)

    def due(self, venue: Venue, now: int) -> Iterable[Json]:
        """Give them each second."""
        return [_mini_ticker(venue.ticker_24h(self._symbol, now), now)] if self._cadence.beats(now) else []


class AllMiniTickersStream(MarketStream):
    """Tell the last 24 hours of all symbols in short, as one list: ``!miniTicker@arr``."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = tuple(symbols)
        self._cadence = Cadence(_SECOND)

    def due(self, venue: Venue, now: int) -> Iterable[list[Json]]:
        """Give them each second."""
        if not self._cadence.beats(now):
            return []
        return [[_mini_ticker(venue.ticker_24h(symbol, now), now) for symbol in self._symbols]]


class KlineStream(MarketStream):
    """Tell a candle while it grows, and once more when it is closed: ``@kline_1m``."""

    def __init__(self, symbol: str, interval: str) -> None:
        self._symbol = symbol
        self._interval = interval
        self._cadence = Cadence(_SECOND if interval == "1s" else 2 * _SECOND)
        self._growing: Kline | None = None

    def due(self, venue: Venue, now: int) -> Iterable[Json]:
        """Give what was closed since, and each second (1s candles) or two the one that grows."""
        growing = self._growing
        closed = growing is not None and now > growing.close_time
        if not self._cadence.beats(now) and not closed:
            return []
        start = growing.open_time if closed and growing is not None else None
        klines = venue.klines(self._symbol, self._interval, now=now, start=start, limit=1 if start is None else 1000)
        self._growing = klines[-1]
        return [self._event(kline, now) for kline in klines]

    def _event(self, kline: Kline, now: int) -> Json:
        return {
            "e": "kline",
            "E": now,
            "s": self._symbol,
            "k": {
                "t": kline.open_time,
                "T": kline.close_time,
                "s": self._symbol,
                "i": self._interval,
                "f": kline.first_trade_id,
                "L": kline.last_trade_id,
                "o": amount(kline.open),
                "c": amount(kline.close),
                "h": amount(kline.high),
                "l": amount(kline.low),
                "v": amount(kline.volume),
                "n": kline.trades,
                "x": kline.is_closed,
                "q": amount(kline.quote_volume),
                "V": amount(kline.taker_buy_volume),
                "Q": amount(kline.taker_buy_quote_volume),
                "B": "0",
            },
        }


def _ticker(day: Ticker24h, now: int) -> Json:
    return {
        "e": "24hrTicker",
        "E": now,
        "s": day.symbol,
        "p": amount(day.change),
        "P": f"{day.change_percent:.3f}",
        "w": amount(day.weighted_average),
        "x": amount(day.previous_close),
        "c": amount(day.last),
        "Q": amount(day.last_quantity),
        "b": amount(day.best.bid_price),
        "B": amount(day.best.bid_quantity),
        "a": amount(day.best.ask_price),
        "A": amount(day.best.ask_quantity),
        "o": amount(day.open),
        "h": amount(day.high),
        "l": amount(day.low),
        "v": amount(day.volume),
        "q": amount(day.quote_volume),
        "O": day.open_time,
        "C": day.close_time,
        "F": day.first_trade_id,
        "L": day.last_trade_id,
        "n": day.trades,
    }


def _mini_ticker(day: Ticker24h, now: int) -> Json:
    return {
        "e": "24hrMiniTicker",
        "E": now,
        "s": day.symbol,
        "c": amount(day.last),
        "o": amount(day.open),
        "h": amount(day.high),
        "l": amount(day.low),
        "v": amount(day.volume),
        "q": amount(day.quote_volume),
    }
