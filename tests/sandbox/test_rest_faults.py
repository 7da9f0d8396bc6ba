"""Faults: what a client meets when one is armed, and what the exchange has done meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import ccxt
import pytest

from actors.sandbox.server import Sandbox
from engine.venue.events import Event, OrderChanged
from tests.sandbox.clients import SOL, SOON, Http

PLACE = "POST /api/v3/order"


def place(exchange: Any) -> Any:
    return exchange.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "mine"})


@pytest.mark.parametrize("action", ["drop", "cut"])
@pytest.mark.parametrize(("when", "arrived"), [("before", 0), ("after", 1)])
def test_lost_reply_leaves_the_outcome_open(exchange: Any, http: Http, action: str, when: str, arrived: int) -> None:
    http.arm(route=PLACE, action=action, when=when)
    with pytest.raises(ccxt.NetworkError):
        place(exchange)

    assert len(exchange.fetch_open_orders(SOL)) == arrived
    if arrived:
        assert exchange.fetch_order(None, SOL, {"clientOrderId": "mine"})["status"] == "open"


@pytest.mark.parametrize("when", ["before", "after"])
def test_reply_later_than_the_client_waits_is_a_timeout_and_the_order_arrives(
    exchange: Any, http: Http, sandbox: Sandbox, when: str
) -> None:
    arrived = threading.Event()
    sandbox.hall.subscribe(lambda _events: arrived.set())
    exchange.timeout = 100
    http.arm(route=PLACE, action="delay", when=when, seconds=0.3)
    with pytest.raises(ccxt.RequestTimeout):
        place(exchange)

    assert arrived.wait(SOON)
    exchange.timeout = 10_000
    assert len(exchange.fetch_open_orders(SOL)) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, "<html>bad</html>", ccxt.ExchangeNotAvailable),
        (403, "<html>firewall</html>", ccxt.ExchangeNotAvailable),
        (404, "", ccxt.ExchangeNotAvailable),
        (408, "", ccxt.RequestTimeout),
        (418, "", ccxt.DDoSProtection),
        (429, "", ccxt.DDoSProtection),
        (500, "<html>oops</html>", ccxt.ExchangeNotAvailable),
        (502, "", ccxt.ExchangeNotAvailable),
        (503, "", ccxt.ExchangeNotAvailable),
        (504, "", ccxt.RequestTimeout),
        (520, "<html>cloud</html>", ccxt.ExchangeNotAvailable),
    ],
)
def test_status_without_json_is_raised_by_its_number(
    exchange: Any, http: Http, status: int, body: str, error: type[Exception]
) -> None:
    http.arm(route=PLACE, action="status", status=status, body=body, headers={"Retry-After": "7"})
    with pytest.raises(error) as raised:
        place(exchange)

    assert raised.type is error
    assert exchange.last_response_headers["Retry-After"] == "7"
    assert exchange.fetch_open_orders(SOL) == []


@pytest.mark.parametrize(
    ("status", "code", "msg", "error"),
    [
        (400, -1000, "An unknown error occurred while processing the request.", ccxt.OperationFailed),
        (400, -1001, "Internal error; unable to process your request. Please try again.", ccxt.OperationFailed),
        (401, -1002, "You are not authorized to execute this request.", ccxt.AuthenticationError),
        (400, -1003, "Too many requests queued.", ccxt.RateLimitExceeded),
        (500, -1006, "An unexpected response was received from the message bus.", ccxt.OperationFailed),
        (503, -1007, "Timeout waiting for response from backend server.", ccxt.RequestTimeout),
        (503, -1008, "Server is currently overloaded with other requests.", ccxt.OperationFailed),
        (400, -1015, "Too many new orders.", ccxt.RateLimitExceeded),
        (429, -1015, "Too many new orders.", ccxt.DDoSProtection),
        (401, -2015, "Invalid API-key, IP, or permissions for action.", ccxt.AuthenticationError),
        (400, -2010, "This account may not place or cancel orders.", ccxt.PermissionDenied),
        (400, -2010, "Market is closed.", ccxt.MarketClosed),
        (400, -9000, "System is under maintenance.", ccxt.OnMaintenance),
    ],
)
def test_error_is_raised_by_its_code_and_text(
    exchange: Any, http: Http, status: int, code: int, msg: str, error: type[Exception]
) -> None:
    http.arm(route=PLACE, action="error", status=status, code=code, msg=msg)
    with pytest.raises(error) as raised:
        place(exchange)

    assert raised.type is error


def test_error_after_the_effect_leaves_an_order_behind(exchange: Any, http: Http) -> None:
    http.arm(route=PLACE, action="error", when="after", status=503, code=-1007, msg="Timeout waiting for response.")
    with pytest.raises(ccxt.RequestTimeout):
        place(exchange)

    assert [order["clientOrderId"] for order in exchange.fetch_open_orders(SOL)] == ["mine"]


@pytest.mark.parametrize("body", ["<html></html>", "", '{"symbol": "SOLUSDT", "ord'])
def test_unusable_body_makes_an_order_without_an_id(exchange: Any, http: Http, body: str) -> None:
    http.arm(route=PLACE, action="body", body=body)

    assert place(exchange)["id"] is None


def test_unusable_balance_is_empty(exchange: Any, http: Http) -> None:
    http.arm(route="GET /api/v3/account", action="body", body="{}")

    assert exchange.fetch_balance()["total"] == {}


@pytest.mark.parametrize("times", [1, 3])
def test_fault_happens_as_often_as_was_said(exchange: Any, http: Http, times: int) -> None:
    http.arm(route="* /api/v3/*", action="status", status=503, times=times)
    for _ in range(times):
        with pytest.raises(ccxt.ExchangeNotAvailable):
            exchange.fetch_ticker(SOL)

    assert exchange.fetch_ticker(SOL)["last"] == 100


def test_fault_without_a_number_lasts_until_cleared(exchange: Any, http: Http) -> None:
    http.arm(route="GET /api/v3/*", action="status", status=503, times=0)
    for _ in range(5):
        with pytest.raises(ccxt.ExchangeNotAvailable):
            exchange.fetch_ticker(SOL)
    http.arm(action="clear")

    assert exchange.fetch_ticker(SOL)["last"] == 100
    assert http.state()["faults"] == []


def test_faults_of_one_route_take_turns_and_spare_others(exchange: Any, http: Http) -> None:
    fault = {"route": PLACE, "action": "status"}
    armed = http.send("POST", "/sandbox/faults", b'[{"route": "POST /api/v3/order", "action": "drop"}]')
    http.arm(**fault, status=500)
    assert armed.json["armed"] == [{"route": PLACE, "action": "drop", "times": 1}]

    exchange.fetch_ticker(SOL)
    with pytest.raises(ccxt.NetworkError):
        place(exchange)
    with pytest.raises(ccxt.ExchangeNotAvailable):
        place(exchange)
    assert place(exchange)["status"] == "open"


@pytest.mark.parametrize(("when", "events_first"), [("before_reply", True), ("after_reply", False)])
def test_user_events_come_before_or_after_the_reply(
    exchange: Any, http: Http, sandbox: Sandbox, when: str, *, events_first: bool
) -> None:
    seen: list[str] = []
    happened = threading.Event()

    def listen(events: Sequence[Event]) -> None:
        if any(isinstance(event, OrderChanged) for event in events):
            seen.append("event")
            happened.set()

    sandbox.hall.subscribe(listen)
    http.arm(route="events", when=when, seconds=0.05)
    place(exchange)
    seen.append("reply")

    assert happened.wait(SOON)
    assert seen == (["event", "reply"] if events_first else ["reply", "event"])


def test_events_held_for_a_reply_that_never_goes_out_still_come(exchange: Any, http: Http, sandbox: Sandbox) -> None:
    happened = threading.Event()
    sandbox.hall.subscribe(lambda _events: happened.set())
    http.arm(route="events", when="after_reply", seconds=0)
    http.arm(route=PLACE, action="drop", when="after")
    with pytest.raises(ccxt.NetworkError):
        place(exchange)

    assert happened.wait(SOON)


def test_halted_market_takes_no_orders(exchange: Any, http: Http) -> None:
    http.arm(route="market", action="halt", symbol=SOL)
    with pytest.raises(ccxt.MarketClosed):
        place(exchange)
    exchange.load_markets(reload=True)
    assert (exchange.market(SOL)["active"], exchange.market("BTC/USDT")["active"]) == (False, True)

    http.arm(route="market", action="resume")
    assert place(exchange)["status"] == "open"


def test_order_fills_in_as_many_trades_as_was_said(exchange: Any, http: Http) -> None:
    http.arm(route="fills", action="split", parts=3, times=1, symbol=SOL)
    order = place(exchange)
    http.control("price", symbol=SOL, price=95)

    trades = exchange.fetch_order_trades(order["id"], SOL)
    assert len(trades) == 3
    assert exchange.fetch_order(order["id"], SOL)["status"] == "closed"


@pytest.mark.parametrize(("action", "status"), [("cancel", "canceled"), ("expire", "expired")])
def test_exchange_ends_an_order_by_itself(exchange: Any, http: Http, action: str, status: str) -> None:
    order = place(exchange)
    http.arm(route="orders", action=action, client_order_id="mine")

    assert exchange.fetch_order(order["id"], SOL)["status"] == status
    with pytest.raises(ccxt.OrderNotFound, match="Unknown order sent"):
        exchange.cancel_order(order["id"], SOL)


def test_clear_puts_everything_right(exchange: Any, http: Http) -> None:
    for fault in (
        {"route": "clock", "skew_ms": 50_000},
        {"route": "limits", "weight": 1},
        {"route": "keys", "action": "revoke"},
        {"route": "market", "action": "halt"},
        {"route": "* /api/*", "action": "drop", "times": 0},
    ):
        http.arm(**fault)
    http.arm(action="clear")

    assert place(exchange)["status"] == "open"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({}, "route is missing"),
        ({"route": "POST /api/v3/order", "action": "explode"}, "allowed are drop, cut, delay"),
        ({"route": "POST /api/v3/order"}, "allowed are drop, cut, delay"),
        ({"route": "POST /api/v3/order", "action": "drop", "when": "never"}, "allowed are before, after"),
        ({"route": "POST /api/v3/order", "action": "drop", "times": -1}, "times = -1"),
        ({"route": "POST /api/v3/order", "action": "status", "status": "500"}, "status = '500'"),
        ({"route": "order", "action": "drop"}, "clock"),
        ({"route": "events", "when": "before"}, "before_reply, after_reply"),
        ({"route": "clock"}, "skew_ms = (nothing)"),
        ({"route": "clock", "skew_ms": 10**12}, "up to a day"),
        ({"route": "keys", "action": "lose"}, "revoke, restore"),
        ({"route": "market", "action": "halt", "symbol": "DOGE/USDT"}, "SOLUSDT, BTCUSDT"),
        ({"route": "fills", "action": "split", "parts": 0}, "parts = 0"),
        ({"route": "orders", "action": "cancel", "client_order_id": "nobody's"}, "no such order"),
        ({"route": "orders", "action": "forget", "client_order_id": "x"}, "cancel, expire"),
    ],
)
def test_fault_that_cannot_happen_is_refused(http: Http, fault: dict[str, Any], told: str) -> None:
    reply = http.send("POST", "/sandbox/faults", json.dumps(fault).encode())

    assert reply.status == 400
    assert told in reply.json["error"]


def test_client_that_hangs_up_does_not_hurt_the_others(exchange: Any, sandbox: Sandbox, http: Http) -> None:
    http.arm(route="GET /api/v3/time", action="delay", seconds=0.05, when="after")
    with Http(sandbox) as rude:
        rude.request("GET", "/api/v3/time")

    assert exchange.fetch_balance()["USDT"]["free"] == 10_000
