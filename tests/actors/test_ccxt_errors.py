"""Every way in which an exchange can fail a call, and how that call ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest

from actors.gateways.ccxt_calls import CcxtCalls
from actors.sandbox.options import SandboxOptions
from actors.sandbox.server import Sandbox
from engine.calls import (
    Call,
    Cancel,
    Done,
    ListOpenOrders,
    ListTrades,
    LookUp,
    NotFound,
    NotYet,
    Outcome,
    Refusal,
    Refused,
    Unknown,
)
from engine.values import Side
from tests.actors.lines import KEYS, Line, at_market, limit, line_to, sandbox_line, scripted_line
from tests.actors.scripted_server import Scripted, ScriptedServer

PLACE = limit("g-1", Side.BUY, "90")
CALLS: dict[str, Call] = {
    "POST /api/v3/order": PLACE,
    "DELETE /api/v3/order": Cancel("g-1"),
    "GET /api/v3/order": LookUp("g-1"),
    "GET /api/v3/myTrades": ListTrades("1"),
    "GET /api/v3/openOrders": ListOpenOrders(),
}
RULES, PERMISSION, FUNDS = Refusal.RULES, Refusal.PERMISSION, Refusal.FUNDS
every_call = pytest.mark.parametrize("route", CALLS)


@pytest.fixture(scope="module")
def script() -> Iterator[tuple[ScriptedServer, Line]]:
    with scripted_line() as both:
        yield both


@pytest.fixture(scope="module")
def market() -> Iterator[tuple[Sandbox, Line]]:
    with sandbox_line(SandboxOptions(balances={"SOL": Decimal(100), "USDT": Decimal(10_000)})) as both:
        yield both


@pytest.fixture
def exchange(market: tuple[Sandbox, Line]) -> Iterator[tuple[Sandbox, Line]]:
    yield market
    market[0].hall.faults.clear()


def told(script: tuple[ScriptedServer, Line], route: str, *replies: Scripted | str) -> Outcome:
    server, line = script
    server.reply(route, *replies)
    return line.put(CALLS[route])


def error(code: int, text: str, status: int = 400, **headers: str) -> Scripted:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(json.dumps({"code": code, "msg": text}), status, named)


# --- what the exchange says --------------------------------------------------------------------------

INSUFFICIENT = "Account has insufficient balance for requested action."
SAID: list[tuple[int, str, int, type[Outcome] | Refusal]] = [
    (-1000, "An unknown error occurred while processing the request.", 400, Unknown),
    (-1001, "Internal error; unable to process your request. Please try again.", 400, Unknown),
    (-1002, "You are not authorized to execute this request.", 401, PERMISSION),
    (-1006, "An unexpected response was received from the message bus. Execution status unknown.", 500, Unknown),
    (-1007, "Timeout waiting for response from backend server. Send status unknown.", 400, Unknown),
    (-1007, "Timeout waiting for response from backend server. Send status unknown.", 504, Unknown),
    (-1008, "Server is currently overloaded with other requests. Please try again in a few minutes.", 503, Unknown),
    (-1008, "Server is currently overloaded with other requests. Please try again in a few minutes.", 400, Unknown),
    (-1013, "Filter failure: PRICE_FILTER", 400, RULES),
    (-1013, "Filter failure: LOT_SIZE", 400, RULES),
    (-1013, "Filter failure: MARKET_LOT_SIZE", 400, RULES),
    (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE", 400, RULES),
    (-1013, "Filter failure: NOTIONAL", 400, RULES),
    (-1013, "Filter failure: MIN_NOTIONAL", 400, RULES),
    (-1013, "Filter failure: MAX_NUM_ORDERS", 400, RULES),
    (-1013, "Price * QTY is zero or less.", 400, RULES),
    (-1013, "Market is closed.", 400, Refusal.CLOSED),
    (-1014, "Unsupported order combination.", 400, RULES),
    (-1020, "This operation is not supported.", 400, RULES),
    (-1022, "Signature for this request is not valid.", 400, PERMISSION),
    (-1100, "Illegal characters found in parameter 'price'; legal range is 'x'.", 400, RULES),
    (-1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed.", 400, RULES),
    (-1108, "Parameter 'x' overflow.", 400, RULES),
    (-1111, "Parameter 'quantity' has too much precision.", 400, RULES),
    (-1121, "Invalid symbol.", 400, RULES),
    (-1131, "recvWindow must be less than 60000", 400, RULES),
    (-1145, "cancelRestrictions has to be either 'ONLY_NEW' or 'ONLY_PARTIALLY_FILLED'.", 400, RULES),
    (-2008, "Invalid Api-Key ID.", 400, PERMISSION),
    (-2010, INSUFFICIENT, 400, FUNDS),
    (-2010, "Duplicate order sent.", 400, Unknown),
    (-2010, "Order would immediately match and take.", 400, Refusal.WOULD_TAKE),
    (-2010, "Market is closed.", 400, Refusal.CLOSED),
    (-2010, "This account may not place or cancel orders.", 400, PERMISSION),
    (-2010, "Rest API trading is not enabled.", 400, PERMISSION),
    (-2010, "This action is disabled on this account.", 400, PERMISSION),
    (-2010, "This symbol is not permitted for this account.", 400, PERMISSION),
    (-2010, "Market orders are not supported for this symbol.", 400, RULES),
    (-2011, "Unknown order sent.", 400, NotFound),
    (-2011, "Order was not canceled due to cancel restrictions.", 400, RULES),
    (-2013, "Order does not exist.", 400, NotFound),
    (-2014, "API-key format invalid.", 401, PERMISSION),
    (-2015, "Invalid API-key, IP, or permissions for action.", 401, PERMISSION),
    (
        -2026,
        "Order was canceled or expired with no executed qty over 90 days ago and has been archived.",
        400,
        NotFound,
    ),
    (-2035, "Some code that nobody has met.", 400, RULES),
    (-1013, "System is under maintenance.", 400, NotYet),
    (-1013, "System is under maintenance.", 503, Unknown),
    (-2010, INSUFFICIENT, 500, Unknown),
]


@pytest.mark.parametrize(("code", "text", "status", "expected"), SAID)
@pytest.mark.parametrize("route", ["POST /api/v3/order", "DELETE /api/v3/order"])
def test_error_ends_the_call_as_it_must(
    script: tuple[ScriptedServer, Line],
    route: str,
    code: int,
    text: str,
    status: int,
    expected: type[Outcome] | Refusal,
) -> None:
    outcome = told(script, route, error(code, text, status))

    if isinstance(expected, Refusal):
        assert isinstance(outcome, Refused), outcome
        assert outcome.reason is expected
    else:
        assert isinstance(outcome, expected), outcome
    assert f"text='{text}" in repr(outcome) or f'text="{text}' in repr(outcome)


@pytest.mark.parametrize(
    ("reply", "seconds", "banned"),
    [
        (error(-1003, "Too much request weight used.", 429, Retry_After="7"), 7.0, False),
        (error(-1015, "Too many new orders; current limit is 100 per 10 SECOND.", 429, Retry_After="3"), 3.0, False),
        (Scripted("<html>busy</html>", 429, {"Retry-After": "0"}), 0.0, False),
        (Scripted("", 429), 30.0, False),
        (Scripted("", 429, {"Retry-After": "-5"}), 0.0, False),
        (Scripted("", 429, {"Retry-After": "inf"}), 259_200.0, False),
        (Scripted("", 429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 30.0, False),
        (error(-1003, "Way too much request weight used; IP banned.", 418, Retry_After="120"), 120.0, True),
        (Scripted("", 418), 120.0, True),
        (error(-1003, "Too many requests queued.", 400), 30.0, False),
        (error(-1015, "Too many new orders.", 400), 30.0, False),
        (Scripted("<html>firewall</html>", 403), 60.0, False),
    ],
)
@every_call
def test_call_that_came_too_often_is_to_wait(
    script: tuple[ScriptedServer, Line], route: str, reply: Scripted, seconds: float, *, banned: bool
) -> None:
    outcome = told(script, route, reply)

    assert isinstance(outcome, NotYet), outcome
    assert (outcome.seconds, outcome.banned) == (seconds, banned)


def test_ban_that_names_its_end_lasts_until_then(script: tuple[ScriptedServer, Line]) -> None:
    end = time.time_ns() // 1_000_000 + 90_000
    outcome = told(script, "POST /api/v3/order", error(-1003, f"IP banned until {end}. Use the websocket.", 418))

    assert isinstance(outcome, NotYet)
    assert outcome.banned
    assert 80 < outcome.seconds <= 90


@pytest.mark.parametrize("status", [400, 404, 409, 410, 500, 502, 503, 504, 522])
@pytest.mark.parametrize("body", ["", "<html>no</html>"])
@every_call
def test_status_without_a_reason_leaves_it_unknown(
    script: tuple[ScriptedServer, Line], route: str, status: int, body: str
) -> None:
    assert isinstance(told(script, route, Scripted(body, status)), Unknown)


@pytest.mark.parametrize("status", [401, 451])
@every_call
def test_door_that_is_closed_to_us_is_a_matter_of_permission(
    script: tuple[ScriptedServer, Line], route: str, status: int
) -> None:
    outcome = told(script, route, Scripted("<html>no</html>", status))

    assert isinstance(outcome, Refused)
    assert outcome.reason is PERMISSION


# --- answers that are none ---------------------------------------------------------------------------

ORDER = {
    "symbol": "SOLUSDT",
    "orderId": 7,
    "clientOrderId": "g-1",
    "origClientOrderId": "g-1",
    "transactTime": 5,
    "updateTime": 5,
    "price": "90.00000000",
    "origQty": "1.00000000",
    "executedQty": "0.00000000",
    "cummulativeQuoteQty": "0.00000000",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "fills": [],
}
TRADE = {
    "symbol": "SOLUSDT",
    "id": 9,
    "orderId": 7,
    "price": "90.0",
    "qty": "1.0",
    "commission": "0.001",
    "commissionAsset": "SOL",
    "time": 5,
    "isBuyer": True,
    "isMaker": True,
}


NO_ANSWERS = [
    "",
    "<html>hello</html>",
    "null",
    "0",
    '"text"',
    "{}",
    "[null]",
    "[[]]",
    "[{}]",
    '{"orderId": nul',
    "[1, 2",
]
LISTS = {"GET /api/v3/openOrders", "GET /api/v3/myTrades"}


@pytest.mark.parametrize(
    ("route", "body"),
    [
        *((route, body) for route in CALLS for body in NO_ANSWERS),
        *((route, "[]") for route in CALLS if route not in LISTS),
    ],
    ids=lambda text: text[:20],
)
def test_body_that_is_no_answer_leaves_it_unknown(script: tuple[ScriptedServer, Line], route: str, body: str) -> None:
    assert isinstance(told(script, route, body), Unknown)


NAMES = ["orderId", "executedQty", "status", "clientOrderId", "price", "origQty", "side"]


NOTHING: list[object] = [None, "", [], {}]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *((name, wrong) for name in NAMES for wrong in NOTHING),
        *((name, wrong) for name in NAMES if name != "orderId" for wrong in ("x", "NaN", "-1")),
    ],
)
def test_reply_to_an_order_that_tells_of_another_leaves_it_unknown(
    script: tuple[ScriptedServer, Line], name: str, wrong: object
) -> None:
    changed = {**ORDER, name: wrong}
    gone = {key: value for key, value in ORDER.items() if key != name}

    assert isinstance(told(script, "POST /api/v3/order", json.dumps(changed)), Unknown)
    assert isinstance(told(script, "POST /api/v3/order", json.dumps(gone)), Unknown)
    assert isinstance(told(script, "POST /api/v3/order", json.dumps(ORDER)), Done)


@pytest.mark.parametrize("name", ["orderId", "executedQty", "status", "clientOrderId"])
def test_look_at_an_order_that_shows_another_or_half_of_it_leaves_it_unknown(
    script: tuple[ScriptedServer, Line], name: str
) -> None:
    whole = {key: value for key, value in ORDER.items() if key != "origClientOrderId"}
    half = {key: value for key, value in whole.items() if key != name}

    assert not isinstance(told(script, "GET /api/v3/order", json.dumps(whole)), Unknown)
    assert isinstance(told(script, "GET /api/v3/order", json.dumps(half)), Unknown)


def test_cancel_is_matched_by_the_name_of_the_order_not_of_the_cancel(script: tuple[ScriptedServer, Line]) -> None:
    cancelled = {**ORDER, "clientOrderId": "another", "status": "CANCELED"}
    outcome = told(script, "DELETE /api/v3/order", json.dumps(cancelled))

    assert not isinstance(outcome, Unknown), outcome
    other = {**cancelled, "origClientOrderId": "g-2"}
    assert isinstance(told(script, "DELETE /api/v3/order", json.dumps(other)), Unknown)


@pytest.mark.parametrize("name", ["id", "orderId", "price", "qty", "time"])
def test_trade_without_one_of_its_parts_leaves_the_list_unknown(script: tuple[ScriptedServer, Line], name: str) -> None:
    half = {key: value for key, value in TRADE.items() if key != name}

    assert not isinstance(told(script, "GET /api/v3/myTrades", json.dumps([TRADE])), Unknown)
    assert isinstance(told(script, "GET /api/v3/myTrades", json.dumps([TRADE, half])), Unknown)


def test_trades_from_before_what_was_asked_for_leave_the_list_unknown(script: tuple[ScriptedServer, Line]) -> None:
    assert isinstance(told(script, "GET /api/v3/myTrades", json.dumps([{**TRADE, "id": 1}])), Unknown)


def test_fills_that_are_missing_are_looked_up(script: tuple[ScriptedServer, Line]) -> None:
    server, line = script
    filled = {**ORDER, "executedQty": "1.00000000", "status": "FILLED"}
    server.reply("GET /api/v3/order", json.dumps({**filled, "origClientOrderId": None}))
    server.reply("GET /api/v3/myTrades", json.dumps([TRADE]))

    server.reply("POST /api/v3/order", json.dumps(filled))
    (trade,) = line.trades(PLACE)
    assert (trade.trade_id, trade.quantity, trade.fee) == ("9", Decimal(1), Decimal("0.001"))


@pytest.mark.parametrize("after", [error(-1003, "Too much.", 429), error(-2013, "Order does not exist."), "{}"])
def test_accepted_order_whose_fills_cannot_be_had_is_unknown_and_never_not_done(
    script: tuple[ScriptedServer, Line], after: Scripted | str
) -> None:
    script[0].reply("GET /api/v3/order", after)
    filled = {**ORDER, "executedQty": "1.00000000", "status": "FILLED"}

    assert isinstance(told(script, "POST /api/v3/order", json.dumps(filled)), Unknown)


def test_trades_that_do_not_add_up_to_what_is_filled_leave_it_unknown(script: tuple[ScriptedServer, Line]) -> None:
    server, line = script
    filled = {**ORDER, "executedQty": "2.00000000", "status": "FILLED", "origClientOrderId": None}
    server.reply("GET /api/v3/order", json.dumps(filled))
    server.reply("GET /api/v3/myTrades", json.dumps([TRADE]), json.dumps([TRADE]))

    assert isinstance(line.put(LookUp("g-1")), Unknown)
    server.reply("GET /api/v3/myTrades", json.dumps([TRADE]), json.dumps([TRADE, {**TRADE, "id": 10}]))
    assert len(line.trades(LookUp("g-1"))) == 2  # it was the last fill that came between


# --- the connection ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", [Scripted(drop=True), Scripted(json.dumps(ORDER), cut=True)], ids=["drop", "cut"])
@every_call
def test_connection_that_breaks_leaves_it_unknown(
    script: tuple[ScriptedServer, Line], route: str, reply: Scripted
) -> None:
    outcome = told(script, route, reply)

    assert isinstance(outcome, Unknown)
    assert "connection" in outcome.text or "broke off" in outcome.text


def test_answer_that_does_not_come_in_time_leaves_it_unknown(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    line.client.exchange.timeout = 50
    sandbox.hall.faults.arm({"route": "GET /api/v3/openOrders", "action": "delay", "seconds": 0.3})

    assert line.put(ListOpenOrders()) == Unknown("no answer in time")
    line.client.exchange.timeout = 10_000


@every_call
def test_exchange_that_is_not_there_leaves_it_unknown(route: str) -> None:
    with scripted_line() as (_, line):
        pass
    assert line.put(CALLS[route]) == Unknown("connection refused")
    line.calls.close()


def test_no_outcome_shows_a_secret_or_a_signature(script: tuple[ScriptedServer, Line]) -> None:
    server = script[0]
    quoted = f"bad key {KEYS.api_key} or secret {KEYS.secret}"
    replies: list[Scripted | str] = [
        error(-2015, quoted, 401),
        error(-9, quoted, 500),
        Scripted(quoted, 403),
        quoted,
        Scripted(drop=True),
    ]
    for route in CALLS:
        for reply in replies:
            outcome = told(script, route, reply)
            shown = repr(outcome)
            assert KEYS.api_key not in shown
            assert KEYS.secret not in shown
            assert server.received[-1].params["signature"] not in shown
            assert "http://" not in shown


# --- the sandbox's faults ----------------------------------------------------------------------------


@pytest.mark.parametrize("skew", [-30_000, 30_000])
@every_call
def test_clock_that_is_off_is_set_and_the_call_made_again(
    exchange: tuple[Sandbox, Line], route: str, skew: int
) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "clock", "skew_ms": skew})

    outcome = line.put(CALLS[route])
    assert not isinstance(outcome, NotYet | Unknown), outcome
    line.put(Cancel("g-1"))
    sandbox.hall.faults.clear()
    line.put(ListOpenOrders())  # sets it again


@every_call
def test_clock_that_stays_off_is_a_reason_to_wait(exchange: tuple[Sandbox, Line], route: str) -> None:
    sandbox, line = exchange
    text = "Timestamp for this request is outside of the recvWindow."
    arm = {"route": route, "action": "error", "code": -1021, "msg": text, "times": 2}
    sandbox.hall.faults.arm(arm)

    assert line.put(CALLS[route]) == NotYet(1.0, f"{text} (-1021)")
    assert sandbox.hall.faults.armed() == []


def test_clock_that_cannot_be_set_is_a_reason_to_wait(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "* /api/v3/order", "action": "error", "code": -1021, "msg": "was 1000ms ahead"})
    sandbox.hall.faults.arm({"route": "GET /api/v3/time", "action": "drop"})

    outcome = line.put(limit("g-9", Side.BUY, "90"))
    assert isinstance(outcome, NotYet)
    assert outcome.seconds == 1.0
    assert isinstance(line.put(LookUp("g-9")), NotFound)


def test_key_that_is_revoked_in_mid_run_is_a_matter_of_permission(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    line.done(ListOpenOrders())  # from now on ccxt takes this error for too many requests
    sandbox.hall.faults.arm({"route": "keys", "action": "revoke"})

    outcome = line.put(PLACE)
    assert isinstance(outcome, Refused)
    assert outcome.reason is PERMISSION
    assert "(-2015)" in outcome.text


def test_limits_of_the_exchange_are_told_with_how_long_to_wait(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "limits", "orders_10s": 1})
    line.done(limit("g-2", Side.BUY, "90"))

    outcome = line.put(limit("g-3", Side.BUY, "90"))
    assert isinstance(outcome, NotYet)
    assert 0 < outcome.seconds <= 10
    sandbox.hall.faults.arm({"route": "limits", "action": "ban", "seconds": 60})
    outcome = line.put(Cancel("g-2"))
    assert isinstance(outcome, NotYet)
    assert (outcome.banned, 50 < outcome.seconds <= 60) == (True, True)


@pytest.mark.parametrize("action", ["drop", "cut"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_broken_reply_is_unknown_and_the_look_up_tells_what_happened(
    exchange: tuple[Sandbox, Line], action: str, when: str
) -> None:
    sandbox, line = exchange
    place = at_market(f"g-{action}-{when}", Side.BUY, "101")
    sandbox.hall.faults.arm({"route": "POST /api/v3/order", "action": action, "when": when})

    assert isinstance(line.put(place), Unknown)
    found = line.put(LookUp(place.client_order_id))
    if when == "before":
        assert isinstance(found, NotFound)
    else:
        assert line.order(LookUp(place.client_order_id)).filled == 1


def test_wrong_key_is_a_matter_of_permission(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    with line_to(sandbox.urls.rest, KEYS) as stranger:
        outcome = CcxtCalls(stranger.client, "SOL/USDT", line.ids).put_through(PLACE)

    assert isinstance(outcome, Refused)
    assert outcome.reason is PERMISSION
