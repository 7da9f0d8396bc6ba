"""What an exchange tells before trading, and what is said when it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from actors.gateways import ccxt_client, ccxt_markets
from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_markets import Balance, FeeRates, RateLimit, Unreachable
from actors.gateways.credentials import Credentials
from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from engine.calls import Refusal, Refused
from engine.errors import BadInput
from engine.settings import Settings
from engine.values import ZERO, Market, Side
from tests.actors.lines import KEYS, limit, sandbox_line, settings
from tests.actors.scripted_server import EXCHANGE_INFO, SOL_USDT, Scripted, ScriptedServer

PAIRS = (Pair("SOL", "USDT", Decimal(100)), Pair("BTC", "USDT", Decimal(60_000)))
Started = tuple[Sandbox, Client, Settings]


@pytest.fixture
def started() -> Iterator[Started]:
    with Sandbox(SandboxOptions(pairs=PAIRS, balances={"SOL": Decimal("7.5"), "USDT": Decimal(1000)})) as sandbox:
        chosen = settings(sandbox.urls.rest)
        client = ccxt_client.connect(chosen, Credentials(sandbox.api_key, sandbox.secret))
        yield sandbox, client, chosen
        client.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def rules(server: ScriptedServer, *changes: tuple[str, object]) -> Market:
    chosen = settings(server.url, *changes)
    client = ccxt_client.connect(chosen, KEYS)
    try:
        return ccxt_markets.market(client, chosen)
    finally:
        client.close()


# --- the market --------------------------------------------------------------------------------------


def test_rules_are_the_markets_own(started: Started) -> None:
    _, client, chosen = started

    assert ccxt_markets.market(client, chosen) == Market(
        "SOL", "USDT", Decimal("0.01"), Decimal("0.001"), Decimal("0.001"), Decimal(5)
    )


def test_rules_that_are_not_told_bind_nobody(server: ScriptedServer) -> None:
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0", "maxPrice": "0", "tickSize": "0.00000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00000000", "maxQty": "0", "stepSize": "0.00000000"},
    ]
    server.reply("GET /api/v3/exchangeInfo", json.dumps({"symbols": [{**SOL_USDT, "filters": filters}]}))

    market = rules(server)
    assert (market.price_tick, market.amount_step) == (Decimal("1e-8"), Decimal("1e-8"))
    assert (market.min_amount, market.min_cost) == (ZERO, ZERO)


def test_markets_are_loaded_once(server: ScriptedServer) -> None:
    chosen = settings(server.url)
    client = ccxt_client.connect(chosen, KEYS)

    assert ccxt_markets.market(client, chosen) == ccxt_markets.market(client, chosen)
    assert [one.path for one in server.received] == ["/api/v3/exchangeInfo"]
    client.close()


def test_unknown_pair_is_refused_with_those_that_are_near(server: ScriptedServer) -> None:
    with pytest.raises(BadInput) as caught:
        rules(server, ("pair.base_currency", "SOLL"))

    assert 'config/x.toml: pair = "SOLL/USDT"' in str(caught.value)
    assert "SOL/USDT" in str(caught.value).split("allowed:")[1]


@pytest.mark.parametrize("status", ["HALT", "BREAK", "CANCEL_ONLY"])
def test_market_that_does_not_trade_is_refused(server: ScriptedServer, status: str) -> None:
    server.reply("GET /api/v3/exchangeInfo", json.dumps({"symbols": [{**SOL_USDT, "status": status}]}))

    with pytest.raises(BadInput, match='pair = "SOL/USDT": Binance does not trade this market now'):
        rules(server)


UNUSABLE = ["", "<html>hello</html>", "{}", "[]", '{"symbols": []}', EXCHANGE_INFO[:-5]]


@pytest.mark.parametrize(
    "reply", [*map(Scripted, UNUSABLE), Scripted("", 503), Scripted("", 429), Scripted(drop=True), Scripted("", 404)]
)
def test_exchange_that_does_not_tell_its_markets_is_unreachable(server: ScriptedServer, reply: Scripted) -> None:
    server.reply("GET /api/v3/exchangeInfo", reply)

    with pytest.raises(Unreachable, match=f"binance at {server.url} could not be asked for its markets: .+"):
        rules(server)


def test_exchange_that_is_not_there_is_unreachable() -> None:
    with ScriptedServer() as gone:
        pass

    with pytest.raises(Unreachable, match="connection refused"):
        rules(gone)


# --- the account -------------------------------------------------------------------------------------


def test_account_tells_balances_fees_and_what_it_may(started: Started) -> None:
    _, client, chosen = started
    ccxt_markets.market(client, chosen)

    account = ccxt_markets.account(client, chosen)
    assert account.balances["SOL"] == Balance(Decimal("7.5"), Decimal("7.5"))
    assert account.balances["USDT"] == Balance(Decimal(1000), Decimal(1000))
    assert account.may_trade
    assert account.fees == FeeRates(Decimal("0.001"), Decimal("0.001"))


def test_money_in_open_orders_is_in_the_total_but_not_free() -> None:
    with sandbox_line() as (_, line):
        before = ccxt_markets.account(line.client, line.settings).balances["USDT"]
        line.done(limit("g-1", Side.BUY, "90", "2"))

        after = ccxt_markets.account(line.client, line.settings).balances["USDT"]
    assert (after.free, after.total) == (before.free - 180, before.total)


def test_account_that_may_not_trade_says_so(server: ScriptedServer) -> None:
    server.reply("GET /api/v3/account", '{"canTrade": false, "balances": [], "commissionRates": {"maker": "0"}}')
    chosen = settings(server.url)
    client = ccxt_client.connect(chosen, KEYS)

    account = ccxt_markets.account(client, chosen)
    assert (account.may_trade, account.fees, account.balances) == (False, None, {})
    client.close()


@pytest.mark.parametrize("body", ["", "<html>hello</html>", "{}", "[]", '{"balances": 1}', '{"balances": [{}]}'])
def test_answer_that_is_no_account_is_not_taken_for_an_empty_one(server: ScriptedServer, body: str) -> None:
    server.reply("GET /api/v3/account", body)
    chosen = settings(server.url)
    client = ccxt_client.connect(chosen, KEYS)

    with pytest.raises(Unreachable, match="could not be asked for the account"):
        ccxt_markets.account(client, chosen)
    client.close()


def test_wrong_key_is_refused_without_showing_it(started: Started) -> None:
    _, client, chosen = started
    ccxt_markets.market(client, chosen)
    stranger = ccxt_client.connect(chosen, KEYS, like=client)

    with pytest.raises(
        BadInput, match=r'exchange.name = "binance": the exchange refuses the API key: .*\(-2014\)'
    ) as e:
        ccxt_markets.account(stranger, chosen)
    assert KEYS.api_key not in str(e.value)
    assert KEYS.secret not in str(e.value)
    stranger.close()


def test_clock_that_is_off_is_set(started: Started) -> None:
    sandbox, client, chosen = started
    sandbox.hall.faults.arm({"route": "clock", "skew_ms": -20_000})
    ccxt_markets.market(client, chosen)

    assert ccxt_markets.account(client, chosen).may_trade


# --- the rest ----------------------------------------------------------------------------------------


def test_price_is_that_of_the_latest_trade(started: Started) -> None:
    _, client, chosen = started
    ccxt_markets.market(client, chosen)

    assert ccxt_markets.price(client, chosen) == 100


@pytest.mark.parametrize("body", ["{}", '{"symbol": "SOLUSDT", "lastPrice": "0.00000000"}', "<html>", "[]"])
def test_market_without_a_price_is_not_taken_for_one_at_zero(server: ScriptedServer, body: str) -> None:
    server.reply("GET /api/v3/ticker/24hr", body)
    chosen = settings(server.url)
    client = ccxt_client.connect(chosen, KEYS)

    with pytest.raises(Unreachable, match="could not be asked for the price"):
        ccxt_markets.price(client, chosen)
    client.close()


def test_limits_are_told_in_seconds(started: Started) -> None:
    _, client, chosen = started
    ccxt_markets.market(client, chosen)

    limits = ccxt_markets.rate_limits(client, chosen)
    assert RateLimit("ORDERS", 100, 10) in limits
    assert RateLimit("REQUEST_WEIGHT", 6000, 60) in limits
    assert RateLimit("ORDERS", 200_000, 86_400) in limits


@pytest.mark.parametrize("body", ["{}", '{"rateLimits": [{"rateLimitType": "ORDERS"}]}', '{"rateLimits": [1]}'])
def test_limits_that_cannot_be_read_are_trouble(server: ScriptedServer, body: str) -> None:
    chosen = settings(server.url)
    client = ccxt_client.connect(chosen, KEYS)
    ccxt_markets.market(client, chosen)
    server.reply("GET /api/v3/exchangeInfo", body)

    with pytest.raises(Unreachable, match="could not be asked for its limits"):
        ccxt_markets.rate_limits(client, chosen)
    client.close()


def test_key_that_may_order_passes_without_placing_anything(started: Started) -> None:
    sandbox, client, chosen = started

    assert ccxt_markets.may_order(client, chosen, Decimal(100)) is None
    assert sandbox.hall.venue.all_orders("main", "SOLUSDT") == ()


def test_key_that_may_only_read_is_told_so(started: Started) -> None:
    sandbox, client, chosen = started
    text = "Invalid API-key, IP, or permissions for action."
    sandbox.hall.faults.arm(
        {"route": "POST /api/v3/order/test", "action": "error", "code": -2015, "msg": text, "status": 401}
    )

    assert ccxt_markets.may_order(client, chosen, Decimal(100)) == Refused(Refusal.PERMISSION, f"{text} (-2015)")


def test_test_order_refused_for_another_reason_says_nothing_of_the_key(started: Started) -> None:
    sandbox, client, chosen = started
    sandbox.hall.faults.arm({"route": "POST /api/v3/order/test", "action": "error", "code": -1013, "msg": "Filter"})

    assert ccxt_markets.may_order(client, chosen, Decimal(100)) is None
