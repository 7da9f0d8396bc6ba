from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.accounts import Accounts, keep_accounts
from engine.messages import TradeBooked
from engine.values import ZERO, Fees
from tests.engine.samples import (
    BUY,
    CENT,
    CENT_RECEIVED,
    FREE,
    MARKET,
    SELL,
    D,
    Number,
    charged,
    decimals,
    market_wish,
    trade,
    wish,
)


def accounts(*trades: TradeBooked, quote: Number = 1000, base: Number = 0, armed: Number = 100) -> Accounts:
    return keep_accounts(trades, MARKET, D(quote), D(base), D(armed))


def test_without_trades_there_is_what_there_was() -> None:
    assert accounts(base=3) == Accounts((D(1000),), (D(3),), ZERO, (), D(300))
    assert accounts().grid_profit == 0


def test_a_cycle_earns_its_spread_less_both_fees() -> None:
    buy, sell = charged(CENT, wish("1", BUY, 100, 2), "1", time=5), charged(CENT, wish("1", SELL, 110, 2), "2", time=9)
    after = accounts(buy, sell)
    assert after.quotes == decimals(1000, 798, "1015.8")
    assert after.bases == decimals(0, 2, 0)
    assert (after.total_fees, after.held_cost) == decimals("4.2", 0)
    (cycle,) = after.cycles
    assert (cycle.time, cycle.slot, cycle.level, cycle.quantity) == (9, "1", 1, D(2))
    assert (cycle.unit_cost, cycle.price, cycle.profit) == decimals(101, 110, "15.8")
    assert after.grid_profit == D("15.8")


def test_a_fee_taken_in_base_makes_the_rest_dearer_and_is_valued_at_its_trade() -> None:
    buy = charged(CENT_RECEIVED, wish("1", BUY, 99, 2), "1")
    sell = charged(CENT_RECEIVED, wish("1", SELL, 110, "1.98"), "2")
    after = accounts(buy, sell)
    assert after.bases == decimals(0, "1.98", 0)
    assert after.quotes == decimals(1000, 802, "1017.622")  # 217.8 less its fee of 2.178
    assert after.total_fees == D("0.02") * 99 + D("2.178")
    assert (after.cycles[0].unit_cost, after.cycles[0].profit) == decimals(100, "17.622")
    assert after.held_cost == 0


def test_sellers_cost_what_the_initial_purchase_did() -> None:
    purchase = charged(CENT, market_wish(BUY, 120, 5), "1")
    sell = charged(FREE, wish("3", SELL, 140, 2), "2")
    after = accounts(purchase, sell, armed=119)
    assert (after.cycles[0].unit_cost, after.cycles[0].profit) == (D("121.2"), D("37.6"))
    assert after.held_cost == 3 * D("121.2")


def test_what_was_held_before_costs_the_arming_price_and_is_averaged_with_the_purchase() -> None:
    sell = wish("3", SELL, 140, 1)
    assert accounts(trade(sell), base=5).cycles[0].unit_cost == 100
    assert accounts(trade(market_wish(BUY, 130, 5), "1"), trade(sell, "2"), base=5).cycles[0].unit_cost == 115


def test_a_level_that_has_bought_for_itself_costs_its_own_purchase() -> None:
    trades = (
        trade(market_wish(BUY, 120, 5), "0"),
        trade(wish("3", SELL, 140, 2), "1"),
        trade(wish("3", BUY, 130, 2), "2"),
        trade(wish("1", BUY, 110, 2), "3"),
        trade(wish("3", SELL, 140, 2), "4"),
        trade(wish("1", SELL, 120, 2), "5"),
    )
    after = accounts(*trades)
    assert [cycle.slot for cycle in after.cycles] == ["3", "3", "1"]
    assert [cycle.unit_cost for cycle in after.cycles] == [120, 130, 110]
    assert [cycle.profit for cycle in after.cycles] == [40, 20, 20]
    assert (after.grid_profit, after.held_cost) == decimals(80, 360)


def test_both_levels_of_a_hedged_interval_keep_their_own_costs() -> None:
    trades = (
        trade(market_wish(BUY, 115, 2), "0"),
        trade(wish("1", BUY, 110, 2), "1"),
        trade(wish("1b", SELL, 120, 2), "2"),
        trade(wish("1", SELL, 120, 2), "3"),
    )
    assert [(c.slot, c.level, c.unit_cost) for c in accounts(*trades).cycles] == [("1b", 1, D(115)), ("1", 1, D(110))]


def test_what_a_level_keeps_of_its_purchase_stays_held_at_its_cost() -> None:
    after = accounts(trade(wish("1", BUY, 110, 2), "1"), trade(wish("1", SELL, 120, 1), "2"))
    assert (after.held_cost, after.grid_profit, after.bases[-1]) == decimals(110, 10, 1)


def test_a_liquidation_leaves_nothing_unrealised_and_is_no_cycle() -> None:
    after = accounts(
        charged(CENT, market_wish(BUY, 120, 3), "0"),
        charged(CENT, wish("1", BUY, 110, 4), "1"),
        charged(CENT, market_wish(SELL, 90, 7, cycle=1), "2"),
    )
    assert (after.held_cost, after.bases[-1]) == decimals(0, 0)
    assert after.cycles == ()
    assert after.quotes[-1] == 1000 - D("363.6") - D("444.4") + D("623.7")


def test_dust_that_a_liquidation_leaves_keeps_its_share_of_the_cost() -> None:
    after = accounts(trade(wish("1", BUY, 100, 4), "1"), trade(market_wish(SELL, 90, 3, cycle=1), "2"))
    assert (after.held_cost, after.bases[-1]) == decimals(100, 1)


@settings(deadline=None, max_examples=80)
@given(
    fees=st.sampled_from([FREE, CENT, CENT_RECEIVED]),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(90, 130), st.integers(1, 9)), max_size=20),
)
def test_profit_made_and_profit_held_explain_the_whole_change_in_value(
    fees: Fees, steps: list[tuple[int, int, int]]
) -> None:
    trades, held = list[TradeBooked](), dict[int, Decimal]()
    for number, (slot, price, quantity) in enumerate(steps):
        if slot in held:
            one = charged(fees, wish(str(slot), SELL, price, held.pop(slot)), str(number))
        else:
            one = charged(fees, wish(str(slot), BUY, price, quantity), str(number))
            held[slot] = one.quantity - (one.fee if one.fee_asset == "SOL" else ZERO)
        trades.append(one)
    after = accounts(*trades, quote=10_000)
    assert after.bases[-1] == sum(held.values(), ZERO)
    value = after.quotes[-1] + after.bases[-1] * 117
    unrealised = after.bases[-1] * 117 - after.held_cost
    assert abs(value - 10_000 - after.grid_profit - unrealised) < D("1e-18")
    assert len(after.quotes) == len(after.bases) == len(trades) + 1


@pytest.mark.parametrize("side", [BUY, SELL])
def test_fees_add_up_on_both_sides(side: object) -> None:
    one = wish("1", BUY if side is BUY else SELL, 100, 2)
    assert accounts(charged(CENT, one, "1"), base=2).total_fees == 2
