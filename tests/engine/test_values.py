from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.values import Fees, Market, Side
from tests.engine.samples import BUY, CENT, CENT_RECEIVED, MARKET, SELL, D


@pytest.mark.parametrize(
    ("tick", "price", "rounded"),
    [
        ("0.01", "1.005", "1.00"),
        ("0.01", "1.015", "1.02"),
        ("0.5", "1.25", "1.0"),
        ("0.5", "1.75", "2.0"),
        ("0.05", "1.12", "1.10"),
        ("1e-8", "0.123456785", "0.12345678"),
        ("10", "125", "120"),
    ],
)
def test_a_price_is_rounded_half_even_to_the_tick(tick: str, price: str, rounded: str) -> None:
    assert Market("A", "B", price_tick=D(tick)).round_price(D(price)) == D(rounded)


@settings(deadline=None, max_examples=200)
@given(amount=st.decimals(0, 10**9, places=10), step=st.sampled_from([D("1e-8"), D("0.001"), D("0.25"), D(1), D(3)]))
def test_an_amount_is_rounded_down_to_a_multiple_of_the_step(amount: Decimal, step: Decimal) -> None:
    floor = Market("A", "B", amount_step=step).floor_amount(amount)
    assert floor % step == 0
    assert floor <= amount < floor + step


@pytest.mark.parametrize(
    ("price", "quantity", "accepted"),
    [("10", "0.5", True), ("10", "0.49", False), ("9.99", "0.5", False), ("5", "1", True), ("100", "0.4", False)],
)
def test_both_minimums_count(price: str, quantity: str, accepted: bool) -> None:  # noqa: FBT001 - a table's column
    market = Market("A", "B", min_amount=D("0.5"), min_cost=D(5))
    assert market.accepts(D(price), D(quantity)) is accepted


@pytest.mark.parametrize(
    ("fees", "side", "fee", "asset", "need"),
    [
        (CENT, BUY, "2.2", "USDT", "222.2"),
        (CENT, SELL, "2.2", "USDT", "2"),
        (CENT_RECEIVED, BUY, "0.02", "SOL", "220"),
        (CENT_RECEIVED, SELL, "2.2", "USDT", "2"),
    ],
)
def test_a_fee_is_in_quote_or_in_what_is_received(fees: Fees, side: Side, fee: str, asset: str, need: str) -> None:
    price, quantity = D(110), D(2)
    assert fees.on(side, price, quantity) == D(fee)
    assert fees.asset(side, MARKET) == asset
    assert fees.need(side, price, quantity) == D(need)


@pytest.mark.parametrize(
    ("quantity", "fee"), [("0.00000150", "2e-8"), ("0.00000250", "2e-8"), ("0.00000251", "3e-8"), ("0.00000049", "0")]
)
@pytest.mark.parametrize("fees", [CENT, CENT_RECEIVED])
def test_a_fee_is_rounded_half_even_to_eight_decimals(fees: Fees, quantity: str, fee: str) -> None:
    assert fees.on(BUY, D(1), D(quantity)) == D(fee)
