"""The sandbox as a whole: start, close, what is left behind, and its options."""

from __future__ import annotations

import socket
import threading
from decimal import Decimal
from time import monotonic
from urllib.parse import urlsplit

import pytest

from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from tests.sandbox.clients import Http


def test_close_is_quick_and_leaves_no_thread_with_clients_connected() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox(SandboxOptions(volatility=Decimal(1)))
    sandbox.start()
    clients = [Http(sandbox) for _ in range(5)]
    for client in clients:
        assert client.get("/api/v3/ping").status == 200
    clients[0].arm(route="GET /api/v3/time", action="delay", seconds=60)
    clients[0].request("GET", "/api/v3/time")

    begun = monotonic()
    sandbox.close()
    assert monotonic() - begun < 1
    assert set(threading.enumerate()) <= before
    for client in clients:
        client.__exit__(None, None, None)


def test_ports_are_free_after_close() -> None:
    with Sandbox() as sandbox:
        ports = [urlsplit(url).port for url in (sandbox.urls.rest, sandbox.urls.stream)]

    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port or 0), timeout=1)


def test_start_and_close_may_be_repeated() -> None:
    sandbox = Sandbox()
    sandbox.start()
    urls = sandbox.urls
    sandbox.start()
    assert sandbox.urls == urls

    sandbox.close()
    sandbox.close()
    with pytest.raises(RuntimeError, match="closed"):
        sandbox.start()


def test_sandbox_that_was_never_started_can_be_closed() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="not been started"):
        _ = sandbox.urls

    sandbox.close()


@pytest.mark.parametrize("which", ["port", "stream_port"])
def test_port_that_is_taken_fails_the_start_and_leaves_nothing_running(which: str) -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = SandboxOptions(port=port) if which == "port" else SandboxOptions(stream_port=port)
        with pytest.raises(OSError, match="in use"):
            Sandbox(options).start()

    assert set(threading.enumerate()) <= before


def test_listens_on_loopback_only() -> None:
    with Sandbox() as sandbox:
        assert {urlsplit(url).hostname for url in (sandbox.urls.rest, sandbox.urls.stream, sandbox.urls.ws_api)} == {
            "127.0.0.1"
        }


@pytest.mark.parametrize(
    ("price", "tick", "step"),
    [
        ("60000", "0.01", "0.00001"),
        ("100", "0.01", "0.001"),
        ("20", "0.001", "0.01"),
        ("1.5", "0.0001", "0.1"),
        ("0.12", "0.00001", "1"),
        ("0.00002", "1E-8", "1"),
        ("900000000", "0.01", "0.000001"),
    ],
)
def test_rules_suit_the_price(price: str, tick: str, step: str) -> None:
    rules = Pair("AAA", "USDT", Decimal(price)).rules()

    assert (rules.price_tick, rules.amount_step) == (Decimal(tick), Decimal(step))
    assert rules.min_notional == 5
    assert rules.price_tick * rules.amount_step % Decimal("1e-8") == 0
    assert rules.min_price < Decimal(price) < rules.max_price


def test_account_opens_with_some_of_everything_unless_told_otherwise() -> None:
    pairs = (Pair("SOL", "USDT", Decimal(150)), Pair("BTC", "EUR", Decimal(60_000)))

    assert SandboxOptions(pairs=pairs).starting_balances() == {
        "SOL": Decimal("66.7"),
        "BTC": Decimal("0.167"),
        "USDT": 10_000,
        "EUR": 10_000,
    }
    assert SandboxOptions(pairs=pairs, balances={}).starting_balances() == {}


def test_body_too_large_or_of_unknown_length_is_refused() -> None:
    with Sandbox() as sandbox:
        with Http(sandbox) as client:
            assert client.send("POST", "/api/v3/order", headers={"Content-Length": "1000001"}).status == 413
        with Http(sandbox) as client:
            assert client.send("POST", "/api/v3/order", headers={"Transfer-Encoding": "chunked"}).status == 411


def test_fees_liquidity_and_seed_reach_the_venue() -> None:
    options = SandboxOptions(maker_fee=Decimal("0.002"), taker_fee=Decimal("0.003"), liquidity=Decimal(2), seed=5)
    with Sandbox(options) as sandbox, Http(sandbox) as client:
        order = client.signed("POST", "/api/v3/order", symbol="SOLUSDT", side="BUY", type="MARKET", quantity=3).json
        rates = client.signed("GET", "/api/v3/account").json["commissionRates"]
        symbol = client.signed("GET", "/api/v3/account/commission", symbol="SOLUSDT").json["standardCommission"]

    assert (order["status"], order["executedQty"]) == ("EXPIRED", "2.00000000")
    assert order["fills"][0]["commission"] == "0.00600000"
    assert (rates["maker"], rates["taker"]) == ("0.00200000", "0.00300000")
    assert symbol == rates
