"""Orders, cancels, trades and balances as ccxt sees them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ccxt
import pytest

from actors.sandbox.server import Sandbox
from tests.sandbox.clients import SOL, Http, ccxt_client


def test_limit_order_rests_and_locks_its_cost(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 2, 95, {"clientOrderId": "g1-0-b-1"})

    assert (order["status"], order["clientOrderId"], order["filled"]) == ("open", "g1-0-b-1", 0)
    balance = exchange.fetch_balance()
    assert (balance["USDT"]["used"], balance["USDT"]["free"]) == (190, 9810)
    assert [open_order["id"] for open_order in exchange.fetch_open_orders(SOL)] == [order["id"]]
    assert [open_order["id"] for open_order in exchange.fetch_open_orders()] == [order["id"]]


def test_market_order_fills_at_once_and_pays_its_fee_in_what_it_receives(exchange: Any) -> None:
    order = exchange.create_order(SOL, "market", "buy", 3)

    assert (order["status"], order["filled"], order["average"]) == ("closed", 3, 100)
    assert order["fee"] == {"currency": "SOL", "cost": 0.003}
    balance = exchange.fetch_balance()
    assert (balance["SOL"]["free"], balance["USDT"]["free"]) == (102.997, 9700)


def test_market_order_by_cost_spends_no_more_than_that(exchange: Any) -> None:
    order = exchange.create_market_buy_order_with_cost(SOL, 250)

    assert (order["cost"], order["filled"]) == (250, 2.5)


def test_moved_market_fills_the_order_it_reaches_and_my_trades_show_it(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "sell", 1, 105)
    http.control("price", symbol=SOL, price="105")

    fetched = exchange.fetch_order(order["id"], SOL)
    assert (fetched["status"], fetched["filled"], fetched["average"]) == ("closed", 1, 105)
    [trade] = exchange.fetch_my_trades(SOL)
    assert (trade["order"], trade["side"], trade["price"], trade["amount"], trade["takerOrMaker"]) == (
        order["id"],
        "sell",
        105,
        1,
        "maker",
    )
    assert trade["fee"]["cost"] == 0.105
    assert trade["fee"]["currency"] == "USDT"
    assert exchange.fetch_open_orders(SOL) == []


def test_order_is_found_by_its_client_id(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "mine"})

    assert exchange.fetch_order(None, SOL, {"clientOrderId": "mine"})["id"] == order["id"]
    assert exchange.fetch_order(None, SOL, {"origClientOrderId": "mine"})["id"] == order["id"]


@pytest.mark.parametrize("by", ["id", "client id"])
def test_cancelled_order_gives_its_money_back(exchange: Any, by: str) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95, {"clientOrderId": "mine"})
    if by == "id":
        cancelled = exchange.cancel_order(order["id"], SOL)
    else:
        cancelled = exchange.cancel_order(None, SOL, {"origClientOrderId": "mine"})

    assert (cancelled["status"], cancelled["id"]) == ("canceled", order["id"])
    assert cancelled["info"]["origClientOrderId"] == "mine"
    assert cancelled["clientOrderId"] != "mine"  # the id of the request to cancel
    assert exchange.fetch_balance()["USDT"]["used"] == 0


def test_cancel_request_keeps_the_id_it_was_sent_with(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)

    cancelled = exchange.cancel_order(order["id"], SOL, {"newClientOrderId": "undo"})
    assert cancelled["clientOrderId"] == "undo"


def test_cancel_all_leaves_other_symbols_alone(exchange: Any) -> None:
    ids = {exchange.create_order(SOL, "limit", "buy", 1, price)["id"] for price in (90, 91, 92)}
    other = exchange.create_order("BTC/USDT", "limit", "buy", 0.001, 50_000)

    assert {order["id"] for order in exchange.cancel_all_orders(SOL)} == ids
    assert [order["id"] for order in exchange.fetch_open_orders()] == [other["id"]]


def test_post_only_order_rests(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95, {"postOnly": True})

    fetched = exchange.fetch_order(order["id"], SOL)
    assert (fetched["status"], fetched["info"]["type"]) == ("open", "LIMIT_MAKER")


@pytest.mark.parametrize(("in_force", "reason"), [("IOC", "UNFILLED_IOC_QUANTITY"), ("FOK", "UNFILLED_FOK_ORDER")])
def test_order_that_may_not_rest_expires(exchange: Any, in_force: str, reason: str) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95, {"timeInForce": in_force})

    assert order["status"] == "expired"
    assert order["info"]["expiryReason"] == f"{reason}_EXPIRED"


def test_edited_order_takes_the_place_of_the_old_one(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    edited = exchange.edit_order(order["id"], SOL, "limit", "buy", 1, 96)

    assert (edited["price"], edited["status"]) == (96, "open")
    assert exchange.fetch_order(order["id"], SOL)["status"] == "canceled"
    assert [resting["price"] for resting in exchange.fetch_open_orders(SOL)] == [96]


def test_edit_of_a_closed_order_places_nothing(exchange: Any) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    exchange.cancel_order(order["id"], SOL)

    with pytest.raises(ccxt.BadResponse, match="-2022"):
        exchange.edit_order(order["id"], SOL, "limit", "buy", 1, 96)
    assert exchange.fetch_open_orders(SOL) == []


def test_edit_whose_new_order_is_refused_has_cancelled_the_old_one(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    reply = http.signed(
        "POST",
        "/api/v3/order/cancelReplace",
        symbol="SOLUSDT",
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity="1000",
        price="96",
        cancelOrderId=order["id"],
        cancelReplaceMode="STOP_ON_FAILURE",
    )

    assert reply.status == 409
    assert reply.json["code"] == -2021
    data = reply.json["data"]
    assert (data["cancelResult"], data["newOrderResult"]) == ("SUCCESS", "FAILURE")
    assert data["cancelResponse"]["status"] == "CANCELED"
    assert data["newOrderResponse"]["code"] == -2010
    assert exchange.fetch_open_orders(SOL) == []


def test_test_order_places_nothing(exchange: Any) -> None:
    exchange.create_order(SOL, "limit", "buy", 1, 95, {"test": True})

    assert exchange.fetch_open_orders(SOL) == []


def test_closed_orders_and_trades_of_one_order_are_listed(exchange: Any) -> None:
    first = exchange.create_order(SOL, "market", "buy", 1)
    second = exchange.create_order(SOL, "market", "sell", 1)
    exchange.create_order(SOL, "limit", "buy", 1, 95)

    assert [order["id"] for order in exchange.fetch_closed_orders(SOL)] == [first["id"], second["id"]]
    assert len(exchange.fetch_orders(SOL)) == 3
    assert {trade["order"] for trade in exchange.fetch_order_trades(second["id"], SOL)} == {second["id"]}


def test_trades_are_paged_by_id(exchange: Any) -> None:
    for _ in range(3):
        exchange.create_order(SOL, "market", "buy", 1)
    trades = exchange.fetch_my_trades(SOL)

    assert [trade["id"] for trade in exchange.fetch_my_trades(SOL, limit=2)] == [t["id"] for t in trades[-2:]]
    later = exchange.fetch_my_trades(SOL, params={"fromId": trades[1]["id"]})
    assert [trade["id"] for trade in later] == [trade["id"] for trade in trades[1:]]


@pytest.mark.parametrize(("wanted", "shown"), [("ACK", False), ("RESULT", False), ("FULL", True)])
def test_reply_shows_as_much_as_was_asked_for(http: Http, wanted: str, *, shown: bool) -> None:
    reply = http.signed(
        "POST",
        "/api/v3/order",
        symbol="SOLUSDT",
        side="BUY",
        type="MARKET",
        quantity="1",
        newOrderRespType=wanted,
    ).json

    assert ("fills" in reply) is shown
    assert ("status" in reply) is (wanted != "ACK")


def test_cancel_restriction_keeps_an_order_that_has_begun_to_fill(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    http.control("orders/fill", order_id=int(order["id"]), share="0.5")

    with pytest.raises(ccxt.OrderNotFound, match="cancel restrictions"):
        exchange.cancel_order(order["id"], SOL, {"cancelRestrictions": "ONLY_NEW"})
    cancelled = exchange.cancel_order(order["id"], SOL, {"cancelRestrictions": "ONLY_PARTIALLY_FILLED"})
    assert (cancelled["status"], cancelled["filled"]) == ("canceled", 0.5)


def test_clients_that_trade_at_the_same_time_do_not_disturb_each_other(exchange: Any, sandbox: Sandbox) -> None:
    def trade(number: int) -> set[str]:
        client = ccxt_client(sandbox)
        client.set_markets(exchange.markets)
        try:
            return {
                client.create_order(SOL, "limit", "buy", 0.1, 95, {"clientOrderId": f"{number}-{order}"})["id"]
                for order in range(20)
            }
        finally:
            client.session.close()

    with ThreadPoolExecutor(4) as pool:
        ids = set().union(*pool.map(trade, range(4)))

    assert len(ids) == 80
    assert {order["id"] for order in exchange.fetch_open_orders(SOL)} == ids
    assert exchange.fetch_balance()["USDT"] == {"free": 9240, "used": 760, "total": 10_000}


def test_order_round_trip_is_quick(exchange: Any) -> None:
    started = time.perf_counter()
    for _ in range(40):
        exchange.cancel_order(exchange.create_order(SOL, "limit", "buy", 1, 95)["id"], SOL)

    assert time.perf_counter() - started < 2  # 80 round trips of about 1.5 ms, on a machine with other work
