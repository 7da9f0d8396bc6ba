"""Calls put through ccxt to the sandbox exchange, as a trader sees them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, getcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.gateways import ccxt_client
from actors.gateways.ccxt_calls import CcxtCalls
from actors.gateways.credentials import Credentials
from actors.sandbox.options import SandboxOptions
from actors.sandbox.server import Sandbox
from engine.calls import (
    Cancel,
    Done,
    ListOpenOrders,
    ListTrades,
    LookUp,
    NotFound,
    OrderReport,
    Refusal,
    Refused,
    TradeReport,
    Unknown,
)
from engine.values import ZERO, Side
from tests.actors.lines import Line, at_market, limit, sandbox_line, scripted_line
from tests.actors.scripted_server import ScriptedServer

BUY, SELL = Side.BUY, Side.SELL
RICH = SandboxOptions(balances={"SOL": Decimal(100_000), "USDT": Decimal(100_000_000)})


@pytest.fixture
def exchange() -> Iterator[tuple[Sandbox, Line]]:
    with sandbox_line(RICH) as both:
        yield both


@pytest.fixture(scope="module")
def script() -> Iterator[tuple[ScriptedServer, Line]]:
    with scripted_line() as both:
        yield both


@pytest.fixture
def line(exchange: tuple[Sandbox, Line]) -> Line:
    return exchange[1]


def move(sandbox: Sandbox, price: str) -> None:
    hall = sandbox.hall
    with hall.lock:
        hall.publish(hall.venue.move("SOLUSDT", Decimal(price), hall.now_ms()))


def fill_half(sandbox: Sandbox, order: OrderReport) -> None:
    hall = sandbox.hall
    with hall.lock:
        hall.publish(hall.venue.fill_part(int(order.order_id), Decimal("0.5"), hall.now_ms()))


# --- placing -----------------------------------------------------------------------------------------


def test_limit_order_rests_and_is_listed_until_it_is_cancelled(line: Line) -> None:
    order = line.order(limit("g-1", BUY, "90.01"))

    assert (order.client_order_id, order.filled, order.is_open) == ("g-1", ZERO, True)
    assert line.done(ListOpenOrders()).orders == (order,)
    assert line.order(Cancel("g-1")) == OrderReport("g-1", order.order_id, ZERO, is_open=False)
    assert line.done(ListOpenOrders()).orders == ()


def test_limit_order_that_meets_the_market_tells_its_trades_at_once(line: Line) -> None:
    done = line.done(limit("g-1", BUY, "101", "2.5"))

    ((order,), (trade,)) = (done.orders, done.trades)
    assert order == OrderReport("g-1", order.order_id, Decimal("2.5"), is_open=False)
    assert trade.order_id == order.order_id
    assert (trade.quantity, trade.fee, trade.fee_asset) == (Decimal("2.5"), Decimal("0.0025"), "SOL")
    assert trade.price <= Decimal(101)


def test_order_that_fills_in_parts_tells_each(script: tuple[ScriptedServer, Line]) -> None:
    server, line = script
    fill = '{"price": "90.5", "qty": "%s", "commission": "0.01", "commissionAsset": "BNB", "tradeId": %d}'
    server.reply(
        "POST /api/v3/order",
        '{"symbol": "SOLUSDT", "orderId": 7, "clientOrderId": "g-1", "transactTime": 5, "price": "91.00", '
        '"origQty": "3.00", "executedQty": "2.50", "cummulativeQuoteQty": "226.25", "status": "PARTIALLY_FILLED", '
        f'"type": "LIMIT", "side": "BUY", "fills": [{fill % ("0.5", 9)}, {fill % ("2", 10)}]}}',
    )

    assert line.put(limit("g-1", BUY, "91", "3")) == Done(
        (OrderReport("g-1", "7", Decimal("2.5"), is_open=True),),
        (
            TradeReport("9", "7", Decimal("90.5"), Decimal("0.5"), Decimal("0.01"), "BNB", 5),
            TradeReport("10", "7", Decimal("90.5"), Decimal(2), Decimal("0.01"), "BNB", 5),
        ),
    )


def test_post_only_order_that_would_trade_is_refused(line: Line) -> None:
    refused = line.put(limit("g-1", BUY, "101", post_only=True))

    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.WOULD_TAKE
    assert line.done(ListOpenOrders()).orders == ()


def test_post_only_order_away_from_the_market_rests(line: Line) -> None:
    assert line.order(limit("g-1", SELL, "101", post_only=True)).is_open


def test_market_buy_pays_no_more_than_its_price_and_leaves_the_rest(line: Line) -> None:
    assert line.order(at_market("g-1", BUY, "100.999999", "2")).filled == 2
    assert line.order(at_market("g-2", BUY, "99.019999")) == OrderReport("g-2", "2", ZERO, is_open=False)


def test_market_sell_takes_what_there_is_whatever_its_price(line: Line) -> None:
    (trade,) = line.trades(at_market("g-1", SELL, "120"))

    assert trade.quantity == 1
    assert (trade.fee_asset, trade.fee) == ("USDT", trade.price * Decimal("0.001"))


@pytest.mark.parametrize(("price", "quantity"), [("90.001", "1"), ("90", "1.0001"), ("90", "0.0001"), ("0.001", "1")])
def test_order_that_would_be_rounded_on_the_way_is_not_sent(line: Line, price: str, quantity: str) -> None:
    sent = line.client.wire.sent
    refused = line.put(limit("g-1", BUY, price, quantity))

    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.RULES
    assert (line.client.wire.sent, sent) == (0, 1)
    assert isinstance(line.put(LookUp("g-1")), NotFound)


def test_same_name_again_is_unknown_as_the_order_may_be_ours(line: Line) -> None:
    line.done(limit("g-1", BUY, "90"))

    assert isinstance(line.put(limit("g-1", BUY, "90")), Unknown)


@pytest.mark.parametrize(
    ("price", "quantity", "reason"),
    [("90", "0.05", Refusal.RULES), ("90", "8000000", Refusal.FUNDS), ("2000000", "1", Refusal.RULES)],
    ids=["below the minimum cost", "more than there is", "price out of bounds"],
)
def test_refusals_say_why(line: Line, price: str, quantity: str, reason: Refusal) -> None:
    refused = line.put(limit("g-1", BUY, price, quantity))

    assert isinstance(refused, Refused)
    assert refused.reason is reason


def test_halted_market_is_closed(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "market", "action": "halt"})

    refused = line.put(limit("g-1", BUY, "90"))
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.CLOSED


# --- looking up, cancelling --------------------------------------------------------------------------


def test_orders_that_are_not_there_are_not_found(line: Line) -> None:
    assert isinstance(line.put(LookUp("g-1")), NotFound)
    assert isinstance(line.put(Cancel("g-1")), NotFound)


def test_filled_order_is_looked_up_with_its_trades_and_cannot_be_cancelled(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    order = line.order(limit("g-1", BUY, "90", "2"))
    move(sandbox, "89")

    done = line.done(LookUp("g-1"))
    assert done.orders == (OrderReport("g-1", order.order_id, Decimal(2), is_open=False),)
    assert sum(trade.quantity for trade in done.trades) == 2
    assert {trade.order_id for trade in done.trades} == {order.order_id}
    assert isinstance(line.put(Cancel("g-1")), NotFound)


def test_partly_filled_order_is_told_as_open_and_then_as_cancelled(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    order = line.order(limit("g-1", BUY, "90", "2"))
    fill_half(sandbox, order)

    done = line.done(LookUp("g-1"))
    assert (done.orders[0].filled, done.orders[0].is_open) == (Decimal(1), True)
    assert [trade.quantity for trade in done.trades] == [1]
    assert line.order(Cancel("g-1")) == OrderReport("g-1", order.order_id, Decimal(1), is_open=False)


def test_reply_lost_after_the_order_was_taken_is_unknown_and_the_order_is_found(
    exchange: tuple[Sandbox, Line],
) -> None:
    sandbox, line = exchange
    sandbox.hall.faults.arm({"route": "POST /api/v3/order", "action": "drop", "when": "after"})

    assert isinstance(line.put(limit("g-1", BUY, "90")), Unknown)
    assert line.order(LookUp("g-1")).is_open


# --- trades ------------------------------------------------------------------------------------------


def test_without_trades_there_is_no_newest_one(line: Line) -> None:
    assert line.done(ListTrades(None)) == Done()
    assert line.done(ListTrades("1")) == Done()


def test_trades_are_listed_after_the_one_that_is_known(line: Line) -> None:
    told: list[TradeReport] = []
    for number in range(12):
        told += line.trades(at_market(f"g-{number}", (BUY, SELL)[number % 2], "101"))

    assert line.trades(ListTrades(None)) == (told[-1],)
    assert line.trades(ListTrades("0")) == tuple(told)
    assert line.trades(ListTrades(told[4].trade_id)) == tuple(told[5:])
    assert line.trades(ListTrades(told[-1].trade_id)) == ()


def test_trades_are_listed_page_by_page(exchange: tuple[Sandbox, Line]) -> None:
    sandbox, line = exchange
    line.done(limit("g-1", BUY, "90", "1200"))
    line.done(limit("g-2", BUY, "89", "1200"))
    sandbox.hall.faults.arm({"route": "fills", "action": "split", "parts": 1200, "times": 2})
    move(sandbox, "88")

    trades = line.trades(ListTrades("0"))
    assert line.client.wire.sent == 3
    assert [int(trade.trade_id) for trade in trades] == sorted({int(trade.trade_id) for trade in trades})
    assert sum(trade.quantity for trade in trades) == 2400
    assert line.trades(LookUp("g-1")) == trades[:1200]
    assert line.trades(LookUp("g-2")) == trades[1200:]


# --- what travels ------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(units=st.integers(1, 9 * 10**17), price_units=st.integers(1, 10**14))
def test_amounts_travel_both_ways_to_the_last_digit(
    script: tuple[ScriptedServer, Line], units: int, price_units: int
) -> None:
    server, line = script
    quantity, price = Decimal(units).scaleb(-8), Decimal(price_units).scaleb(-8)
    server.reply(
        "POST /api/v3/order",
        f'{{"symbol": "SOLUSDT", "orderId": 12345678901234567, "clientOrderId": "g-1", "transactTime": 5, '
        f'"price": "{price:.8f}", "origQty": "{quantity:.8f}", "executedQty": "{quantity:.8f}", '
        f'"cummulativeQuoteQty": "1.0", "status": "FILLED", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", '
        f'"fills": [{{"price": "{price:.8f}", "qty": "{quantity:.8f}", "commission": "{quantity:.8f}", '
        f'"commissionAsset": "BNB", "tradeId": 98765432109876543}}]}}',
    )
    done = line.done(limit("g-1", BUY, str(price), str(quantity)))
    sent = server.received[-1].params
    assert (Decimal(sent["quantity"]), Decimal(sent["price"])) == (quantity, price)
    assert not set(sent["quantity"] + sent["price"]) - set("0123456789.")
    assert done.orders == (OrderReport("g-1", "12345678901234567", quantity, is_open=False),)
    assert done.trades == (TradeReport("98765432109876543", "12345678901234567", price, quantity, quantity, "BNB", 5),)


def test_orders_travel_as_their_kind_asks(script: tuple[ScriptedServer, Line]) -> None:
    wanted = {
        limit("g-1", BUY, "90"): {"type": "LIMIT", "timeInForce": "GTC", "price": "90", "quantity": "1"},
        limit("g-1", BUY, "90", post_only=True): {"type": "LIMIT_MAKER", "price": "90"},
        at_market("g-1", BUY, "90.123456789"): {"type": "LIMIT", "timeInForce": "IOC", "price": "90.12345678"},
        at_market("g-1", SELL, "90"): {"type": "MARKET", "quantity": "1"},
    }
    absent = [set[str](), {"timeInForce"}, {"quoteOrderQty"}, {"price", "timeInForce", "quoteOrderQty"}]
    server, line = script
    for (place, expected), not_sent in zip(wanted.items(), absent, strict=True):
        line.put(place)
        sent = dict(server.received[-1].params)
        assert sent | expected == sent
        assert (sent["newClientOrderId"], sent["newOrderRespType"]) == ("g-1", "FULL")
        assert sent["recvWindow"] == "3000"
        assert not_sent.isdisjoint(sent)


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_other_kinds_of_keys_sign_as_well(exchange: tuple[Sandbox, Line], kind: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    sandbox, line = exchange
    private: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey = (
        ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, 2048)
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    with sandbox.hall.lock:
        api_key = sandbox.hall.keys.register("main", private.public_key())
    client = ccxt_client.connect(line.settings, Credentials(api_key, pem), like=line.client)
    calls = CcxtCalls(client, "SOL/USDT", line.ids)

    assert isinstance(calls.put_through(limit("g-1", BUY, "90")), Done)
    calls.close()


def test_no_call_changes_how_this_thread_rounds(line: Line) -> None:
    before = getcontext().copy()
    line.done(limit("a", BUY, "90"))
    line.done(LookUp("a"))
    line.done(at_market("b", BUY, "101"))
    line.done(Cancel("a"))
    assert repr(getcontext()) == repr(before)
