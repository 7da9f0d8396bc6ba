"""A ccxt instance for a configuration: where its requests go, and where they never go."""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from actors.gateways.ccxt_client import Client, connect
from engine.calls import ListOpenOrders, Unknown
from engine.errors import BadInput
from tests.actors.lines import KEYS, line_to, scripted_line, settings
from tests.actors.scripted_server import Scripted, ScriptedServer

ROOT = "http://127.0.0.1:9"


@pytest.fixture
def client() -> Iterator[Client]:
    made = connect(settings(ROOT), KEYS)
    yield made
    made.close()


def leaves(urls: Any) -> Iterator[str]:
    for url in urls.values() if isinstance(urls, dict) else [urls]:
        if isinstance(url, dict):
            yield from leaves(url)
        else:
            yield url


@pytest.mark.parametrize("name", ["binance", "binanceus", "kraken", "okx", "kucoin", "gate"])
def test_every_url_is_on_the_server_that_the_configuration_names(name: str) -> None:
    client = connect(settings(f"{ROOT}/", ("exchange.name", name)), KEYS)

    urls = list(leaves(client.exchange.urls["api"]))
    assert urls
    assert [url for url in urls if not re.match(r"(http|ws)://127\.0\.0\.1:9(/|$)", url)] == []
    client.close()


def test_paths_of_binance_stay(client: Client) -> None:
    urls = client.exchange.urls["api"]

    assert (urls["public"], urls["private"]) == (f"{ROOT}/api/v3", f"{ROOT}/api/v3")
    assert urls["sapi"] == f"{ROOT}/sapi/v1"


@pytest.mark.parametrize("url", ["https://api.binance.com/api/v3/time", "http://127.0.0.1:91/x", "http://localhost:9/"])
def test_no_other_server_can_be_reached(client: Client, url: str) -> None:
    with pytest.raises(requests.exceptions.InvalidSchema):
        client.exchange.session.get(url)


def test_without_another_server_only_secure_connections_can_be_made() -> None:
    client = connect(settings(None), KEYS)

    assert client.exchange.urls["api"]["private"] == "https://api.binance.com/api/v3"
    assert list(client.exchange.session.adapters) == ["https://"]
    client.close()


def test_redirect_is_not_followed() -> None:
    with ScriptedServer() as elsewhere, scripted_line() as (server, line):
        there = {"Location": f"{elsewhere.url}/api/v3/openOrders"}
        server.reply("GET /api/v3/openOrders", Scripted("", 302, there))

        assert isinstance(line.put(ListOpenOrders()), Unknown)
        server.reply("GET /api/v3/openOrders", Scripted("", 302, {"Location": f"{server.url}/api/v3/other"}))
        assert isinstance(line.put(ListOpenOrders()), Unknown)
        assert elsewhere.received == []
        assert {one.path for one in server.received} == {"/api/v3/openOrders"}


@pytest.mark.parametrize(
    ("name", "said"), [("binanse", "did you mean binance"), ("qqqqqqqq", "allowed: the id of an exchange that ccxt")]
)
def test_unknown_exchange_is_refused_with_those_that_are_near(name: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        connect(settings(None, ("exchange.name", name)), KEYS)
    assert f'config/x.toml: exchange.name = "{name}"' in str(caught.value)


def test_exchange_without_spot_markets_is_refused() -> None:
    with pytest.raises(BadInput, match="has no spot markets"):
        connect(settings(None, ("exchange.name", "binanceusdm")), KEYS)


def test_limits_of_patience_are_set(client: Client) -> None:
    exchange = client.exchange

    assert (exchange.timeout, exchange.enableRateLimit, exchange.options["recvWindow"]) == (10_000, False, 3_000)


def test_other_exchanges_are_called_at_the_pace_that_ccxt_knows() -> None:
    client = connect(settings(None, ("exchange.name", "kraken")), KEYS)

    assert client.exchange.enableRateLimit
    client.close()


def test_markets_are_taken_from_another_client_without_asking() -> None:
    with scripted_line() as (server, line):
        other = connect(line.settings, KEYS, like=line.client)

        assert other.exchange.market("SOL/USDT")["id"] == "SOLUSDT"
        assert server.received == []
        assert other.exchange.session is not line.client.exchange.session
        other.close()


def test_error_table_of_binance_holds_on_another_server() -> None:
    with ScriptedServer() as server, line_to(server.url) as line:
        server.reply("GET /api/v3/openOrders", Scripted('{"code": -2008, "msg": "Invalid Api-Key ID."}', 400))

        with pytest.raises(importlib.import_module("ccxt").AuthenticationError):
            line.client.exchange.fetch_open_orders("SOL/USDT")


def test_nothing_secret_is_logged_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), scripted_line() as (server, line):
        server.reply("GET /api/v3/openOrders", "[]")
        line.done(ListOpenOrders())

        (asked,) = server.received
        assert asked.headers["X-MBX-APIKEY"] == KEYS.api_key
        for secret in (KEYS.api_key, KEYS.secret, asked.params["signature"]):
            assert secret not in caplog.text
            assert secret not in f"{line.client!r} {line.client.exchange!r} {line.calls!r}"
