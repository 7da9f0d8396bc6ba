"""What anybody may ask about the market: parameters in, Binance's JSON out. Called under the floor's lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actors.sandbox import market_json
from actors.sandbox.floor import Floor
from actors.sandbox.limits import Limits
from actors.sandbox.order_json import amount
from actors.sandbox.parameters import Parameters
from engine.venue.values import Refused

Params = Mapping[str, str]
_WINDOWS = ("1m", "5m", "15m", "30m", "1h", "4h", "8h", "12h", "1d", "2d", "7d")
_MOST_LEVELS = 5000


class MarketData:
    """Answer for the market; everything raises `Refused`."""

    def __init__(self, floor: Floor, limits: Limits) -> None:
        self._floor = floor
        self._venue = floor.venue
        self._limits = limits

    def ping(self, _params: Params) -> dict[str, Any]:
        """Answer: ``GET /api/v3/ping``."""
        return {}

    def time(self, _params: Params) -> dict[str, Any]:
        """Tell the server's clock: ``GET /api/v3/time``."""
        return {"serverTime": self._floor.now_ms()}

    def system_status(self, _params: Params) -> dict[str, Any]:
        """Tell that all is well: ``GET /sapi/v1/system/status``."""
        return {"status": 0, "msg": "normal"}

    def nothing(self, _params: Params) -> list[Any]:
        """List nothing, for what has no place in a spot sandbox: networks of coins, margin pairs."""
        return []

    def exchange_info(self, params: Params) -> dict[str, Any]:
        """Tell limits and symbols: ``GET /api/v3/exchangeInfo``."""
        read = Parameters(params)
        one, several = read.optional_symbol(self._venue.symbols), read.symbols(self._venue.symbols)
        wanted = [one] if one is not None else several if several is not None else list(self._venue.symbols)
        return {
            "timezone": "UTC",
            "serverTime": self._floor.now_ms(),
            "rateLimits": self._limits.announced(),
            "exchangeFilters": [],
            "symbols": [
                market_json.listing(self._venue.symbols[symbol], self._venue.status(symbol)) for symbol in wanted
            ],
        }

    def depth(self, params: Params) -> dict[str, Any]:
        """Show the book: ``GET /api/v3/depth``."""
        read = Parameters(params)
        symbol = read.symbol(self._venue.symbols)
        return market_json.depth(self._venue.depth(symbol, read.limit(100, _MOST_LEVELS)))

    def recent_trades(self, params: Params) -> list[dict[str, Any]]:
        """Show the newest trades: ``GET /api/v3/trades``."""
        read = Parameters(params)
        trades = self._venue.recent_trades(read.symbol(self._venue.symbols), read.limit())
        return [market_json.public_trade(trade) for trade in trades]

    def aggregate_trades(self, params: Params) -> list[dict[str, Any]]:
        """Show trades by taker and price: ``GET /api/v3/aggTrades``."""
        read = Parameters(params)
        trades = self._venue.agg_trades(
            read.symbol(self._venue.symbols),
            from_id=read.optional_whole("fromId"),
            start=read.optional_whole("startTime"),
            end=read.optional_whole("endTime"),
            limit=read.limit(),
        )
        return [market_json.aggregate_trade(trade) for trade in trades]

    def klines(self, params: Params) -> list[list[Any]]:
        """Show candles, the unfinished one last: ``GET /api/v3/klines``."""
        read = Parameters(params)
        candles = self._venue.klines(
            read.symbol(self._venue.symbols),
            read.text("interval"),
            now=self._floor.now_ms(),
            start=read.optional_whole("startTime"),
            end=read.optional_whole("endTime"),
            limit=read.limit(),
        )
        return [market_json.kline(candle) for candle in candles]

    def average_price(self, params: Params) -> dict[str, Any]:
        """Tell an average price, here the last one: ``GET /api/v3/avgPrice``."""
        price = self._venue.price(Parameters(params).symbol(self._venue.symbols))
        return {"mins": 5, "price": amount(price), "closeTime": self._floor.now_ms()}

    def ticker_day(self, params: Params) -> Any:
        """Sum up the last 24 hours: ``GET /api/v3/ticker/24hr``."""
        return self._each(params, lambda symbol: market_json.day(self._venue.ticker_24h(symbol, self._floor.now_ms())))

    def ticker_window(self, params: Params) -> Any:
        """Sum up a rolling window, here always of 24 hours: ``GET /api/v3/ticker``."""
        read = Parameters(params)
        if "symbol" not in read and "symbols" not in read:
            raise Refused(-1102, "Param 'symbol' or 'symbols' must be sent, but both were empty/null!")
        if "windowSize" in read and read.text("windowSize") not in _WINDOWS:
            raise Refused(-1130, "Data sent for parameter 'windowSize' is not valid.")
        now = self._floor.now_ms()
        return self._each(params, lambda symbol: market_json.window(self._venue.ticker_24h(symbol, now)))

    def ticker_price(self, params: Params) -> Any:
        """Tell the last price: ``GET /api/v3/ticker/price``."""
        last = self._venue.last_price
        return self._each(params, lambda symbol: {"symbol": symbol, "price": amount(last(symbol))})

    def ticker_book(self, params: Params) -> Any:
        """Tell the best prices: ``GET /api/v3/ticker/bookTicker``."""
        return self._each(params, lambda symbol: market_json.best(self._venue.best(symbol)))

    def _each(self, params: Params, show: Callable[[str], dict[str, Any]]) -> Any:
        """Give an object for ``symbol``, an array for ``symbols`` and for neither."""
        read = Parameters(params)
        several = read.symbols(self._venue.symbols)
        one = read.optional_symbol(self._venue.symbols)
        if one is not None:
            return show(one)
        return [show(symbol) for symbol in (self._venue.symbols if several is None else several)]
