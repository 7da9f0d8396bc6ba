"""Everything that an account has at an exchange: its orders of any state, and its balances."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.sandbox.options import SandboxOptions
from actors.sandbox.server import Sandbox
from engine.calls import (
    BalanceReport,
    Call,
    Cancel,
    Done,
    FoundOrder,
    ListBalances,
    ListOrders,
    NotYet,
    Outcome,
    Refusal,
    Refused,
    Unknown,
)
from engine.values import ZERO, Kind, Side
from tests.actors.lines import Line, at_market, limit, sandbox_line, scripted_line
from tests.actors.scripted_server import Scripted, ScriptedServer

BUY, SELL = Side.BUY, Side.SELL
RICH = SandboxOptions(balances={"SOL": Decimal(100_000), "USDT": Decimal(100_000_000)})
ORDERS, ACCOUNT = "GET /api/v3/allOrders", "GET /api/v3/account"
ORDER: dict[str, Any] = {
    "symbol": "SOLUSDT", "orderId": 7, "orderListId": -1, "clientOrderId": "g-1", "price": "90.01000000",
    "origQty": "2.00000000", "executedQty": "0.50000000", "cummulativeQuoteQty": "45.00500000", "status": "NEW",
    "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "stopPrice": "0.00000000", "icebergQty": "0.00000000",
    "time": 5, "updateTime": 6, "isWorking": True,
}  # fmt: skip
FOUND = FoundOrder("g-1", "7", BUY, Kind.LIMIT, Decimal("90.01"), Decimal(2), Decimal("0.5"), True, 5, 6)  # noqa: FBT003 - its order


@pytest.fixture
def exchange() -> Iterator[tuple[Sandbox, Line]]:
    with sandbox_line(RICH) as both:
        yield both


@pytest.fixture(scope="module")
def script() -> Iterator[tuple[ScriptedServer, Line]]:
    with scripted_line() as both:
        yield both


def found(line: Line, after: str | None = None) -> tuple[FoundOrder, ...]:
    return line.done(ListOrders(after)).found


def scripted(script: tuple[ScriptedServer, Line], *changes: dict[str, Any]) -> tuple[FoundOrder, ...]:
    server, line = script
    server.reply(ORDERS, json.dumps([ORDER | change for change in changes]))
    return found(line)


# --- orders ------------------------------------------------------------------------------------------


def test_orders_of_every_state_are_found_under_our_names_for_them_oldest_first(
    exchange: tuple[Sandbox, Line],
) -> None:
    sandbox, line = exchange
    resting = line.order(limit("g-1", BUY, "90.01", "2"))
    line.order(limit("g-2", SELL, "120"))
    line.order(Cancel("g-2"))
    line.order(at_market("g-3", BUY, "101", "1.5"))
    line.order(limit("g-4", SELL, "110", post_only=True))
    hall = sandbox.hall
    with hall.lock:
        hall.publish(hall.venue.fill_part(int(resting.order_id), Decimal("0.5"), hall.now_ms()))

    orders = found(line)
    assert [
        (one.client_order_id, one.order_id, one.side, one.kind, one.price, one.quantity, one.filled, one.is_open)
        for one in orders
    ] == [
        ("g-1", "1", BUY, Kind.LIMIT, Decimal("90.01"), Decimal(2), Decimal(1), True),
        ("g-2", "2", SELL, Kind.LIMIT, Decimal(120), Decimal(1), ZERO, False),
        ("g-3", "3", BUY, Kind.MARKET, Decimal(101), Decimal("1.5"), Decimal("1.5"), False),
        ("g-4", "4", SELL, Kind.LIMIT, Decimal(110), Decimal(1), ZERO, True),
    ]
    assert all(one.placed_at <= one.changed_at for one in orders)
    assert [one.order_id for one in found(line, "2")] == ["3", "4"]
    assert found(line, "4") == ()


def test_account_without_orders_has_none(exchange: tuple[Sandbox, Line]) -> None:
    assert found(exchange[1]) == found(exchange[1], "3") == ()


def test_orders_are_listed_page_by_page_from_the_oldest(script: tuple[ScriptedServer, Line]) -> None:
    server, line = script
    pages = [[ORDER | {"orderId": number} for number in span] for span in (range(3, 1003), range(1005, 1007))]
    server.reply(ORDERS, *map(json.dumps, pages))
    server.received.clear()

    assert [int(one.order_id) for one in found(line)] == [*range(3, 1003), 1005, 1006]
    asked = [received.params for received in server.of(ORDERS)]
    assert [(params["orderId"], params["limit"]) for params in asked] == [("1", "1000"), ("1003", "1000")]
    server.reply(ORDERS, "[]")
    assert found(line, "1006") == ()
    assert server.received[-1].params["orderId"] == "1007"


def test_page_that_does_not_go_on_is_unusable(script: tuple[ScriptedServer, Line]) -> None:
    server, line = script
    server.reply(ORDERS, json.dumps([ORDER | {"orderId": number} for number in range(1, 1001)]))

    assert isinstance(line.put(ListOrders(None)), Unknown)


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({}, Kind.LIMIT),
        ({"type": "LIMIT_MAKER"}, Kind.LIMIT),
        ({"type": "STOP_LOSS_LIMIT"}, Kind.LIMIT),
        ({"timeInForce": "IOC"}, Kind.MARKET),
        ({"timeInForce": "FOK"}, Kind.MARKET),
        ({"type": "MARKET", "price": "90.01000000"}, Kind.MARKET),
        ({"type": "TAKE_PROFIT"}, Kind.MARKET),
    ],
    ids=str,
)
def test_order_that_may_not_rest_is_a_market_order(
    script: tuple[ScriptedServer, Line], terms: dict[str, Any], kind: Kind
) -> None:
    assert [one.kind for one in scripted(script, terms)] == [kind]


def test_cancelled_order_is_found_under_its_own_name(script: tuple[ScriptedServer, Line]) -> None:
    cancelled = {"status": "CANCELED", "origClientOrderId": "g-1", "clientOrderId": "the-cancels"}
    (order,) = scripted(script, cancelled)
    assert (order.client_order_id, order.is_open, order.filled) == ("g-1", False, Decimal("0.5"))


@settings(max_examples=30, deadline=None)
@given(quantity=st.integers(1, 9 * 10**17), done=st.integers(0, 9 * 10**17), price=st.integers(1, 10**14))
def test_amounts_come_to_the_last_digit(
    script: tuple[ScriptedServer, Line], quantity: int, done: int, price: int
) -> None:
    told = [Decimal(units).scaleb(-8) for units in (price, quantity, done)]
    names = ("price", "origQty", "executedQty")
    (order,) = scripted(script, {name: f"{amount:.8f}" for name, amount in zip(names, told, strict=True)})
    assert [order.price, order.quantity, order.filled] == told


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "<html>",
        *(
            json.dumps([{name: value for name, value in ORDER.items() if name != missing}])
            for missing in ("orderId", "clientOrderId", "side", "type", "price", "origQty", "executedQty", "time")
        ),
        json.dumps([ORDER | {"status": "ASLEEP"}]),
        json.dumps([ORDER | {"side": "BOTH"}]),
        json.dumps([ORDER | {"origQty": "NaN"}]),
    ],
)
def test_list_that_lacks_anything_is_unusable(script: tuple[ScriptedServer, Line], body: str) -> None:
    server, line = script
    server.reply(ORDERS, body)
    assert isinstance(line.put(ListOrders(None)), Unknown)


# --- balances ----------------------------------------------------------------------------------------


def test_balances_are_told_of_what_there_is_with_what_orders_hold_back() -> None:
    with sandbox_line(SandboxOptions(balances={"SOL": Decimal(5), "USDT": Decimal(1000), "BNB": ZERO})) as (_, line):
        line.order(limit("g-1", BUY, "90", "2"))
        line.order(limit("g-2", SELL, "120", "1.5"))

        assert sorted(line.done(ListBalances()).balances, key=lambda one: one.asset) == [
            BalanceReport("SOL", Decimal("3.5"), Decimal("1.5")),
            BalanceReport("USDT", Decimal(820), Decimal(180)),
        ]


def test_balances_come_to_the_last_digit(script: tuple[ScriptedServer, Line]) -> None:
    server, line = script
    told = {"asset": "SHIB", "free": "900000000000.00000001", "locked": "0.00000003"}
    server.reply(ACCOUNT, json.dumps({"balances": [told, {"asset": "XRP", "free": "0.00", "locked": "0"}]}))

    assert line.done(ListBalances()).balances == (
        BalanceReport("SHIB", Decimal("900000000000.00000001"), Decimal("0.00000003")),
    )


@pytest.mark.parametrize(
    "body", ["{}", "[]", "<html>", '{"balances": [{"asset": "SOL", "free": "1"}]}', '{"balances": [{"free": "1"}]}']
)
def test_account_that_lacks_balances_is_unusable_rather_than_empty(
    script: tuple[ScriptedServer, Line], body: str
) -> None:
    server, line = script
    server.reply(ACCOUNT, body)
    assert isinstance(line.put(ListBalances()), Unknown)


# --- what goes wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "route"), [(ListOrders(None), ORDERS), (ListBalances(), ACCOUNT)], ids=repr)
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Scripted('{"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}', 401), Refused),
        (Scripted('{"code": -1003, "msg": "Too much request weight used."}', 429, {"Retry-After": "7"}), NotYet),
        (Scripted('{"code": -1007, "msg": "Timeout waiting for response."}', 503), Unknown),
        (Scripted(drop=True), Unknown),
        (Scripted("[" + "1, " * 100, cut=True), Unknown),
    ],
    ids=["no permission", "too many", "timeout", "dropped", "cut"],
)
def test_failures_end_as_those_of_other_calls_do(
    script: tuple[ScriptedServer, Line], call: Call, route: str, reply: Scripted, outcome: type[Outcome]
) -> None:
    server, line = script
    server.reply(route, reply)

    ended = line.put(call)
    assert isinstance(ended, outcome)
    if isinstance(ended, Refused):
        assert ended.reason is Refusal.PERMISSION
    if isinstance(ended, NotYet):
        assert ended.seconds == 7


def test_clock_that_is_off_is_set(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "clock", "skew_ms": 30_000})
    assert line.put(ListOrders(None)) == Done()
