from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.balances import Ledger, LedgerBroken
from engine.values import SATOSHI, ZERO, Fees
from tests.engine.samples import (
    BUY,
    CENT,
    CENT_RECEIVED,
    FREE,
    GRID_OWNER,
    MARKET,
    SELL,
    D,
    Number,
    charged,
    market_wish,
    trade,
    wish,
)


def ledger(quote: Number = 1000, base: Number = 0, fees: Fees = CENT) -> Ledger:
    return Ledger(MARKET, fees, D(quote), D(base))


def reserving(book: Ledger, *wishes: Any) -> Ledger:
    for one in wishes:
        book.reserve(one, book.need(one))
    return book


def state(book: Ledger) -> tuple[Number, ...]:
    """Give free quote, reserved quote, free base, reserved base."""
    return book.free_quote, book.reserved_quote, book.free_base, book.reserved_base


@pytest.mark.parametrize(
    ("fees", "side", "left"),
    [
        (CENT, BUY, (798, 202, 5, 0)),
        (CENT_RECEIVED, BUY, (800, 200, 5, 0)),
        (CENT, SELL, (1000, 0, 3, 2)),
        (CENT_RECEIVED, SELL, (1000, 0, 3, 2)),
    ],
)
def test_a_buy_reserves_its_cost_with_a_fee_in_quote_and_a_sell_its_quantity(
    fees: Fees, side: Any, left: tuple[int, ...]
) -> None:
    assert state(reserving(ledger(1000, 5, fees), wish("1", side, 100, 2))) == left


@pytest.mark.parametrize(
    ("fees", "side", "left"),
    [
        (CENT, BUY, ("798", "0", "7", "0")),
        (CENT_RECEIVED, BUY, ("800", "0", "6.98", "0")),
        (CENT, SELL, ("1198", "0", "3", "0")),
        (CENT_RECEIVED, SELL, ("1198", "0", "3", "0")),
    ],
)
def test_a_complete_trade_turns_the_reservation_into_what_it_bought(
    fees: Fees, side: Any, left: tuple[str, ...]
) -> None:
    one = wish("1", side, 100, 2)
    book = reserving(ledger(1000, 5, fees), one)
    book.settle(charged(fees, one, "t"))
    assert state(book) == tuple(map(D, left))
    assert not book.has_live_orders


def test_a_buy_below_its_limit_frees_what_it_did_not_need() -> None:
    one = wish("1", BUY, 100, 2)
    book = reserving(ledger(202), one)
    book.settle(charged(CENT, one, "t", price=90))
    assert state(book) == (D("20.2"), 0, 2, 0)


def test_a_partial_trade_keeps_reserved_what_the_rest_needs() -> None:
    one = wish("1", BUY, 100, 2)
    book = reserving(ledger(1000), one)
    book.settle(trade(one, "t", quantity=D("0.5"), fee=D("0.5"), complete=False))
    assert state(book) == (798, D("151.5"), D("0.5"), 0)
    assert book.has_live_orders
    book.settle(trade(one, "u", quantity=D("1.5"), fee=D("1.5")))
    assert state(book) == (798, 0, 2, 0)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_an_order_that_ends_frees_what_it_has_not_filled(side: Any) -> None:
    one = wish("1", side, 100, 2)
    book = reserving(ledger(1000, 2, FREE), one)
    book.settle(trade(one, "t", quantity=1, complete=False))
    book.release("1", side)
    assert state(book) == ((900, 0, 3, 0) if side is BUY else (1100, 0, 1, 0))
    assert not book.has_live_orders


def test_ending_a_slot_without_an_order_changes_nothing() -> None:
    book = ledger(1000, 5)
    book.release("1", BUY)
    assert state(book) == (1000, 0, 5, 0)


def test_a_slot_has_one_live_order() -> None:
    book = reserving(ledger(), wish("1", BUY, 100, 1))
    with pytest.raises(LedgerBroken, match="slot 1"):
        reserving(book, wish("1", BUY, 100, 1))
    reserving(book, wish("1b", BUY, 100, 1))


@pytest.mark.parametrize(("side", "price"), [(BUY, "100.00000001"), (SELL, "1")])
def test_what_is_not_free_cannot_be_reserved(side: Any, price: str) -> None:
    book = ledger(100, 0, FREE)
    one = wish("1", side, price, 1)
    assert not book.can_fund(side, book.need(one))
    with pytest.raises(LedgerBroken, match="not free"):
        reserving(book, one)
    assert state(book) == (100, 0, 0, 0)


def test_the_last_satoshi_can_be_reserved() -> None:
    assert state(reserving(ledger("100", 0, FREE), wish("1", BUY, 100, 1))) == (0, 100, 0, 0)


def test_a_trade_of_a_slot_without_an_order_breaks_the_ledger() -> None:
    with pytest.raises(LedgerBroken, match="no live buy order"):
        ledger().settle(trade(wish("1", BUY, 100, 1), "t"))


def test_a_trade_dearer_than_all_the_money_breaks_the_ledger() -> None:
    one = wish("1", BUY, 100, 1)
    book = reserving(ledger(101), one)
    with pytest.raises(LedgerBroken, match="trade t"):
        book.settle(trade(one, "t", price=102))


def test_a_fee_in_a_third_asset_is_not_taken_from_the_grid() -> None:
    one = wish("1", BUY, 100, 2)
    book = reserving(ledger(), one)
    book.settle(trade(one, "t", fee=D("0.01"), fee_asset="BNB"))
    assert state(book) == (800, 0, 2, 0)


def test_a_market_order_settles_at_its_worst_price_to_the_cent() -> None:
    one = market_wish(BUY, "111.1", "2.5")
    book = reserving(ledger("280.5275"), one)
    book.settle(trade(one, "t", fee=D("2.7775")))
    assert state(book) == (0, 0, D("2.5"), 0)
    assert one.owner is GRID_OWNER


@settings(deadline=None, max_examples=100)
@given(
    fees=st.sampled_from([Fees(D("0.001")), Fees(D("0.001"), in_received=True), FREE]),
    price=st.decimals("0.01", 500, places=2),
    parts=st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
)
@example(fees=Fees(D("0.001")), price=D("0.01"), parts=[2, 49999, 1])  # the fee falls due before the last part
def test_a_fully_committed_ledger_survives_any_partial_fills(fees: Fees, price: Decimal, parts: list[int]) -> None:
    """What the exchange charges by and by comes to the fee of the whole."""
    quantities = [part * SATOSHI for part in parts]
    one = wish("1", BUY, price, sum(quantities, ZERO))
    cost = fees.need(BUY, price, one.quantity)
    book = reserving(Ledger(MARKET, fees, cost, ZERO), one)
    filled = ZERO
    for number, quantity in enumerate(quantities, 1):
        book.settle(
            trade(
                one,
                str(number),
                quantity=quantity,
                fee=fees.on(BUY, price, filled + quantity) - fees.on(BUY, price, filled),
                fee_asset=fees.asset(BUY, MARKET),
                complete=number == len(quantities),
            )
        )
        filled += quantity
        assert min(map(D, state(book))) >= 0
