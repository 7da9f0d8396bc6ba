"""Market data as ccxt sees it, and the shapes that other clients read."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.sandbox.clients import SOL, Http


def test_markets_have_rules_that_suit_their_price(exchange: Any) -> None:
    sol, btc = exchange.market(SOL), exchange.market("BTC/USDT")

    assert (sol["precision"]["price"], sol["precision"]["amount"]) == (0.01, 0.001)
    assert (btc["precision"]["price"], btc["precision"]["amount"]) == (0.01, 0.00001)
    assert sol["limits"]["cost"]["min"] == 5
    assert sol["active"]
    assert sol["spot"]


def test_ticker_shows_the_market_and_what_is_quoted_around_it(exchange: Any, http: Http) -> None:
    http.control("price", symbol=SOL, price="101.5")
    ticker = exchange.fetch_ticker(SOL)

    assert (ticker["last"], ticker["bid"], ticker["ask"]) == (101.5, 101.49, 101.51)


def test_tickers_prices_and_best_prices_come_for_every_symbol(exchange: Any) -> None:
    assert set(exchange.fetch_tickers()) == {SOL, "BTC/USDT"}
    assert set(exchange.fetch_tickers([SOL])) == {SOL}
    assert exchange.fetch_last_prices()[SOL]["price"] == 100
    assert exchange.fetch_bids_asks([SOL])[SOL]["bid"] == 99.99
    assert exchange.fetch_ticker(SOL, {"rolling": True})["last"] == 100


def test_order_book_is_sorted_and_as_deep_as_asked_for(exchange: Any) -> None:
    book = exchange.fetch_order_book(SOL, 5)

    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert [price for price, _ in book["bids"]] == sorted((price for price, _ in book["bids"]), reverse=True)
    assert book["bids"][0][0] < book["asks"][0][0]


def test_candles_end_with_the_unfinished_one(exchange: Any, http: Http) -> None:
    before = exchange.fetch_ohlcv(SOL, "1m", limit=3)
    http.control("price", symbol=SOL, price="103")
    after = exchange.fetch_ohlcv(SOL, "1m", limit=3)

    assert len(before) == 3
    assert all(later[0] - earlier[0] == 60_000 for earlier, later in pairwise(before))
    assert after[-1][4] == 103


def test_candles_from_a_time_on_begin_there(exchange: Any) -> None:
    hour = 3_600_000
    since = exchange.milliseconds() // hour * hour - 10 * hour

    assert [row[0] for row in exchange.fetch_ohlcv(SOL, "1h", since, 4)] == [since + i * hour for i in range(4)]


def test_public_trades_show_what_was_traded(exchange: Any) -> None:
    exchange.create_order(SOL, "market", "buy", 7)

    last = exchange.fetch_trades(SOL)[-1]
    assert (last["price"], last["amount"], last["side"]) == (100, 7, "buy")


def test_status_time_and_fees_are_told(exchange: Any) -> None:
    assert exchange.fetch_status()["status"] == "ok"
    assert abs(exchange.fetch_time() - exchange.milliseconds()) < 2000
    fee = exchange.fetch_trading_fee(SOL)
    assert (fee["maker"], fee["taker"]) == (0.001, 0.001)
    assert set(exchange.fetch_trading_fees()) == {SOL, "BTC/USDT"}


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/api/v3/ping", set()),
        ("/api/v3/time", {"serverTime"}),
        ("/api/v3/avgPrice?symbol=SOLUSDT", {"mins", "price", "closeTime"}),
        ("/api/v3/ticker/price?symbol=SOLUSDT", {"symbol", "price"}),
        ("/api/v3/ticker/bookTicker?symbol=SOLUSDT", {"symbol", "bidPrice", "bidQty", "askPrice", "askQty"}),
        ("/api/v3/depth?symbol=SOLUSDT", {"lastUpdateId", "bids", "asks"}),
    ],
)
def test_reply_has_these_keys(http: Http, path: str, keys: set[str]) -> None:
    reply = http.get(path)

    assert reply.status == 200
    assert set(reply.json) == keys


def test_exchange_info_tells_limits_and_the_symbols_asked_for(http: Http) -> None:
    info = http.get("/api/v3/exchangeInfo", symbols='["BTCUSDT"]').json

    assert [symbol["symbol"] for symbol in info["symbols"]] == ["BTCUSDT"]
    assert {limit["rateLimitType"]: limit["limit"] for limit in info["rateLimits"]} == {
        "REQUEST_WEIGHT": 6000,
        "ORDERS": 200_000,
        "RAW_REQUESTS": 300_000,
    }


def test_candle_rows_have_twelve_columns_and_recent_trades_their_best_match(http: Http) -> None:
    [row] = http.get("/api/v3/klines", symbol="SOLUSDT", interval="1m", limit=1).json
    http.signed("POST", "/api/v3/order", symbol="SOLUSDT", side="BUY", type="MARKET", quantity="1")
    trade = http.get("/api/v3/trades", symbol="SOLUSDT").json[-1]

    assert len(row) == 12
    assert trade.keys() == {"id", "price", "qty", "quoteQty", "time", "isBuyerMaker", "isBestMatch"}


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_retired_listen_key_is_gone(http: Http, verb: str) -> None:
    reply = http.send(verb, "/api/v3/userDataStream")

    assert reply.status == 410
    assert reply.headers["content-type"].startswith("text/html")


def test_unknown_path_is_not_found_and_the_connection_stays_good(http: Http) -> None:
    assert http.get("/api/v3/nothing").status == 404
    assert http.get("/api/v3/ping").status == 200
