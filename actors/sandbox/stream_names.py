"""From a stream's name to the stream."""

from __future__ import annotations

import re
from collections.abc import Collection

from actors.sandbox.clocked_streams import AllMiniTickersStream, KlineStream, MiniTickerStream, TickerStream
from actors.sandbox.depth_streams import DepthStream, TopOfBookStream
from actors.sandbox.market_stream import MarketStream
from actors.sandbox.trade_streams import AggregateTradeStream, BookTickerStream, TradeStream

_SIMPLE = {
    "trade": TradeStream,
    "aggTrade": AggregateTradeStream,
    "bookTicker": BookTickerStream,
    "ticker": TickerStream,
    "miniTicker": MiniTickerStream,
}
_KLINE = re.compile(r"kline_(1s|[135]m|15m|30m|[12468]h|12h|[13]d|1w|1M)")
_DEPTH = re.compile(r"depth(5|10|20)?(@1000?ms)?")


def open_stream(name: str, symbols: Collection[str]) -> MarketStream | None:
    """Give the stream called `name`, None when there is none: names that nobody knows are accepted in silence.

    `symbols` are those that are listed, in upper case; in a name they are in lower case.
    """
    if name == "!miniTicker@arr":
        return AllMiniTickersStream(tuple(symbols))
    written, _at, kind = name.partition("@")
    symbol = written.upper()
    if symbol not in symbols or written != written.lower():
        return None
    if kind in _SIMPLE:
        return _SIMPLE[kind](symbol)
    if match := _KLINE.fullmatch(kind):
        return KlineStream(symbol, match[1])
    if match := _DEPTH.fullmatch(kind):
        milliseconds = 100 if match[2] == "@100ms" else 1000
        if match[1]:
            return TopOfBookStream(symbol, int(match[1]), milliseconds)
        return DepthStream(symbol, milliseconds)
    return None
