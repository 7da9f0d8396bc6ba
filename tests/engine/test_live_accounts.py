"""The books of live grids: orders that fill in parts or end early, fees in whatever asset the exchange takes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.accounts import Accounts, keep_accounts
from engine.messages import PlaceOrder, TradeBooked
from engine.values import ONE, ZERO
from tests.engine.samples import BUY, MARKET, SELL, D, Number, charged, decimals, market_wish, planned, trade, wish
from tests.engine.samples import CENT as ONE_PERCENT

Parts = list[TradeBooked]


def accounts(
    *trades: TradeBooked, quote: Number = 1000, base: Number = 0, ratio: Decimal = ONE, sellers: tuple[str, ...] = ()
) -> Accounts:
    levels = [planned(slot, side=SELL, quantity=2) for slot in sellers]
    return keep_accounts(trades, MARKET, D(quote), D(base), D(100), ratio, levels)


def parts(of: PlaceOrder, *quantities: Number, number: int = 0, ended: bool = False, fee: Number = 0) -> Parts:
    """Book an order's trades; the last completes it, unless the order `ended` before."""
    last = len(quantities) - 1
    return [
        trade(of, f"{number}.{place}", quantity=quantity, fee=fee, complete=place == last and not ended)
        for place, quantity in enumerate(quantities)
    ]


# --- fees --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_fee_in_a_third_asset_is_taken_from_neither_side_and_kept_apart(side: object) -> None:
    bnb = trade(wish("1", BUY if side is BUY else SELL, 100, 2), fee="0.003", fee_asset="BNB")
    after = accounts(bnb, base=5)
    sign = -1 if side is BUY else 1
    assert (after.quotes[-1], after.bases[-1]) == decimals(1000 + sign * 200, 5 - sign * 2)
    assert (after.total_fees, after.other_fees) == (ZERO, (("BNB", D("0.003")),))


def test_third_assets_are_added_up_one_by_one_and_told_by_name() -> None:
    paid = (("GT", "2"), ("BNB", "0.1"), ("BNB", "0.2"), ("USDT", "1"), ("GT", "0"), ("HT", "0"))
    trades = [
        trade(wish(str(slot), BUY, 100, 1), str(slot), fee=fee, fee_asset=asset)
        for slot, (asset, fee) in enumerate(paid)
    ]
    after = accounts(*trades)
    assert after.other_fees == (("BNB", D("0.3")), ("GT", D(2)))
    assert after.total_fees == 1


def test_a_fee_in_a_third_asset_is_in_no_profit() -> None:
    buy = trade(wish("1", BUY, 100, 2), "1", fee="0.01", fee_asset="BNB")
    sell = trade(wish("1", SELL, 110, 2), "2", fee="0.01", fee_asset="BNB")
    assert accounts(buy, sell).grid_profit == 20


def test_a_sale_whose_fee_is_taken_in_base_gives_away_that_too() -> None:
    buy = trade(wish("1", BUY, 100, 2), "1")
    sell = trade(wish("1", SELL, 110, "1.9"), "2", fee="0.1", fee_asset="SOL")
    after = accounts(buy, sell)
    assert (after.bases[-1], after.held_cost, after.total_fees) == decimals(0, 0, 11)
    assert after.grid_profit == D("1.9") * 110 - 200


# --- orders in parts ---------------------------------------------------------------------------------


def test_an_order_sold_in_parts_is_one_cycle_with_the_profit_of_one() -> None:
    whole = accounts(charged(ONE_PERCENT, wish("1", BUY, 100, 2), "1"), trade(wish("1", SELL, 110, 2), "2", time=9))
    in_parts = accounts(
        charged(ONE_PERCENT, wish("1", BUY, 100, 2), "1"),
        trade(wish("1", SELL, 110, 2), "2", quantity="0.5", complete=False, time=7),
        trade(wish("1", SELL, 110, 2), "3", quantity="1.5", time=9),
    )
    assert in_parts.cycles == whole.cycles
    assert len(in_parts.quotes) == 4


def test_parts_at_different_prices_make_one_cycle_at_their_average() -> None:
    sale = wish("1", SELL, 110, 2)
    after = accounts(
        trade(wish("1", BUY, 100, 2), "1"),
        trade(sale, "2", quantity="0.5", price=114, complete=False),
        trade(sale, "3", quantity="1.5"),
    )
    (cycle,) = after.cycles
    assert (cycle.quantity, cycle.price, cycle.unit_cost, cycle.profit) == decimals(2, 111, 100, 22)


def test_what_a_sell_order_earned_so_far_is_profit_before_it_is_a_cycle() -> None:
    after = accounts(*parts(wish("1", BUY, 100, 2), 2), *parts(wish("1", SELL, 110, 2), "0.5", ended=True, number=1))
    assert (after.cycles, after.grid_profit, after.unfinished_profit) == ((), D(5), D(5))
    assert after.held_cost == 150


def test_an_order_that_ended_early_counts_with_the_next_one_that_completes() -> None:
    after = accounts(
        *parts(wish("1", BUY, 100, 2), 2),
        *parts(wish("1", SELL, 110, 2), "0.5", ended=True, number=1),
        *parts(wish("1", BUY, 100, "0.5"), "0.5", number=2),
        *parts(wish("1", SELL, 110, "1.5"), 1, "0.5", number=3),
    )
    (cycle,) = after.cycles
    assert (cycle.quantity, cycle.unit_cost, cycle.price, cycle.profit) == decimals(2, 100, 110, 20)
    assert (after.unfinished_profit, after.grid_profit) == decimals(0, 20)


def test_a_level_bought_in_parts_costs_their_average() -> None:
    buy = wish("1", BUY, 100, 2)
    after = accounts(
        trade(buy, "1", quantity="0.5", price=96, complete=False),
        trade(buy, "2", quantity="1.5"),
        trade(wish("1", SELL, 110, 2), "3"),
    )
    assert (after.cycles[0].unit_cost, after.cycles[0].profit, after.held_cost) == decimals(99, 22, 0)


def test_orders_that_ended_early_feed_one_lot() -> None:
    after = accounts(
        *parts(wish("1", BUY, 96, 2), "0.5", ended=True),
        *parts(wish("1", BUY, 100, "1.5"), "1.5", number=1),
        *parts(wish("1", SELL, 110, 2), 2, number=2),
    )
    assert (after.cycles[0].unit_cost, after.held_cost) == decimals(99, 0)


def test_what_is_bought_while_the_rest_is_still_for_sale_is_averaged_with_it() -> None:
    after = accounts(
        *parts(wish("1", BUY, 100, 2), 2),
        *parts(wish("1", SELL, 110, 2), 1, ended=True, number=1),
        *parts(wish("1", BUY, 90, 1), 1, number=2),
        *parts(wish("1", SELL, 110, 2), 2, number=3),
    )
    (cycle,) = after.cycles
    assert (cycle.quantity, cycle.profit) == decimals(3, 330 - 290)
    assert after.held_cost == 0


def test_what_a_seller_still_holds_of_the_initial_purchase_is_averaged_with_its_own() -> None:
    after = accounts(
        trade(market_wish(BUY, 120, 2), "0"),
        *parts(wish("3", SELL, 140, 2), 1, ended=True, number=1),
        *parts(wish("3", BUY, 130, 1), 1, number=2),
        *parts(wish("3", SELL, 140, 2), 2, number=3),
        sellers=("3",),
    )
    (cycle,) = after.cycles
    assert (cycle.quantity, cycle.profit) == decimals(3, 3 * 140 - 3 * 120 - 10)
    assert (after.held_cost, after.bases[-1]) == decimals(0, 0)


def test_a_seller_that_sold_out_costs_its_own_purchase_alone() -> None:
    after = accounts(
        trade(market_wish(BUY, 120, 2), "0"),
        *parts(wish("3", SELL, 140, 2), 1, 1, number=1),
        *parts(wish("3", BUY, 130, 2), 1, 1, number=2),
        *parts(wish("3", SELL, 140, 2), 2, number=3),
        sellers=("3",),
    )
    assert [(cycle.unit_cost, cycle.profit) for cycle in after.cycles] == [decimals(120, 40), decimals(130, 20)]


def test_what_a_level_keeps_on_purpose_does_not_make_its_next_purchase_dearer() -> None:
    after = accounts(
        *parts(wish("1", BUY, 110, 4), 4),
        *parts(wish("1", SELL, 120, 2), 2, number=1),
        *parts(wish("1", BUY, 100, 2), 1, 1, number=2),
        *parts(wish("1", SELL, 120, 1), 1, number=3),
        ratio=D("0.5"),
    )
    assert tuple(cycle.unit_cost for cycle in after.cycles) == decimals(110, 100)
    assert after.held_cost == 2 * 110 + 100


def test_a_purchase_in_parts_gives_the_sellers_its_average_cost() -> None:
    buy = market_wish(BUY, 120, 3)
    after = accounts(
        trade(buy, "0", quantity=1, price=114, complete=False),
        trade(buy, "1", quantity=2, price=120),
        *parts(wish("3", SELL, 140, 2), 2, number=1),
        sellers=("3",),
    )
    assert (after.cycles[0].unit_cost, after.held_cost) == decimals(118, 118)


def test_a_liquidation_in_parts_leaves_nothing_unrealised() -> None:
    sale = market_wish(SELL, 90, 4, cycle=1)
    after = accounts(
        *parts(wish("1", BUY, 100, 4), 4),
        trade(sale, "2", quantity=1, complete=False),
        trade(sale, "3", quantity=3, price=89),
    )
    assert (after.bases[-1], after.held_cost, after.cycles) == (ZERO, ZERO, ())


# --- whatever happens --------------------------------------------------------------------------------

FEE_OF: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "USDT": lambda price, quantity: price * quantity / 1000,
    "SOL": lambda _, quantity: quantity / 1000,
    "BNB": lambda _, quantity: quantity / 5000,
}


@settings(deadline=None, max_examples=100)
@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 3), st.integers(90, 130), st.integers(1, 9), st.booleans(), st.sampled_from(sorted(FEE_OF))
        ),
        max_size=25,
    )
)
def test_profit_made_and_profit_held_explain_the_whole_change_in_value(
    steps: list[tuple[int, int, int, bool, str]],
) -> None:
    trades, held, completed = list[TradeBooked](), dict[int, Decimal](), 0
    for number, (slot, price, tenths, complete, asset) in enumerate(steps):
        of = FEE_OF[asset]
        if number % 3 and held.get(slot):  # sell a tenth, two tenths ... of what the level has
            quantity = held[slot] * tenths / 10
            side, fee = SELL, of(D(price), quantity)
            held[slot] -= quantity + (fee if asset == "SOL" else ZERO)
            completed += complete
        else:
            quantity, side = D(tenths), BUY
            fee = of(D(price), quantity)
            held[slot] = held.get(slot, ZERO) + quantity - (fee if asset == "SOL" else ZERO)
        order = wish(str(slot), side, price, quantity)
        trades.append(trade(order, str(number), fee=fee, fee_asset=asset, complete=complete))
    after = accounts(*trades, quote=100_000)
    assert after.bases[-1] == sum(held.values(), ZERO)
    value = after.quotes[-1] + after.bases[-1] * 117
    unrealised = after.bases[-1] * 117 - after.held_cost
    assert abs(value - 100_000 - after.grid_profit - unrealised) < D("1e-18")
    assert len(after.cycles) == completed
