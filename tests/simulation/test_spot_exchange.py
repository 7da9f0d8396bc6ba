"""The simulated world's exchange by itself.

That it does as the real sandbox does is shown in `tests/e2e/test_model_agrees.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import count

import pytest

from engine.calls import (
    BalanceReport,
    Cancel,
    Done,
    ListBalances,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    NotFound,
    OrderReport,
    Place,
    Refusal,
    Refused,
    TradeReport,
    Unknown,
)
from engine.messages import OrderFilled, OrderReported
from engine.values import ZERO, Kind, Market, Side
from tests.e2e.both_exchanges import build_model
from tests.e2e.exchange_sides import ModelSide
from tests.e2e.model_scripts import SETTINGS, Transfer, draw
from tests.simulation.spot.exchange import SpotExchange, Terms

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
SOL = Market("SOL", "USDT", D("0.01"), D("0.001"), D("0.001"), D(5))
RICH = {"SOL": D(100), "USDT": D(10_000)}


def opened(terms: Terms | None = None, **balances: str) -> SpotExchange:
    """Open SOL/USDT at 100; each look at the clock takes a millisecond."""
    held = {asset: D(amount) for asset, amount in balances.items()}
    return SpotExchange(SOL, terms or Terms(), RICH | held, D(100), count(1).__next__)


def limit(name: str, side: Side, price: str, quantity: str = "1", *, post_only: bool = False) -> Place:
    return Place(name, side, Kind.LIMIT, D(price), D(quantity), post_only)


def at_market(name: str, side: Side, price: str, quantity: str = "1") -> Place:
    return Place(name, side, Kind.MARKET, D(price), D(quantity))


def traded(exchange: SpotExchange) -> list[tuple[str, Decimal, Decimal]]:
    names = {order.order_id: order.client_order_id for order in exchange.orders.values()}
    return [(names[trade.order_id], trade.price, trade.quantity) for trade in exchange.trades]


# --- orders ------------------------------------------------------------------------------------------


def test_resting_order_locks_what_it_needs_and_frees_it_when_cancelled() -> None:
    exchange = opened()

    assert exchange.answer(limit("b", BUY, "90", "2")) == Done((OrderReport("b", "1", ZERO, is_open=True),))
    assert exchange.answer(limit("s", SELL, "110", "3")) == Done((OrderReport("s", "2", ZERO, is_open=True),))
    assert (exchange.balance("USDT"), exchange.balance("SOL")) == ((D(9820), D(180)), (D(97), D(3)))

    exchange.answer(Cancel("b"))
    exchange.answer(Cancel("s"))

    assert exchange.answer(ListBalances()) == Done(
        balances=(BalanceReport("SOL", D(100), ZERO), BalanceReport("USDT", D(10_000), ZERO))
    )


@pytest.mark.parametrize(
    ("place", "price"),
    [
        (limit("x", BUY, "100"), "100"),
        (limit("x", BUY, "103"), "100.01"),
        (limit("x", SELL, "97"), "99.99"),
        (at_market("x", BUY, "100.009"), "100"),
        (at_market("x", BUY, "103"), "100.01"),
        (at_market("x", SELL, "1"), "100"),
    ],
)
def test_marketable_order_trades_at_once_at_the_market_or_a_tick_beyond(place: Place, price: str) -> None:
    exchange = opened()
    outcome = exchange.answer(place)

    assert isinstance(outcome, Done)
    assert outcome.orders == (OrderReport("x", "1", D(1), is_open=False),)
    assert [(trade.trade_id, trade.price, trade.quantity) for trade in outcome.trades] == [("1", D(price), D(1))]
    assert exchange.balance("USDT")[1] == exchange.balance("SOL")[1] == ZERO


def test_purchase_below_the_market_ends_with_nothing() -> None:
    exchange = opened()

    assert exchange.answer(at_market("x", BUY, "99")) == Done((OrderReport("x", "1", ZERO, is_open=False),))
    assert exchange.balance("USDT") == (D(10_000), ZERO)


@pytest.mark.parametrize(
    ("place", "outcome"),
    [
        (limit("x", BUY, "100", post_only=True), Refusal.WOULD_TAKE),
        (limit("x", SELL, "99", post_only=True), Refusal.WOULD_TAKE),
        (limit("x", BUY, "99", "102"), Refusal.FUNDS),
        (limit("x", SELL, "110", "100.001"), Refusal.FUNDS),
        (at_market("x", SELL, "1", "100.001"), Refusal.FUNDS),
        (limit("x", BUY, "99.999"), Refusal.RULES),
        (limit("x", BUY, "99", "1.0001"), Refusal.RULES),
        (limit("x", BUY, "99", "0.05"), Refusal.RULES),
        (limit("x", BUY, "19.99"), Refusal.RULES),
        (limit("x", SELL, "500.01"), Refusal.RULES),
        (limit("no spaces", BUY, "99"), Refusal.RULES),
    ],
)
def test_refused_order_leaves_no_trace(place: Place, outcome: Refusal) -> None:
    exchange = opened()
    refused = exchange.answer(place)

    assert isinstance(refused, Refused)
    assert refused.reason is outcome
    assert (exchange.orders, exchange.open_by_name, exchange.trades) == ({}, {}, [])
    assert exchange.balance("USDT") == (D(10_000), ZERO)


def test_filter_is_looked_at_before_funds_and_room_before_both_halt_and_name() -> None:
    exchange = opened(Terms(max_open_orders=1))
    exchange.answer(limit("x", BUY, "90"))
    exchange.halt()
    texts = [
        exchange.answer(limit("x", BUY, "99", "0.001")),
        exchange.answer(limit("x", BUY, "99", "1000")),
        exchange.answer(at_market("x", SELL, "99", "1000")),
    ]
    exchange.resume()
    texts.append(exchange.answer(at_market("x", SELL, "99", "1000")))

    assert texts == [
        Refused(Refusal.RULES, "Filter failure: NOTIONAL (-1013)"),
        Refused(Refusal.RULES, "Filter failure: MAX_NUM_ORDERS (-1013)"),
        Refused(Refusal.CLOSED, "Market is closed. (-1013)"),
        Unknown("Duplicate order sent. (-2010)"),
    ]


def test_name_is_free_again_when_its_order_has_ended_and_finds_the_newest() -> None:
    exchange = opened()
    exchange.answer(limit("x", BUY, "90"))
    exchange.answer(Cancel("x"))
    exchange.answer(limit("x", SELL, "110"))

    assert exchange.answer(LookUp("x")) == Done((OrderReport("x", "2", ZERO, is_open=True),))
    assert exchange.answer(Cancel("x")) == Done((OrderReport("x", "2", ZERO, is_open=False),))
    assert exchange.answer(Cancel("x")) == NotFound("Unknown order sent. (-2011)")
    assert exchange.answer(LookUp("y")) == NotFound("Order does not exist. (-2013)")


def test_orders_of_the_account_that_meet_trade_with_each_other_in_one_trade() -> None:
    exchange = opened()
    exchange.answer(limit("mine", SELL, "100.01", "2"))
    exchange.answer(limit("taker", BUY, "101", "5"))

    assert traded(exchange) == [
        ("taker", D("100.01"), D(2)),
        ("mine", D("100.01"), D(2)),
        ("taker", D("100.01"), D(3)),
    ]
    assert [trade.trade_id for trade in exchange.trades] == ["1", "1", "2"]


# --- the market and others ---------------------------------------------------------------------------


def test_market_fills_what_it_meets_in_the_order_of_its_way_older_first() -> None:
    exchange = opened()
    for name, side, price in (
        *(("far", BUY, "90"), ("near", BUY, "95"), ("young", BUY, "90"), ("beyond", BUY, "89.99")),
        *(("above", SELL, "101"), ("high", SELL, "120")),
    ):
        exchange.answer(limit(name, side, price))
    exchange.move(D("90.004"))
    exchange.move(D(110))

    assert traded(exchange) == [
        ("near", D(95), D(1)),
        ("far", D(90), D(1)),
        ("young", D(90), D(1)),
        ("above", D(101), D(1)),
    ]
    assert list(exchange.open_by_name) == ["beyond", "high"]
    assert exchange.price == D(110)


@pytest.mark.parametrize(
    ("share", "filled"), [("0", "0.001"), ("0.5", "0.005"), ("0.39", "0.003"), ("1", "0.009"), ("7", "0.009")]
)
def test_part_of_an_order_is_whole_steps_never_none_never_all(share: str, filled: str) -> None:
    exchange = SpotExchange(Market("SOL", "USDT", D("0.01"), D("0.001")), Terms(), RICH, D(100), lambda: 0)
    exchange.answer(limit("x", BUY, "90", "0.010"))
    exchange.fill_part("x", D(share))

    assert exchange.open_by_name["x"].filled == D(filled)


def test_last_step_of_an_order_and_an_order_that_is_not_open_are_left_alone() -> None:
    exchange = opened()
    exchange.answer(limit("x", BUY, "90"))
    exchange.fill_part("x", D(1))
    exchange.fill_part("x", D(1))
    exchange.fill_part("y", D(1))
    exchange.expire("y")

    assert traded(exchange) == [("x", D(90), D("0.999"))]


def test_halt_refuses_orders_and_stops_the_price_but_lets_cancel() -> None:
    exchange = opened()
    exchange.answer(limit("x", BUY, "90"))
    exchange.halt()
    exchange.move(D(80))

    assert exchange.answer(limit("y", BUY, "80")) == Refused(Refusal.CLOSED, "Market is closed. (-1013)")
    assert (exchange.price, exchange.trades) == (D(100), [])
    assert isinstance(exchange.answer(Cancel("x")), Done)

    exchange.resume()
    exchange.move(D(80))
    assert exchange.price == D(80)


def test_withdrawal_takes_free_money_only() -> None:
    exchange = opened()
    exchange.answer(limit("x", BUY, "90", "100"))
    exchange.transfer("USDT", D(-5000))
    exchange.transfer("XRP", D(-1))
    exchange.transfer("BTC", D(2))

    assert (exchange.balance("USDT"), exchange.balance("XRP")) == ((ZERO, D(9000)), (ZERO, ZERO))
    assert exchange.balance("BTC") == (D(2), ZERO)


# --- fees, lists, reports ----------------------------------------------------------------------------


def test_fee_is_taken_in_bnb_at_a_discount_while_there_is_enough() -> None:
    exchange = opened(Terms(pays_in_third=True), BNB="0.0002")
    for name in ("a", "b", "c"):
        exchange.answer(at_market(name, BUY, "100"))
    exchange.answer(at_market("d", SELL, "100"))

    assert [(trade.fee, trade.fee_asset) for trade in exchange.trades] == [
        (D("0.00015"), "BNB"),
        (D("0.001"), "SOL"),
        (D("0.001"), "SOL"),
        (D("0.1"), "USDT"),
    ]
    assert exchange.balance("BNB") == (D("0.00005"), ZERO)


def test_lists_go_on_behind_what_is_known() -> None:
    exchange = opened()
    for name in ("a", "b", "c"):
        exchange.answer(at_market(name, BUY, "100"))
    exchange.answer(limit("d", BUY, "90"))

    def trades(after: str | None) -> list[str]:
        outcome = exchange.answer(ListTrades(after))
        assert isinstance(outcome, Done)
        return [trade.trade_id for trade in outcome.trades]

    def orders(after: str | None) -> list[str]:
        outcome = exchange.answer(ListOrders(after))
        assert isinstance(outcome, Done)
        return [order.client_order_id for order in outcome.found]

    assert [trades(after) for after in (None, "0", "1", "3", "9")] == [["3"], ["1", "2", "3"], ["2", "3"], [], []]
    assert [orders(after) for after in (None, "2", "4")] == [["a", "b", "c", "d"], ["c", "d"], []]
    assert exchange.answer(ListOpenOrders()) == Done((OrderReport("d", "4", ZERO, is_open=True),))


def test_listeners_hear_every_change_in_order() -> None:
    exchange = opened()
    heard: list[OrderFilled | OrderReported] = []
    exchange.listeners.append(heard.append)
    exchange.answer(limit("x", BUY, "90"))
    exchange.fill_part("x", D("0.4"))
    exchange.expire("x")

    assert heard == [
        OrderReported("x", ZERO, is_open=True, order_id="1"),
        OrderFilled("x", "1", D(90), D("0.4"), D("0.0004"), "SOL", 2, "1"),
        OrderReported("x", D("0.4"), is_open=True, order_id="1"),
        OrderReported("x", D("0.4"), is_open=False, order_id="1"),
    ]
    assert exchange.answer(LookUp("x")) == Done(
        (OrderReport("x", "1", D("0.4"), is_open=False),),
        (TradeReport("1", "1", D(90), D("0.4"), D("0.0004"), "SOL", 2),),
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_books_balance_after_every_step(name: str) -> None:
    for seed in range(20):
        side = ModelSide(SETTINGS[name], build_model)
        books = Books(side.exchange, SETTINGS[name].balances)
        for step in draw(SETTINGS[name], f"books {seed}"):
            if isinstance(step, Transfer):
                books.transfer(step)
            side.play(step)
            books.check()


class Books:
    """Keep the account's money a second time: from its trades, and its locks from its open orders."""

    def __init__(self, exchange: SpotExchange, balances: Mapping[str, Decimal]) -> None:
        self._exchange = exchange
        self._owned = defaultdict(lambda: ZERO, balances)
        self._booked = 0

    def transfer(self, step: Transfer) -> None:
        free, _ = self._exchange.balance(step.asset)
        self._owned[step.asset] += max(step.delta, -free)

    def check(self) -> None:
        exchange, market = self._exchange, self._exchange.market
        locked: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for trade in exchange.trades[self._booked :]:
            sign = 1 if exchange.orders[trade.order_id].side is BUY else -1
            self._owned[market.base] += sign * trade.quantity
            self._owned[market.quote] -= sign * trade.price * trade.quantity
            self._owned[trade.fee_asset] -= trade.fee
        self._booked = len(exchange.trades)
        for order in exchange.open_by_name.values():
            left = order.quantity - order.filled
            buys = order.side is BUY
            locked[market.quote if buys else market.base] += left * order.price if buys else left
        for asset in self._owned:
            free, set_aside = exchange.balance(asset)
            assert (free + set_aside, set_aside) == (self._owned[asset], locked[asset]), asset
            assert free >= 0
