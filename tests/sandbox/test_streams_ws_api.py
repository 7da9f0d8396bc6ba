"""The WebSocket API and its user data, as websocket-client sees them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from actors.sandbox.limits import LimitSettings
from actors.sandbox.server import Sandbox
from tests.sandbox.stream_clients import ApiClient, Json, Listener, limit_order, move, timestamp

REPORT_KEYS = set("eEscSofqpPFgCxXrilzLnNTtIwmMOZYQWV")


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with ApiClient(sandbox.urls.ws_api, sandbox.keys.hmac) as connected:
        yield connected


@pytest.fixture
def ed25519(sandbox: Sandbox) -> Iterator[ApiClient]:
    with ApiClient(sandbox.urls.ws_api, sandbox.keys.ed25519) as connected:
        yield connected


# --- requests and answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [7, "seven", None])
def test_an_answer_carries_the_requests_id(client: ApiClient, number: Any) -> None:
    client.send({"id": number, "method": "v3/ping"})
    answer = client.message()
    assert (answer["id"], answer["status"], answer["result"]) == (number, 200, {})


@pytest.mark.parametrize("method", ["time", "exchangeInfo", "depth", "klines", "trades.recent", "trades.aggregate"])
def test_market_data_is_what_rest_gives(sandbox: Sandbox, client: ApiClient, method: str) -> None:
    params = {"symbol": "SOLUSDT", "interval": "1h", "limit": 5} if method != "time" else {}
    answer = client.call(method, **params)
    assert answer["status"] == 200
    if method == "depth":
        assert len(answer["result"]["bids"]) == 5
        assert answer["result"]["lastUpdateId"] == sandbox.hall.venue.depth("SOLUSDT").last_update_id


def test_rate_limits_come_with_every_answer_unless_unwanted(sandbox: Sandbox, client: ApiClient) -> None:
    told = client.call("time")["rateLimits"]
    assert (told[0]["rateLimitType"], told[0]["limit"], told[0]["count"]) == ("REQUEST_WEIGHT", 6000, 1)
    assert "rateLimits" not in client.call("time", returnRateLimits=False)
    assert {row["rateLimitType"] for row in client.signed("account.status")["rateLimits"]} == {
        "REQUEST_WEIGHT",
        "ORDERS",
    }
    with ApiClient(f"{sandbox.urls.ws_api}?returnRateLimits=false", sandbox.keys.hmac) as quiet:
        assert "rateLimits" not in quiet.call("time")
        assert "rateLimits" in quiet.call("time", returnRateLimits=True)


@pytest.mark.parametrize(
    "text", ["{nonsense", "[]", "1", '{"id": 1}', '{"method": true}', '{"method": "ping", "params": 1}']
)
def test_what_is_no_request_is_refused(client: ApiClient, text: str) -> None:
    client.send(text)
    answer = client.message()
    assert (answer["status"], answer["error"]["code"]) == (400, -1135)


@pytest.mark.parametrize(
    ("method", "changed", "status", "code"),
    [
        ("fly", {}, 400, -1020),
        ("order.place", {"apiKey": "short"}, 401, -2014),
        ("order.place", {"apiKey": "x" * 64}, 401, -2015),
        ("order.place", {"apiKey": None}, 400, -1102),
        ("order.place", {"signature": "0" * 64}, 400, -1022),
        ("order.place", {"signature": None}, 400, -1102),
        ("order.place", {"quantity": "2"}, 400, -1022),
        ("order.place", {"timestamp": 1}, 400, -1021),
        ("order.place", {"timestamp": None}, 400, -1102),
        ("klines", {"interval": "7m"}, 400, -1120),
        ("session.logon", {}, 400, -4056),
        ("userDataStream.subscribe", {}, 400, -1102),
        ("userDataStream.unsubscribe", {}, 400, -2036),
        ("userDataStream.unsubscribe", {"subscriptionId": 3}, 400, -2036),
    ],
)
def test_a_refusal_carries_its_status_and_code(
    client: ApiClient, method: str, changed: Json, status: int, code: int
) -> None:
    signed = {**client.sign(limit_order("BUY", "1", "90")), **changed}
    answer = client.call(method, **{name: value for name, value in signed.items() if value is not None})
    assert (answer["status"], answer["error"]["code"]) == (status, code)


def test_too_much_weight_is_429_with_the_time_to_come_back(sandbox: Sandbox, client: ApiClient) -> None:
    with sandbox.hall.lock:
        sandbox.hall.limits.reset(LimitSettings(weight=3))
    assert client.call("klines", symbol="SOLUSDT", interval="1m")["status"] == 200
    answer = client.call("klines", symbol="SOLUSDT", interval="1m")
    assert (answer["status"], answer["error"]["code"]) == (429, -1003)
    data = answer["error"]["data"]
    assert 0 < data["retryAfter"] - data["serverTime"] <= 60_000


def test_numbers_are_signed_as_they_are_written(client: ApiClient) -> None:
    order = {**limit_order("BUY", "1", "90"), "quantity": "@1.50", "price": "@90.00"}
    client.send(client_text(client, order))
    answer = client.message()
    assert (answer["status"], answer["result"]["origQty"]) == (200, "1.50000000")


def client_text(client: ApiClient, order: Json) -> str:
    """Give a request whose numbers, marked with @, stand in the JSON unquoted and with their zeros."""
    signed = client.sign({name: str(value).lstrip("@") for name, value in order.items()})
    fields = [
        f'"{name}": {value if order.get(name, "").startswith("@") else quoted(value)}' for name, value in signed.items()
    ]
    return f'{{"id": 1, "method": "order.place", "params": {{{", ".join(fields)}}}}}'


def quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


# --- session --------------------------------------------------------------------------------------------


def test_a_logged_on_session_trades_without_signing(ed25519: ApiClient) -> None:
    status = ed25519.signed("session.logon")["result"]
    assert status["apiKey"]
    assert status["connectedSince"] <= status["authorizedSince"] <= status["serverTime"]
    placed = ed25519.call("order.place", **limit_order("BUY", "1", "90"), timestamp=timestamp())
    assert (placed["status"], placed["result"]["status"]) == (200, "NEW")
    assert ed25519.call("openOrders.status", timestamp=timestamp())["result"][0]["clientOrderId"] == "mine"
    assert ed25519.call("account.status")["error"]["code"] == -1102  # the timestamp is still wanted


def test_a_logged_out_session_must_sign_again(ed25519: ApiClient) -> None:
    ed25519.signed("session.logon")
    assert ed25519.call("session.logout")["result"]["apiKey"] is None
    assert ed25519.call("session.status")["result"]["authorizedSince"] is None
    assert ed25519.call("account.status", timestamp=timestamp())["error"]["code"] == -1102


def test_a_key_revoked_in_the_session_is_refused(sandbox: Sandbox, ed25519: ApiClient) -> None:
    ed25519.signed("session.logon")
    sandbox.hall.faults.arm({"route": "keys", "action": "revoke"})
    answer = ed25519.call("account.status", timestamp=timestamp())
    assert (answer["status"], answer["error"]["code"]) == (401, -2015)


# --- user data ------------------------------------------------------------------------------------------


def test_an_order_is_told_from_new_to_filled_then_the_balances(sandbox: Sandbox, client: ApiClient) -> None:
    assert client.subscribe() == 0
    placed = client.signed("order.place", **limit_order("BUY", "2", "99"))["result"]
    new, locked = client.event(), client.event()
    move(sandbox, "99")
    trade, after = client.event(), client.event()
    assert set(new) == REPORT_KEYS
    assert (new["e"], new["x"], new["X"], new["c"], new["C"], new["i"]) == (
        "executionReport",
        "NEW",
        "NEW",
        "mine",
        "",
        placed["orderId"],
    )
    assert (new["q"], new["p"], new["z"], new["t"], new["N"], new["w"], new["m"]) == (
        "2.00000000",
        "99.00000000",
        "0.00000000",
        -1,
        None,
        True,
        False,
    )
    assert (trade["x"], trade["X"], trade["l"], trade["L"], trade["z"], trade["Z"], trade["Y"]) == (
        "TRADE",
        "FILLED",
        "2.00000000",
        "99.00000000",
        "2.00000000",
        "198.00000000",
        "198.00000000",
    )
    assert (trade["n"], trade["N"], trade["m"], trade["w"]) == ("0.00200000", "SOL", True, False)
    assert balances(locked)["USDT"] == ("9802.00000000", "198.00000000")
    assert balances(after)["SOL"][0] == "101.99800000"
    assert balances(after)["USDT"] == ("9802.00000000", "0.00000000")
    mine = client.signed("myTrades", symbol="SOLUSDT")["result"]
    assert [(row["id"], row["orderId"]) for row in mine] == [(trade["t"], placed["orderId"])]


def balances(event: Json) -> dict[str, tuple[str, str]]:
    assert event["e"] == "outboundAccountPosition"
    return {row["a"]: (row["f"], row["l"]) for row in event["B"]}


def test_a_cancel_is_told_with_both_ids(client: ApiClient) -> None:
    client.subscribe()
    client.signed("order.place", **limit_order("SELL", "2", "120"))
    cancelled = client.signed(
        "order.cancel", symbol="SOLUSDT", origClientOrderId="mine", newClientOrderId="the-cancel"
    )["result"]
    event = client.event(lambda told: told.get("x") == "CANCELED")
    assert (event["c"], event["C"], event["X"], event["w"]) == ("the-cancel", "mine", "CANCELED", False)
    assert (cancelled["clientOrderId"], cancelled["origClientOrderId"]) == ("the-cancel", "mine")
    assert balances(client.event())["SOL"] == ("100.00000000", "0.00000000")


def test_an_expired_order_is_told_with_its_reason(client: ApiClient) -> None:
    client.subscribe()
    client.signed("order.place", **{**limit_order("BUY", "2", "90"), "timeInForce": "IOC"})
    event = client.event(lambda told: told.get("x") == "EXPIRED")
    assert (event["X"], event["eR"]) == ("EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED")


def test_a_fill_in_parts_is_told_part_by_part(sandbox: Sandbox, client: ApiClient) -> None:
    client.subscribe()
    client.signed("order.place", **limit_order("BUY", "3", "99"))
    with sandbox.hall.lock:
        sandbox.hall.venue.split_fills("SOLUSDT", 3, 1)
    move(sandbox, "98")
    parts = [client.event(lambda told: told.get("x") == "TRADE") for _ in range(3)]
    assert [part["X"] for part in parts] == ["PARTIALLY_FILLED", "PARTIALLY_FILLED", "FILLED"]
    assert [part["z"] for part in parts] == ["1.00000000", "2.00000000", "3.00000000"]
    assert len({part["t"] for part in parts}) == len({part["I"] for part in parts}) == 3


def test_a_transfer_is_told(sandbox: Sandbox, client: ApiClient) -> None:
    client.subscribe()
    hall = sandbox.hall
    with hall.lock:
        hall.publish(hall.venue.transfer("main", "USDT", Decimal("-12.5"), hall.now_ms()))
    event = client.event(lambda told: told["e"] == "balanceUpdate")
    assert (event["a"], event["d"]) == ("USDT", "-12.50000000")


def test_a_plainly_refused_order_is_not_told(client: ApiClient) -> None:
    client.subscribe()
    answer = client.signed("order.place", **limit_order("BUY", "2000", "99"))
    assert answer["error"] == {"code": -2010, "msg": "Account has insufficient balance for requested action."}
    assert client.is_quiet()


def test_a_session_subscribes_without_a_signature(sandbox: Sandbox, ed25519: ApiClient) -> None:
    ed25519.signed("session.logon")
    assert ed25519.call("userDataStream.subscribe")["result"] == {"subscriptionId": 0}
    assert ed25519.call("session.status")["result"]["userDataStream"] is True
    ed25519.call("order.place", **limit_order("BUY", "1", "99"), timestamp=timestamp())
    move(sandbox, "99")
    assert ed25519.event(lambda told: told.get("X") == "FILLED")["c"] == "mine"


def test_a_second_subscription_to_an_account_is_refused(client: ApiClient) -> None:
    client.subscribe()
    answer = client.signed("userDataStream.subscribe.signature")
    assert (answer["status"], answer["error"]["code"]) == (400, -2035)
    assert client.call("session.subscriptions")["result"] == [{"subscriptionId": 0}]


@pytest.mark.parametrize("params", [{}, {"subscriptionId": 0}])
def test_unsubscribing_is_told_and_ends_the_events(client: ApiClient, params: Json) -> None:
    client.subscribe()
    assert client.call("userDataStream.unsubscribe", **params)["result"] == {}
    assert client.event()["e"] == "eventStreamTerminated"
    client.signed("order.place", **limit_order("BUY", "1", "90"))
    assert client.is_quiet()
    assert client.subscribe() == 1


def test_each_account_is_told_its_own_events_only(sandbox: Sandbox, client: ApiClient) -> None:
    other = sandbox.hall.open_account("other", {"USDT": Decimal(1000)})
    with ApiClient(sandbox.urls.ws_api, other.hmac) as stranger:
        client.subscribe()
        stranger.subscribe()
        client.signed("order.place", **limit_order("BUY", "1", "90"))
        assert client.event()["x"] == "NEW"
        assert stranger.is_quiet()


def test_two_connections_of_one_account_are_both_told(sandbox: Sandbox, client: ApiClient) -> None:
    with ApiClient(sandbox.urls.ws_api, sandbox.keys.ed25519) as second:
        client.subscribe()
        second.subscribe()
        client.signed("order.place", **limit_order("BUY", "1", "90"))
        assert client.event()["I"] == second.event()["I"]


def test_orders_without_a_subscription_are_answered_only(client: ApiClient) -> None:
    assert client.signed("order.place", **limit_order("BUY", "1", "90"))["status"] == 200
    assert client.is_quiet()


def test_market_streams_carry_no_user_data(sandbox: Sandbox, client: ApiClient) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@trade") as market:
        market.ask("LIST_SUBSCRIPTIONS")
        client.signed("order.place", **limit_order("BUY", "1", "90"))
        assert market.is_quiet()
