"""Exchanges that cannot be asked by our own names for orders; the sandbox stands in, read as any exchange is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from actors.gateways.order_ids import OrderIds
from actors.sandbox.server import Sandbox
from engine.calls import (
    BalanceReport,
    Cancel,
    Done,
    FoundOrder,
    ListBalances,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    NotFound,
    Refusal,
    Refused,
    Unknown,
)
from engine.values import Kind, Side
from tests.actors.lines import Line, at_market, limit, sandbox_line

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def exchange() -> Iterator[tuple[Sandbox, Line]]:
    with sandbox_line() as (sandbox, line):
        line.client.speaks_binance = False
        line.client.exchange.number = float
        yield sandbox, Line(line.settings, line.client)


@pytest.fixture
def line(exchange: tuple[Sandbox, Line]) -> Line:
    return exchange[1]


def test_order_is_placed_looked_up_and_cancelled_by_the_id_that_came_back(line: Line) -> None:
    order = line.order(limit("g-1", BUY, "90.01", "1.234"))

    assert line.ids.find("g-1") == order.order_id
    assert line.order(LookUp("g-1")) == order
    assert line.done(ListOpenOrders()).orders == (order,)
    assert not line.order(Cancel("g-1")).is_open
    assert isinstance(line.put(Cancel("g-1")), NotFound)


def test_order_of_another_process_is_found_among_those_that_are_open_or_were(line: Line) -> None:
    line.done(limit("g-1", BUY, "90"))
    filled = line.order(at_market("g-2", BUY, "101"))
    newcomer = Line(line.settings, line.client, OrderIds())

    assert newcomer.order(LookUp("g-1")).is_open
    assert newcomer.order(LookUp("g-2")) == filled
    assert isinstance(newcomer.put(LookUp("g-3")), NotFound)
    assert isinstance(newcomer.put(Cancel("g-3")), NotFound)


def test_order_that_no_list_would_show_is_unknown(line: Line) -> None:
    line.client.exchange.has |= {"fetchClosedOrders": False, "fetchOrders": False}

    assert isinstance(line.put(LookUp("g-1")), Unknown)


def test_trades_are_told_at_once_and_in_lists_to_the_last_digit(line: Line) -> None:
    (bought,) = line.trades(at_market("g-1", BUY, "101", "1.234"))
    (sold,) = line.trades(at_market("g-2", SELL, "99", "0.567"))

    assert (bought.quantity, bought.fee, bought.fee_asset) == (Decimal("1.234"), Decimal("0.001234"), "SOL")
    assert line.trades(ListTrades(None)) == (sold,)
    assert line.trades(ListTrades(bought.trade_id)) == (sold,)
    assert line.trades(ListTrades(sold.trade_id)) == ()
    assert line.trades(LookUp("g-1")) == (bought,)


def test_trades_after_one_that_is_not_listed_any_more_are_all_that_are(line: Line) -> None:
    (bought,) = line.trades(at_market("g-1", BUY, "101"))

    assert line.trades(ListTrades("1")) == (bought,)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"action": "error", "code": -2010, "msg": "Account has insufficient balance for requested action."}, "funds"),
        ({"action": "error", "code": -2010, "msg": "Order would immediately match and take."}, "would_take"),
        ({"action": "error", "code": -2014, "msg": "API-key format invalid.", "status": 401}, "permission"),
        ({"action": "error", "code": -1013, "msg": "Filter failure: NOTIONAL"}, "rules"),
        ({"action": "error", "code": -1013, "msg": "Market is closed."}, "closed"),
    ],
)
def test_refusals_are_told_by_what_ccxt_calls_them(
    exchange: tuple[Sandbox, Line], fault: dict[str, object], reason: str
) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "POST /api/v3/order", **fault})

    refused = line.put(limit("g-1", BUY, "90"))
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal(reason)


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "drop"},
        {"action": "drop", "when": "after"},
        {"action": "cut", "when": "after"},
        {"action": "body", "body": "<html>hello</html>"},
        {"action": "body", "body": "{}"},
        {"action": "error", "code": -1007, "msg": "Timeout waiting for response from backend server."},
        {"action": "error", "code": -1013, "msg": "Market is closed.", "status": 503},
        {"action": "status", "status": 404, "body": "<html>no</html>"},
    ],
)
def test_what_is_not_surely_refused_is_unknown(exchange: tuple[Sandbox, Line], fault: dict[str, object]) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "POST /api/v3/order", **fault})

    assert isinstance(line.put(limit("g-1", BUY, "90")), Unknown)


def test_clock_that_is_off_is_set(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "clock", "skew_ms": 30_000})

    assert isinstance(line.put(limit("g-1", BUY, "90")), Done)


def test_old_ids_are_forgotten_so_that_memory_is_bounded() -> None:
    ids = OrderIds()
    for number in range(10_001):
        ids.note(f"g-{number}", str(number))

    assert ids.find("g-0") is None
    assert (ids.find("g-1"), ids.find("g-10000")) == ("1", "10000")


# --- everything that the account has -----------------------------------------------------------------


def lists(line: Line, *names: str) -> None:
    """Have the exchange list orders by these methods of ccxt's alone."""
    every = ("fetchOrders", "fetchClosedOrders", "fetchCanceledOrders", "fetchCanceledAndClosedOrders")
    line.client.exchange.has |= {name: name in names for name in every}


def seen(orders: tuple[FoundOrder, ...]) -> list[tuple[str, Kind, Decimal, Decimal, bool]]:
    return [(one.client_order_id, one.kind, one.quantity, one.filled, one.is_open) for one in orders]


@pytest.mark.parametrize(
    "names",
    [("fetchOrders",), ("fetchClosedOrders", "fetchCanceledOrders"), ("fetchCanceledAndClosedOrders",)],
    ids="+".join,
)
def test_all_orders_are_listed_by_whatever_way_the_exchange_has(line: Line, names: tuple[str, ...]) -> None:
    line.done(limit("g-1", BUY, "90.01", "1.25"))
    line.done(limit("g-2", SELL, "120"))
    line.done(Cancel("g-2"))
    line.done(at_market("g-3", BUY, "101", "1.5"))
    lists(line, *names)

    orders = line.done(ListOrders(None)).found
    assert seen(orders) == [
        ("g-1", Kind.LIMIT, Decimal("1.25"), Decimal(0), True),
        ("g-2", Kind.LIMIT, Decimal(1), Decimal(0), False),
        ("g-3", Kind.MARKET, Decimal("1.5"), Decimal("1.5"), False),
    ]
    assert (orders[0].side, orders[0].price, orders[1].side) == (BUY, Decimal("90.01"), SELL)
    after = line.done(ListOrders(orders[1].order_id)).found
    assert set(orders[2:]) <= set(after) < set(orders)
    assert line.done(ListOrders("never heard of")).found == orders


def test_exchange_that_does_not_list_what_ended_refuses_rather_than_tell_half(line: Line) -> None:
    lists(line)
    refused = line.put(ListOrders(None))

    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.RULES
    assert line.client.wire.sent == 0


def test_balances_of_what_there_is_are_told(line: Line) -> None:
    line.order(limit("g-1", BUY, "90.01", "1"))
    balances = {one.asset: one for one in line.done(ListBalances()).balances}

    assert balances["USDT"].locked == Decimal("90.01")
    assert all(one.free or one.locked for one in balances.values())


@pytest.mark.parametrize(
    ("told", "balance"),
    [
        ({"free": 1.5, "used": 0.5, "total": 2.0}, ("1.5", "0.5")),
        ({"free": None, "used": None, "total": 2.0}, ("2.0", "0")),
        ({"free": None, "used": 0.5, "total": 2.0}, ("1.5", "0.5")),
        ({"free": 1.5, "used": None, "total": 2.0}, ("1.5", "0.5")),
        ({"free": 1.5, "used": None, "total": None}, ("1.5", "0")),
        ({"free": None, "used": None, "total": None}, None),
        ({"free": 3.0, "used": None, "total": 2.0}, None),
        ({"free": -1.0, "used": 0.0, "total": -1.0}, None),
    ],
    ids=str,
)
def test_balance_is_read_from_what_is_told_of_it(
    line: Line, told: dict[str, float | None], balance: tuple[str, str] | None
) -> None:
    fetch = line.client.exchange.fetch_balance

    def fetched() -> dict[str, dict[str, float | None]]:
        fetch()
        return {name: {"SOL": amount} for name, amount in told.items()}

    line.client.exchange.fetch_balance = fetched
    outcome = line.put(ListBalances())
    if balance is None:
        assert isinstance(outcome, Unknown)
    else:
        assert outcome == Done(balances=(BalanceReport("SOL", *map(Decimal, balance)),))
