"""What ccxt raises for what the sandbox refuses, and Binance's codes for requests that ccxt would not send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ccxt
import pytest

from tests.sandbox.clients import SOL, Http

ORDER = {
    "symbol": "SOLUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "1",
    "price": "95",
}
MARKET = {"symbol": "SOLUSDT", "side": "BUY", "type": "MARKET", "quantity": "1"}

Act = Callable[[Any], object]


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (lambda e: e.create_order(SOL, "limit", "buy", 1000, 95), ccxt.InsufficientFunds, "insufficient balance"),
        (lambda e: e.create_order(SOL, "market", "sell", 1000), ccxt.InsufficientFunds, "insufficient balance"),
        (lambda e: e.create_order(SOL, "limit", "buy", 0.01, 95), ccxt.BadRequest, "NOTIONAL"),
        (lambda e: e.create_order(SOL, "limit", "buy", 1, 9), ccxt.InvalidOrder, "PERCENT_PRICE_BY_SIDE"),
        (
            lambda e: e.create_order(SOL, "limit", "buy", 1, 101, {"postOnly": True}),
            ccxt.OrderImmediatelyFillable,
            "immediately match",
        ),
        (lambda e: e.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "a b"}), ccxt.BadRequest, "-1100"),
        (lambda e: e.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "a" * 37}), ccxt.BadRequest, "-1100"),
        (lambda e: e.create_order(SOL, "limit", "buy", 1, 95, {"timeInForce": "GTX"}), ccxt.BadRequest, "-1115"),
        (lambda e: e.cancel_order("999", SOL), ccxt.OrderNotFound, "Unknown order"),
        (lambda e: e.cancel_all_orders(SOL), ccxt.OrderNotFound, "Unknown order"),
        (lambda e: e.fetch_order("999", SOL), ccxt.OrderNotFound, "does not exist"),
        (lambda e: e.fetch_balance({"recvWindow": 60_001}), ccxt.BadRequest, "-1131"),
        (lambda e: e.fetch_my_trades(SOL, None, None, {"startTime": 1, "endTime": 10**9}), ccxt.BadRequest, "-1127"),
        (lambda e: e.fetch_orders(SOL, None, None, {"startTime": 1, "endTime": 10**9}), ccxt.BadRequest, "-1127"),
        (lambda e: e.publicGetKlines({"symbol": "SOLUSDT", "interval": "7m"}), ccxt.BadRequest, "-1120"),
        (lambda e: e.publicGetDepth({"symbol": "DOGEUSDT"}), ccxt.BadSymbol, "Invalid symbol"),
    ],
)
def test_refusal_is_raised_as_on_the_exchange(exchange: Any, act: Act, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as raised:
        act(exchange)
    assert raised.type is error


def test_client_id_of_an_open_order_is_refused_and_free_again_after_it(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "mine"})
    with pytest.raises(ccxt.InvalidOrder, match="Duplicate order sent"):
        exchange.create_order(SOL, "limit", "buy", 1, 94, {"clientOrderId": "mine"})
    exchange.cancel_order(order["id"], SOL)

    second = exchange.create_order(SOL, "limit", "buy", 1, 94, {"clientOrderId": "mine"})
    assert exchange.fetch_order(None, SOL, {"clientOrderId": "mine"})["id"] == second["id"]


def test_two_ids_of_different_orders_disagree(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    reply = http.signed("GET", "/api/v3/order", symbol="SOLUSDT", orderId=order["id"], origClientOrderId="other")

    assert (reply.status, reply.json["code"]) == (400, -2039)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": None}, -1102),
        ({"symbol": "SOL/USDT"}, -1100),
        ({"symbol": "SOLEUR"}, -1121),
        ({"side": None}, -1102),
        ({"side": "buy"}, -1117),
        ({"type": "SPOT"}, -1116),
        ({"type": "STOP_LOSS_LIMIT"}, -2010),
        ({"type": "LIMIT_MAKER"}, -1106),
        ({"timeInForce": None}, -1102),
        ({"timeInForce": "NOW"}, -1115),
        ({"quantity": None}, -1102),
        ({"quantity": ""}, -1102),
        ({"quantity": "1e3"}, -1100),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "0.123456789"}, -1111),
        ({"quantity": "0.0001"}, -1013),
        ({"price": "95.001"}, -1013),
        ({"price": "0"}, -1013),
        ({"stopPrice": "90"}, -1106),
        ({"quoteOrderQty": "90"}, -1106),
        ({"newOrderRespType": "EVERYTHING"}, -1130),
        ({"newClientOrderId": ""}, -1105),
        ({"timestamp": None}, -1102),
        ({"timestamp": "now"}, -1100),
        (MARKET | {"timeInForce": None, "price": "95"}, -1106),
        (MARKET | {"timeInForce": "GTC", "price": None}, -1106),
        (MARKET | {"timeInForce": None, "price": None, "quantity": None}, -1102),
        (MARKET | {"timeInForce": None, "price": None, "quoteOrderQty": "90"}, -1128),
        (MARKET | {"timeInForce": None, "price": None, "quantity": None, "quoteOrderQty": "4"}, -1013),
    ],
)
def test_parameter_that_is_wrong_has_its_own_code(http: Http, changes: dict[str, str | None], code: int) -> None:
    params = {"timestamp": str(http.sandbox.hall.now_ms())} | ORDER | changes
    sent = {name: value for name, value in params.items() if value is not None}
    if "timestamp" not in sent:
        reply = http.send("POST", "/api/v3/order?symbol=SOLUSDT&signature=aa", headers=http.key())
    else:
        reply = http.signed("POST", "/api/v3/order", **sent)

    assert (reply.status, reply.json["code"]) == (400, code)
    assert http.account()["orders"] == []


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("depth", {}, -1102),
        ("depth", {"symbol": "SOLUSDT", "limit": "0"}, -1130),
        ("depth", {"symbol": "SOLUSDT", "limit": "many"}, -1100),
        ("klines", {"symbol": "SOLUSDT"}, -1102),
        ("ticker/24hr", {"symbols": "SOLUSDT"}, -1100),
        ("ticker/24hr", {"symbols": '["SOLUSDT"]', "symbol": "SOLUSDT"}, -1128),
        ("ticker/price", {"symbols": '["DOGEUSDT"]'}, -1121),
        ("ticker", {}, -1102),
        ("ticker", {"symbol": "SOLUSDT", "windowSize": "5y"}, -1130),
        ("exchangeInfo", {"symbol": "DOGEUSDT"}, -1121),
    ],
)
def test_question_that_is_wrong_has_its_own_code(http: Http, path: str, params: dict[str, str], code: int) -> None:
    reply = http.get(f"/api/v3/{path}", **params)

    assert (reply.status, reply.json["code"]) == (400, code)


@pytest.mark.parametrize("action", ["cancel", "status"])
def test_order_must_be_named(http: Http, action: str) -> None:
    reply = http.signed("DELETE" if action == "cancel" else "GET", "/api/v3/order", symbol="SOLUSDT")

    assert (reply.json["code"], "origClientOrderId" in reply.json["msg"]) == (-1102, True)


def test_parameter_sent_twice_is_refused(http: Http) -> None:
    assert http.get("/api/v3/depth?symbol=SOLUSDT&symbol=BTCUSDT").json["code"] == -1101


def test_query_wins_over_the_body(http: Http) -> None:
    body = b"symbol=BTCUSDT&limit=5"
    reply = http.send("GET", "/api/v3/ticker/price?symbol=SOLUSDT", body)

    assert reply.json["symbol"] == "SOLUSDT"
