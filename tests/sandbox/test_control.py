"""The sandbox's own paths: the market, money, orders, accounts, and who may use them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from actors.sandbox.http_server import Request
from actors.sandbox.server import Sandbox
from tests.sandbox.clients import SOL, Http, ccxt_client


def test_moved_market_fills_every_order_on_the_way_at_its_own_price(exchange: Any, http: Http) -> None:
    for price in (99, 98, 97, 90):
        exchange.create_order(SOL, "limit", "buy", 1, price)
    moved = http.control("price", symbol="SOLUSDT", price="97")

    assert moved == {"symbol": "SOLUSDT", "price": "97"}
    assert [trade["price"] for trade in exchange.fetch_my_trades(SOL)] == [99, 98, 97]
    assert [order["price"] for order in exchange.fetch_open_orders(SOL)] == [90]


def test_outsider_fills_an_order_in_part(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 2, 95)
    http.control("trade", symbol=SOL, side="SELL", quantity="0.5")

    fetched = exchange.fetch_order(order["id"], SOL)
    assert (fetched["status"], fetched["filled"], fetched["info"]["status"]) == ("open", 0.5, "PARTIALLY_FILLED")


def test_part_of_an_order_fills_when_told_to(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 2, 95)
    status = http.control("orders/fill", order_id=int(order["id"]), share=0.25)

    assert status == "PARTIALLY_FILLED"
    assert exchange.fetch_order(order["id"], SOL)["filled"] == 0.5


def test_transfer_pays_in_and_out(exchange: Any, http: Http) -> None:
    assert http.control("transfer", asset="USDT", amount="12.5")["free"] == "10012.5"
    assert http.control("transfer", asset="SOL", amount=-40) == {"account": "main", "asset": "SOL", "free": "60"}
    assert exchange.fetch_balance()["SOL"]["free"] == 60


def test_dry_market_leaves_a_market_order_incomplete(exchange: Any, http: Http) -> None:
    http.control("liquidity", symbol=SOL, quantity="1")
    order = exchange.create_order(SOL, "market", "buy", 3)
    assert (order["status"], order["filled"]) == ("expired", 1)

    http.control("liquidity", symbol=SOL, quantity=None)
    assert exchange.create_order(SOL, "market", "buy", 3)["filled"] == 3


def test_exchange_ends_an_order(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "mine"})

    assert http.control("orders/end", client_order_id="mine", how="expire") == "EXPIRED"
    assert exchange.fetch_order(order["id"], SOL)["status"] == "expired"


def test_new_account_comes_with_its_keys(sandbox: Sandbox, http: Http) -> None:
    keys = http.control("accounts", account="second", balances={"USDT": "75.5", "SOL": 2})
    client = ccxt_client(sandbox, apiKey=keys["ed25519_api_key"], secret=keys["ed25519_private_key"])
    try:
        assert client.fetch_balance()["total"] == {"USDT": 75.5, "SOL": 2, "BTC": 0}
    finally:
        client.session.close()


def test_state_shows_markets_orders_trades_and_balances(exchange: Any, http: Http) -> None:
    bought = exchange.create_order(SOL, "market", "buy", 1)
    resting = exchange.create_order(SOL, "limit", "buy", 1, 95)
    state = http.state()

    assert state["symbols"]["SOLUSDT"]["price"] == "100"
    assert state["symbols"]["SOLUSDT"]["book"]["bids"][0][0] == "99.99000000"
    main = state["accounts"]["main"]
    assert [order["orderId"] for order in main["orders"]] == [int(bought["id"]), int(resting["id"])]
    assert [trade["orderId"] for trade in main["trades"]] == [int(bought["id"])]
    assert main["balances"]["USDT"] == {"free": "9805.00000000", "locked": "95.00000000"}


@pytest.mark.parametrize(
    ("action", "body", "told"),
    [
        ("price", {"symbol": SOL}, "price = (nothing)"),
        ("price", {"symbol": SOL, "price": "-1"}, "price = '-1': allowed is a number above 0"),
        ("price", {"symbol": SOL, "price": "NaN"}, "price = 'NaN'"),
        ("price", {"symbol": SOL, "price": "1e400"}, "price = '1e400'"),
        ("price", {"symbol": SOL, "price": True}, "price = 'True'"),
        ("price", {"symbol": "DOGE/USDT", "price": 1}, "symbol = 'DOGE/USDT': allowed is SOLUSDT, BTCUSDT"),
        ("price", [], "must be a JSON object"),
        ("trade", {"symbol": SOL, "side": "up", "quantity": 1}, "side = 'up': allowed is BUY, SELL"),
        ("transfer", {"asset": "USDT", "amount": "-10001"}, "insufficient balance"),
        ("transfer", {"asset": "USDT", "amount": "1", "account": "x"}, 'account = "x": allowed are main'),
        ("liquidity", {"symbol": SOL, "quantity": -1}, "a number from 0, or null"),
        ("accounts", {"account": "main", "balances": {}}, "exists already"),
        ("accounts", {"account": "b", "balances": {"USDT": -1}}, "balances.USDT"),
        ("orders/end", {"order_id": "7", "how": "cancel"}, "order_id = '7': allowed is a whole number"),
        ("orders/end", {"order_id": 7, "how": "cancel"}, "7: no such order of account main"),
        ("orders/fill", {"order_id": 7, "share": 2}, "share = 2"),
    ],
)
def test_wrong_body_is_told_with_what_is_allowed(http: Http, action: str, body: Any, told: str) -> None:
    reply = http.send("POST", f"/sandbox/{action}", json.dumps(body).encode())

    assert reply.status == 400
    assert told in reply.json["error"]


def test_closed_order_cannot_be_ended(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "market", "buy", 1)
    reply = http.send(
        "POST", "/sandbox/orders/end", json.dumps({"order_id": int(order["id"]), "how": "cancel"}).encode()
    )

    assert (reply.status, reply.json["code"]) == (400, -2011)


@pytest.mark.parametrize("body", [b"{", b"\xff"])
def test_body_that_is_no_json_is_refused(http: Http, body: bytes) -> None:
    assert http.send("POST", "/sandbox/price", body).status == 400


def test_unknown_path_names_the_known_ones(http: Http) -> None:
    reply = http.send("POST", "/sandbox/prize")

    assert reply.status == 404
    assert "POST price" in reply.json["error"]


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({"host": "127.0.0.1:80"}, "127.0.0.1", 200),
        ({"host": "localhost:80"}, "::1", 200),
        ({"host": "127.0.0.1:80"}, "192.168.0.7", 403),
        ({"host": "evil.example"}, "127.0.0.1", 403),
        ({}, "127.0.0.1", 403),
        ({"host": "127.0.0.1:80", "origin": "https://evil.example"}, "127.0.0.1", 403),
    ],
)
def test_only_programs_on_this_machine_control_it(
    sandbox: Sandbox, headers: dict[str, str], address: str, status: int
) -> None:
    body = b'{"symbol": "SOLUSDT", "price": "50"}'
    request = Request("POST", "/sandbox/price", "", headers, body, address)
    response = sandbox.answer(request)

    assert response is not None
    assert response.status == status
    assert (sandbox.hall.venue.price("SOLUSDT") == Decimal(50)) is (status == 200)


def test_control_goes_on_when_the_exchange_refuses_everything(exchange: Any, http: Http) -> None:
    http.arm(route="*", action="drop", times=0)
    http.arm(route="limits", weight=0)
    with pytest.raises(ccxt.NetworkError):
        exchange.fetch_time()

    assert http.control("price", symbol=SOL, price=99)["price"] == "99"
