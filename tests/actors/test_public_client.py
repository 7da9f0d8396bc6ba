"""The client of paper trading: it asks for prices, and can do nothing else whatever is tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from actors.gateways.ccxt_markets import Unreachable
from actors.gateways.public_client import PublicClient, TradingForbidden
from actors.sandbox.server import Sandbox
from engine.errors import BadInput
from engine.values import Market
from tests.actors.lines import settings
from tests.actors.scripted_server import Scripted, ScriptedServer

TRADING = re.compile(r"[a-z0-9]+_(get|post|put|delete|patch)_")
ASKING = re.compile(r"(public|v1)_get_(?!historicaltrades)|\w*public_?(v\d)?_get_")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[PublicClient]:
    client = PublicClient(settings(server.url))
    client.market()
    server.received.clear()
    yield client
    client.close()


@pytest.fixture(params=["as it is", "keys forced upon it"])
def exchange(request: pytest.FixtureRequest, client: PublicClient) -> Any:
    """Give the ccxt instance inside, which nobody outside a test has any business with."""
    exchange = client._client.exchange
    if request.param != "as it is":
        exchange.apiKey, exchange.secret = "k" * 64, "s" * 64
    return exchange


def endpoints(exchange: Any) -> dict[str, Callable[..., Any]]:
    """Give the method of every endpoint that ccxt knows."""
    return {name: getattr(exchange, name) for name in dir(exchange) if TRADING.match(name)}


def test_rules_prices_and_candles_are_told_without_keys() -> None:
    with Sandbox() as sandbox:
        client = PublicClient(settings(sandbox.urls.rest))

        assert client.market() == Market("SOL", "USDT", Decimal("0.01"), Decimal("0.001"), Decimal("0.001"), Decimal(5))
        assert client.price() == 100
        candles = client.candles("1m", limit=3)
        assert [type(candle.close) for candle in candles] == [Decimal] * len(candles)
        assert all(candle.low <= candle.close <= candle.high for candle in candles)
        assert candles
        client.close()


def test_no_endpoint_but_market_data_can_be_reached(server: ScriptedServer, exchange: Any) -> None:
    tried = {name: method for name, method in endpoints(exchange).items() if not ASKING.match(name)}

    assert len(tried) > 500
    assert {"private_post_order", "private_delete_order", "private_get_account", "sapi_post_margin_order"} <= set(tried)
    for method in tried.values():
        with pytest.raises(Exception, match=r"."):
            method({"symbol": "SOLUSDT"})
    assert server.received == []


def test_it_is_the_way_out_that_is_closed_not_only_ccxt(server: ScriptedServer, client: PublicClient) -> None:
    exchange = client._client.exchange
    exchange.apiKey, exchange.secret = "k" * 64, "s" * 64

    with pytest.raises(TradingForbidden, match="POST /api/v3/order was not sent"):
        exchange.create_order("SOL/USDT", "limit", "buy", 1, 90)
    with pytest.raises(TradingForbidden, match="DELETE /api/v3/order was not sent"):
        exchange.cancel_order("1", "SOL/USDT")
    with pytest.raises(TradingForbidden, match="GET /api/v3/account was not sent: it has the header X-MBX-APIKEY"):
        exchange.fetch_balance()
    assert server.received == []


def test_other_public_endpoints_of_binance_get_no_further_than_its_market_data(
    server: ScriptedServer, exchange: Any
) -> None:
    for name, method in endpoints(exchange).items():
        if ASKING.match(name):
            with suppress(Exception):  # refused here; or there, where is no such page
                method({"symbol": "SOLUSDT"})

    assert server.received
    assert {one.method for one in server.received} == {"GET"}
    assert all(re.match(r"/api/v[13]/[a-zA-Z]+", one.path) for one in server.received)
    assert not any("key" in name.lower() for one in server.received for name in (*one.headers, *one.params))


UNIFIED: list[tuple[str, tuple[Any, ...]]] = [
    ("create_order", ("SOL/USDT", "limit", "buy", 1, 90)),
    ("create_order", ("SOL/USDT", "market", "sell", 1)),
    ("create_limit_buy_order", ("SOL/USDT", 1, 90)),
    ("create_limit_sell_order", ("SOL/USDT", 1, 90)),
    ("create_market_buy_order", ("SOL/USDT", 1)),
    ("create_market_sell_order", ("SOL/USDT", 1)),
    ("create_market_order_with_cost", ("SOL/USDT", "buy", 100)),
    ("create_post_only_order", ("SOL/USDT", "limit", "buy", 1, 90)),
    ("edit_order", ("1", "SOL/USDT", "limit", "buy", 1, 90)),
    ("cancel_order", ("1", "SOL/USDT")),
    ("cancel_all_orders", ("SOL/USDT",)),
    ("fetch_order", ("1", "SOL/USDT")),
    ("fetch_open_orders", ("SOL/USDT",)),
    ("fetch_orders", ("SOL/USDT",)),
    ("fetch_my_trades", ("SOL/USDT",)),
    ("fetch_balance", ()),
    ("fetch_trading_fee", ("SOL/USDT",)),
    ("withdraw", ("USDT", 1, "address")),
    ("transfer", ("USDT", 1, "spot", "margin")),
    ("fetch_deposit_address", ("USDT",)),
    ("borrow_cross_margin", ("USDT", 1)),
    ("set_leverage", (3, "SOL/USDT")),
]


@pytest.mark.parametrize(("method", "arguments"), UNIFIED)
def test_no_unified_method_trades(
    server: ScriptedServer, exchange: Any, method: str, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(Exception, match=r"."):
        getattr(exchange, method)(*arguments)
    assert server.received == []


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("POST", "/api/v3/order", {}),
        ("DELETE", "/api/v3/order", {}),
        ("PUT", "/api/v3/time", {}),
        ("HEAD", "/api/v3/time", {}),
        ("OPTIONS", "/api/v3/time", {}),
        ("get", "/api/v3/order", {}),
        ("GET", "/api/v3/account", {}),
        ("GET", "/api/v3/openOrders", {}),
        ("GET", "/api/v3/time/../order", {}),
        ("GET", "/api/v3/time/%2e%2e/order", {}),
        ("GET", "/sapi/v1/system/status", {}),
        ("GET", "/api/v3/time", {"headers": {"X-MBX-APIKEY": "k"}}),
        ("GET", "/api/v3/time", {"headers": {"Authorization": "Bearer k"}}),
        ("GET", "/api/v3/time", {"headers": {"Cookie": "session=k"}}),
        ("GET", "/api/v3/time", {"auth": ("user", "word")}),
        ("GET", "/api/v3/time", {"params": {"signature": "s"}}),
        ("GET", "/api/v3/time", {"params": {"apiKey": "k"}}),
        ("GET", "/api/v3/time", {"params": {"timestamp": "1"}}),
        ("GET", "/api/v3/time", {"data": "quantity=1"}),
        ("GET", "/api/v3/time", {"json": {"quantity": 1}}),
    ],
)
def test_nothing_but_an_anonymous_question_is_sent(
    server: ScriptedServer, client: PublicClient, method: str, path: str, more: dict[str, Any]
) -> None:
    session = client._client.exchange.session

    with pytest.raises(TradingForbidden, match="was not sent"):
        session.request(method, server.url + path, timeout=5, **more)
    assert server.received == []


def test_other_exchanges_are_only_asked_as_well(server: ScriptedServer) -> None:
    client = PublicClient(settings(server.url, ("exchange.name", "kraken")))
    exchange = client._client.exchange
    exchange.apiKey, exchange.secret = "key", "c2VjcmV0"
    exchange.enableRateLimit = False

    for call in (exchange.private_post_addorder, exchange.private_post_balance):
        with pytest.raises(TradingForbidden, match="POST"):
            call({"pair": "SOLUSD"})
    assert server.received == []
    server.reply("GET /0/public/Time", '{"error": [], "result": {"unixtime": 5}}')
    assert exchange.fetch_time() == 5000
    client.close()


def test_header_that_an_exchange_always_gets_is_let_through(server: ScriptedServer) -> None:
    client = PublicClient(settings(server.url, ("exchange.name", "gate")))
    client._client.exchange.enableRateLimit = False
    server.reply("GET /api/v4/spot/time", '{"server_time": 5}')

    assert client._client.exchange.fetch_time() == 5
    assert "X-Gate-Channel-Id" in server.received[0].headers
    client.close()


def test_it_offers_prices_rules_and_candles_and_no_more() -> None:
    assert {name for name in dir(PublicClient) if not name.startswith("_")} == {"candles", "close", "market", "price"}


def test_trouble_is_told(server: ScriptedServer, client: PublicClient) -> None:
    server.reply("GET /api/v3/klines", Scripted("<html>", 503))
    with pytest.raises(Unreachable, match=r"binance could not be asked for candles: .*503"):
        client.candles("1m")
    server.reply("GET /api/v3/klines", '[[1, "1", "2", "0", "1", "5"]]')
    with pytest.raises(Unreachable, match="price"):
        client.candles("1m")
    with pytest.raises(BadInput, match="no such exchange"):
        PublicClient(settings(server.url, ("exchange.name", "nowhere")))
