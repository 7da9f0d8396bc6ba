"""Candles of an exchange through ccxt: one page, one call, and what came of it."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from actors.gateways.ccxt_asking import Trouble, Troubled, ask
from actors.gateways.ccxt_client import Client, build
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import body_of
from actors.gateways.public_client import PublicWire
from engine.calls import Refusal, Refused
from engine.candles.rows import HEADER, Page, make_row, time_of, within
from engine.candles.spans import Span
from engine.candles.text import parse_candles
from engine.errors import BadInput
from engine.settings import Settings

_KLINES_PAGE = 1_000  # candles, the most that Binance gives
_USUAL_PAGE = 100  # candles, where ccxt does not know how many an exchange gives
_BINANCE_PACE_MS = 75  # for ccxt's throttle: two thirds of what one address is allowed


class CcxtCandles:
    """Ask one exchange for the candles of one market and timeframe."""

    def __init__(self, settings: Settings) -> None:
        """Make a client that can only ask; nobody is called yet. Raise `BadInput` when there is no such exchange."""
        root = urlsplit((settings.exchange.base_url or "").rstrip("/")).path
        wire = PublicWire(root, is_binance=settings.exchange.name.startswith("binance"))
        self._client: Client = build(settings, wire, {}, str)
        self._base, self._quote = settings.pair.base_currency, settings.pair.quote_currency
        self._timeframe = settings.trading_settings.timeframe
        self._timeframe_ms = settings.trading_settings.timeframe_ms
        exchange = self._client.exchange
        exchange.enableRateLimit = True
        if self._client.speaks_binance:
            exchange.rateLimit = _BINANCE_PACE_MS

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def page(self, wanted: Span) -> Page | Trouble:
        """Ask for the first candles of a span: as many as the exchange likes to give at once.

        The page's span begins where `wanted` does, and ends where the next page begins.
        """
        known = self._client.exchange.timeframes or {}
        if self._timeframe not in known:
            return Refused(Refusal.RULES, f"no candles of {self._timeframe}; allowed: {', '.join(known)}")
        question = self._klines if self._client.speaks_binance else self._unified
        try:
            return ask(self._client, lambda: question(wanted))
        except Troubled as troubled:
            return troubled.trouble

    def time(self) -> int | Trouble:
        """Ask what time it is there, in epoch milliseconds; this machine's time where the exchange does not tell."""
        exchange = self._client.exchange
        if not exchange.has.get("fetchTime"):
            return time.time_ns() // 1_000_000
        try:
            return ask(self._client, lambda: _whole(exchange.fetch_time()))
        except Troubled as troubled:
            return troubled.trouble

    def _klines(self, wanted: Span) -> Page:
        """Ask Binance, which passes over holes; raw, as that takes no markets and knows no candles from no answer."""
        asked = {
            "symbol": f"{self._base}{self._quote}",
            "interval": self._timeframe,
            "startTime": wanted.start,
            "endTime": wanted.end - 1,
            "limit": _KLINES_PAGE,
        }
        return self._page(wanted, self._client.exchange.public_get_klines(asked), wanted.end)

    def _unified(self, wanted: Span) -> Page | Refused:
        """Ask another exchange, where a page may be a stretch of time in which nothing was traded."""
        exchange, symbol = self._client.exchange, f"{self._base}/{self._quote}"
        if not exchange.markets:  # also after an answer that held none
            exchange.load_markets(reload=True)
        if not exchange.markets:
            raise Unusable("no markets")
        if symbol not in exchange.markets:
            return Refused(Refusal.RULES, f"no market {symbol}; allowed: a pair that is traded there")
        limit = exchange.feature_value(symbol, "fetchOHLCV", "limit")
        candles = exchange.fetch_ohlcv(symbol, self._timeframe, wanted.start, limit)
        body_of(self._client)  # that it is JSON: ccxt takes anything else for no candles
        return self._page(wanted, candles, wanted.start + (limit or _USUAL_PAGE) * self._timeframe_ms)

    def _page(self, wanted: Span, candles: Any, end_if_empty: int) -> Page:
        rows = within(_rows(candles), wanted)
        # No other candle opens before the last one's end, though that may be beyond what is wanted.
        end = time_of(rows[-1]) + self._timeframe_ms if rows else min(end_if_empty, wanted.end)
        return Page(Span(wanted.start, end), rows)


def _rows(candles: Any) -> list[str]:
    """Make rows of what the exchange told, once it has passed the checks that a file passes."""
    if not isinstance(candles, list):
        raise Unusable("no list of candles")
    try:
        rows = [make_row(int(candle[0]), candle[1:5], candle[5]) for candle in candles]
        if rows:
            parse_candles("candles", "\n".join((HEADER, *rows)), None, None)
    except (ValueError, TypeError, LookupError, BadInput) as error:
        raise Unusable(str(error)) from None
    return rows


def _whole(told: Any) -> int:
    if not isinstance(told, int):
        raise Unusable("no time")
    return told
