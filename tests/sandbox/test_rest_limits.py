"""Request weight, unfilled orders, and what happens to who goes on regardless."""

from __future__ import annotations

from typing import Any

import ccxt
import pytest

from actors.sandbox.limits import Limits, LimitSettings, TooMany
from tests.sandbox.clients import SOL, Http

NOW = 1_700_000_000_000 // 60_000 * 60_000 + 15_000  # 15 s into a minute
HERE = "127.0.0.1"


def used(exchange: Any) -> int:
    return int(exchange.last_response_headers["X-Mbx-Used-Weight-1m"])


@pytest.mark.parametrize(
    ("ask", "weight"),
    [
        (lambda e: e.fetch_time(), 1),
        (lambda e: e.fetch_balance(), 20),
        (lambda e: e.fetch_open_orders(SOL), 6),
        (lambda e: e.fetch_open_orders(), 80),
        (lambda e: e.fetch_order_book(SOL, 100), 5),
        (lambda e: e.fetch_order_book(SOL, 1000), 50),
        (lambda e: e.fetch_ohlcv(SOL, "1m"), 2),
        (lambda e: e.fetch_ticker(SOL), 2),
        (lambda e: e.fetch_tickers(), 80),
        (lambda e: e.fetch_my_trades(SOL), 20),
        (lambda e: e.fetch_my_trades(SOL, None, None, {"orderId": 1}), 5),
        (lambda e: e.create_order(SOL, "limit", "buy", 1, 95), 0),  # free when it succeeds
    ],
)
def test_call_weighs_what_binance_says(exchange: Any, ask: Any, weight: int) -> None:
    exchange.fetch_time()
    before = used(exchange)
    ask(exchange)

    assert used(exchange) - before in {weight, weight - before}  # the minute may have changed


def test_refused_order_weighs_one(exchange: Any) -> None:
    exchange.fetch_time()
    before = used(exchange)
    with pytest.raises(ccxt.InsufficientFunds):
        exchange.create_order(SOL, "limit", "buy", 1000, 95)

    assert used(exchange) - before in {1, 1 - before}


def test_too_much_weight_is_answered_429_then_418(exchange: Any, http: Http) -> None:
    http.arm(route="limits", weight=0, patience=1, ban_seconds=90)
    replies = [http.get("/api/v3/time") for _ in range(4)]

    assert [reply.status for reply in replies] == [429, 429, 418, 418]
    assert {reply.json["code"] for reply in replies} == {-1003}
    assert 1 <= int(replies[0].headers["retry-after"]) <= 60
    assert 85 <= int(replies[3].headers["retry-after"]) <= 90
    with pytest.raises(ccxt.DDoSProtection, match="IP banned until"):
        exchange.fetch_balance()
    http.arm(action="clear")
    assert exchange.fetch_balance()["USDT"]["free"] == 10_000


def test_ban_can_be_had_at_once(exchange: Any, http: Http) -> None:
    http.arm(route="limits", action="ban", seconds=30)

    with pytest.raises(ccxt.DDoSProtection):
        exchange.fetch_ticker(SOL)
    assert exchange.last_response_headers["Retry-After"] in {"29", "30"}


def test_too_many_unfilled_orders_are_refused(exchange: Any, http: Http) -> None:
    http.arm(route="limits", orders_1d=2)
    for price in (95, 94):
        exchange.create_order(SOL, "limit", "buy", 1, price)
    assert exchange.last_response_headers["X-Mbx-Order-Count-1d"] == "2"

    with pytest.raises(ccxt.DDoSProtection, match=r"-1015.*Too many new orders"):
        exchange.create_order(SOL, "limit", "buy", 1, 93)


def test_orders_that_fill_or_are_refused_do_not_count(exchange: Any, http: Http) -> None:
    exchange.create_order(SOL, "market", "buy", 1)
    with pytest.raises(ccxt.InsufficientFunds):
        exchange.create_order(SOL, "limit", "buy", 1000, 95)

    counts = http.signed("GET", "/api/v3/rateLimit/order").json
    assert [(row["interval"], row["count"]) for row in counts] == [("SECOND", 0), ("DAY", 0)]


def test_weight_is_forgotten_with_its_minute() -> None:
    limits = Limits(LimitSettings(weight=10))
    limits.spend(HERE, 10, NOW)
    with pytest.raises(TooMany) as refused:
        limits.spend(HERE, 1, NOW)
    assert (refused.value.status, refused.value.retry_after) == (429, 45)

    limits.spend("127.0.0.2", 10, NOW)  # another address has its own
    limits.spend(HERE, 10, NOW + 45_000)
    assert limits.used_weight(HERE, NOW + 45_000) == 10


def test_ban_ends_when_its_time_has_come() -> None:
    limits = Limits(LimitSettings(weight=0, patience=0, ban_seconds=120))
    statuses = []
    for after in (0, 1000, 119_000):
        with pytest.raises(TooMany) as refused:
            limits.spend(HERE, 1, NOW + after)
        statuses.append((refused.value.status, refused.value.retry_after))

    assert statuses == [(429, 45), (418, 120), (418, 2)]
    limits.spend(HERE, 0, NOW + 121_000)


def test_orders_are_counted_per_ten_seconds_and_account() -> None:
    limits = Limits(LimitSettings(orders_10s=1))
    limits.count_order("a", NOW)
    with pytest.raises(TooMany, match="10 SECOND"):
        limits.count_order("a", NOW + 1)

    limits.count_order("b", NOW + 1)
    limits.count_order("a", NOW + 10_000)
    assert limits.order_counts("a", NOW + 10_000) == (1, 2)
