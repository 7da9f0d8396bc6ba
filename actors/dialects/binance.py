"""Binance Spot: trades from the market streams, orders from the WebSocket API.

Prices come from ``<symbol>@aggTrade``: every price that a taker's order trades at, in order and at once, in fewer
frames than ``@trade`` has; ``@bookTicker`` knows no trades. Orders come from ``userDataStream.subscribe.signature``,
which takes keys of every kind and needs no keep-alive; listen keys are gone since 2026-02-20.
Source: developers.binance.com, Spot Trading, WebSocket Streams and WebSocket API.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from actors.dialects.conversation import Answer, Endpoint, Leaving, StreamRefused, Subscribed, Traded, Understood
from actors.dialects.signing import Sign, signer
from actors.gateways.credentials import Credentials
from engine.messages import OrderFilled, OrderReported
from engine.settings.model import Exchange, Pair

_STREAM_ROOT, _STREAM_PATH = "wss://stream.binance.com:9443", "/ws"
_API_ROOT, _API_PATH = "wss://ws-api.binance.com:443", "/ws-api/v3"
_RECEIVE_WINDOW = 5_000  # milliseconds that a signed request may be on its way
_CLOCK_IS_OFF = -1021
_OPEN = {"NEW", "PARTIALLY_FILLED", "PENDING_NEW"}
_SUBSCRIBE, _TIME, _PROBE = 1, 2, 3  # ids of requests


class Binance:
    """Speak to Binance Spot, or to a server that speaks as it does."""

    def prices(self, exchange: Exchange, pair: Pair) -> Endpoint:
        """Say where the trades of `pair` are told."""
        stream = f"{_symbol(pair).lower()}@aggTrade"
        url = _url(exchange.stream_url or _STREAM_ROOT, _STREAM_PATH)
        return Endpoint(url, lambda: MarketConversation(stream))

    def orders(
        self, exchange: Exchange, pair: Pair, credentials: Credentials, server_ahead: Callable[[], int]
    ) -> Endpoint:
        """Say where the account's orders in `pair` are told."""
        identity = Identity(credentials.api_key, signer(credentials))
        return Endpoint(
            _url(exchange.ws_api_url or _API_ROOT, _API_PATH),
            lambda: UserConversation(identity, _symbol(pair), pair.quote_currency, server_ahead),
        )


def _symbol(pair: Pair) -> str:
    return f"{pair.base_currency}{pair.quote_currency}".upper()


def _url(root: str, path: str) -> str:
    return f"{root.rstrip('/').removesuffix(path)}{path}"


class MarketConversation:
    """Subscribe to the trades of one symbol."""

    def __init__(self, stream: str) -> None:
        """Ask for `stream`, ``btcusdt@aggTrade``."""
        self._stream = stream
        self._newest = -1  # of the trades' ids, which rise: one that comes late is no price of now

    def begin(self) -> list[str]:
        """Subscribe."""
        return [_request(_SUBSCRIBE, "SUBSCRIBE", [self._stream])]

    def probe(self) -> str:
        """Ask what is subscribed: the answer shows more life than a pong does."""
        return _request(_PROBE, "LIST_SUBSCRIPTIONS")

    def hear(self, frame: str) -> list[Understood]:
        """Understand a trade, an answer or a notice."""
        said: dict[str, Any] = _object(frame)
        said = said.get("data", said)
        match said.get("e"):
            case "aggTrade":
                traded, number = Traded(int(said["T"]), Decimal(said["p"])), int(said["a"])
                is_news = number > self._newest
                self._newest = max(number, self._newest)
                return [traded] if is_news else []
            case "serverShutdown":
                return [Leaving()]
            case None if "error" in said or "code" in said:
                raise StreamRefused(f"the exchange refused a subscription: {_error(said.get('error', said))}")
            case None if said.get("id") == _SUBSCRIBE:
                return [Subscribed()]
            case None if said.get("id") == _PROBE and self._stream not in said["result"]:
                raise StreamRefused("the exchange has forgotten the subscription")
            case _:
                return []


@frozen
class Identity:
    """Sign requests for one account."""

    api_key: str = field(repr=False)
    sign: Sign = field(repr=False)

    def signed(self, timestamp: int) -> dict[str, Any]:
        """Give the parameters of a signed request that has no others."""
        parameters = {"apiKey": self.api_key, "recvWindow": _RECEIVE_WINDOW, "timestamp": timestamp}
        text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
        return {**parameters, "signature": self.sign(text)}


class UserConversation:
    """Subscribe to one account's orders, of which one symbol's are told."""

    def __init__(self, identity: Identity, symbol: str, quote: str, server_ahead: Callable[[], int]) -> None:
        """Believe `server_ahead` (milliseconds) until the exchange says otherwise."""
        self._identity = identity
        self._symbol = symbol
        self._quote = quote
        self._server_ahead = server_ahead
        self._has_asked_for_time = False

    def begin(self) -> list[str]:
        """Subscribe."""
        return [self._subscribe(self._server_ahead())]

    def probe(self) -> str:
        """Ask what is subscribed."""
        return _request(_PROBE, "session.subscriptions")

    def hear(self, frame: str) -> list[Understood]:
        """Understand a report on an order, an answer or a notice."""
        said = _object(frame)
        event = said.get("event", said)
        match event.get("e"):
            case "executionReport":
                return self._report(event) if event["s"] == self._symbol else []
            case "serverShutdown":
                return [Leaving()]
            case "eventStreamTerminated":
                raise StreamRefused("the exchange ended the subscription to orders")
            case None if "id" in said:
                return self._answered(said)
            case _:
                return []

    def _answered(self, said: dict[str, Any]) -> list[Understood]:
        request, error = said["id"], said.get("error")
        if error is not None:
            return self._refused(request, error)
        if request == _SUBSCRIBE:
            return [Subscribed()]
        if request == _TIME:
            return [Answer(self._subscribe(int(said["result"]["serverTime"]) - _now()))]
        if request == _PROBE and not said["result"]:
            raise StreamRefused("the exchange has forgotten the subscription to orders")
        return []

    def _refused(self, request: Any, error: dict[str, Any]) -> list[Understood]:
        """Ask for the time, once, when that is what is wrong: at a second time it is no matter of the clock."""
        if request == _PROBE:
            return []  # a sign of life all the same
        if error["code"] == _CLOCK_IS_OFF and not self._has_asked_for_time:
            self._has_asked_for_time = True
            return [Answer(_request(_TIME, "time"))]
        raise StreamRefused(f"the exchange refused to tell of orders: {_error(error)}")

    def _subscribe(self, server_ahead: int) -> str:
        parameters = self._identity.signed(_now() + server_ahead)
        return _request(_SUBSCRIBE, "userDataStream.subscribe.signature", parameters)

    def _report(self, event: dict[str, Any]) -> list[Understood]:
        # On a cancel `c` is the id of the request to cancel, and `C` the order's own.
        name = event["C"] if event["x"] == "CANCELED" and event["C"] else event["c"]
        order_id = str(event["i"])
        stands = OrderReported(name, Decimal(event["z"]), event["X"] in _OPEN, order_id)
        if event["x"] != "TRADE":
            return [stands]
        fill = OrderFilled(
            name,
            str(event["t"]),
            Decimal(event["L"]),
            Decimal(event["l"]),
            Decimal(event["n"]),
            event["N"] or self._quote,  # null when there is no fee
            int(event["T"]),
            order_id,
        )
        return [fill, stands]


def _request(number: int, method: str, params: Any = None) -> str:
    request = {"id": number, "method": method}
    return json.dumps(request if params is None else {**request, "params": params})


def _object(frame: str) -> dict[str, Any]:
    said = json.loads(frame)
    if not isinstance(said, dict):
        raise TypeError("not an object")
    return said


def _error(error: Any) -> str:
    return f"{error.get('code')} {error.get('msg')}" if isinstance(error, dict) else "no reason given"


def _now() -> int:
    return time.time_ns() // 1_000_000
