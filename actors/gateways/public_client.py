"""A client that cannot trade: it has no keys, and its way out lets nothing through but anonymous questions."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Response

from actors.gateways import ccxt_markets
from actors.gateways.ccxt_asking import Troubled, ask
from actors.gateways.ccxt_client import build
from actors.gateways.ccxt_markets import Unreachable
from actors.gateways.ccxt_replies import body_of, positive
from actors.gateways.wire import Wire
from engine.candles.values import Candle
from engine.settings import Settings
from engine.values import Market

_HEADERS = frozenset({"accept", "accept-encoding", "connection", "content-type", "user-agent"})
_SIGNED = re.compile(r"sign|key|secret|token|auth|pass|nonce|recvwindow|timestamp", re.IGNORECASE)
# On Binance, whose paths are known: all that may be asked for at all.
_BINANCE_PATHS = re.compile(
    r"/api/v[13]/(exchangeInfo|time|ping|klines|uiKlines|depth|trades|aggTrades|avgPrice|ticker(/\w+)?)"
)


class TradingForbidden(Exception):
    """Something tried to send more than an anonymous question; nothing was sent."""


class PublicWire(Wire):
    """Let through GET without a body, a key, a signature or an unknown header; of Binance only its market data."""

    def __init__(self, root: str, *, is_binance: bool) -> None:
        super().__init__()
        self._root = root
        self._is_binance = is_binance

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send an anonymous question; raise `TradingForbidden` before a byte of anything else is sent."""
        url = urlsplit(str(request.url))
        path = url.path.removeprefix(self._root)
        if request.method != "GET":
            raise TradingForbidden(f"{request.method} {path} was not sent: this client only asks")
        if request.body:
            raise TradingForbidden(f"GET {path} was not sent: it has a body")
        usual = _HEADERS | self.usual_headers
        if strange := sorted(str(name) for name in request.headers if str(name).lower() not in usual):
            raise TradingForbidden(f"GET {path} was not sent: it has the header {strange[0]}")
        if "@" in url.netloc:
            raise TradingForbidden(f"GET {path} was not sent: it names a user")
        names = [name for name, _ in parse_qsl(url.query, keep_blank_values=True)]
        if signed := [name for name in names if _SIGNED.search(name)]:
            raise TradingForbidden(f"GET {path} was not sent: it has the parameter {signed[0]}")
        if self._is_binance and _BINANCE_PATHS.fullmatch(path) is None:
            raise TradingForbidden(f"GET {path} was not sent: it is not market data")
        return super().send(request, *args, **kwargs)


class PublicClient:
    """Ask one exchange for prices, rules and candles of the pair of `settings`, and for nothing else.

    Raise `BadInput` when there is no such exchange.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        root = urlsplit((settings.exchange.base_url or "").rstrip("/")).path
        wire = PublicWire(root, is_binance=settings.exchange.name.startswith("binance"))
        self._client = build(settings, wire, {}, str)

    def market(self) -> Market:
        """Give the pair's rules; raise `BadInput` when there is no such pair, `Unreachable`."""
        return ccxt_markets.market(self._client, self._settings)

    def price(self) -> Decimal:
        """Give the price of the latest trade; raise `Unreachable`."""
        return ccxt_markets.price(self._client, self._settings)

    def candles(self, timeframe: str, since: int | None = None, limit: int | None = None) -> tuple[Candle, ...]:
        """Give candles that open at or after `since` (epoch ms), oldest first; raise `Unreachable`."""
        name = self._settings.exchange.name
        try:
            return ask(self._client, lambda: self._candles(timeframe, since, limit))
        except Troubled as troubled:
            raise Unreachable(f"{name} could not be asked for candles: {troubled.trouble.text}") from None

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _candles(self, timeframe: str, since: int | None, limit: int | None) -> tuple[Candle, ...]:
        pair = self._settings.market_rules().pair
        rows = self._client.exchange.fetch_ohlcv(pair, timeframe, since, limit)
        body_of(self._client)
        return tuple(
            Candle(int(time), *(positive(price, "candle price") for price in prices)) for time, *prices, _ in rows
        )
