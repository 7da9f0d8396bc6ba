"""Pin the reference itself with scenarios small enough to work out by hand."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt
from statistics import mean, stdev
from typing import Any

import pytest

from tests.reference import Candle, simulate

MINUTE = 60_000
Spec = tuple[int | str, int | str, int | str, int | str]


def candles(*specs: Spec | int) -> list[Candle]:
    """Make minute candles from (open, high, low, close), or from one price that the candle stays at."""
    rows = [spec if isinstance(spec, tuple) else (spec, spec, spec, spec) for spec in specs]
    return [(i * MINUTE, Decimal(o), Decimal(h), Decimal(low), Decimal(c)) for i, (o, h, low, c) in enumerate(rows)]


def config(bottom: int, top: int, n: int, capital: int | str, fee: int | str = 0, **more: Any) -> dict[str, Any]:
    """Make a configuration; `more` holds keys of the grid, or `fee_asset`, `slippage`, `market`, `tp`, `sl`."""
    risk = {
        name: {"enabled": True, "threshold": more.pop(key)}
        for name, key in (("take_profit", "tp"), ("stop_loss", "sl"))
        if key in more
    }
    return {
        "exchange": {"trading_fee": fee, "fee_asset": more.pop("fee_asset", "quote")},
        "pair": {"base_currency": "SOL", "quote_currency": "USDT"},
        "trading_settings": {"timeframe": "1m", "initial_balance": capital},
        "execution": {"backtest_slippage": more.pop("slippage", 0)},
        "market": more.pop("market", {}),
        "risk_management": risk,
        "grid_strategy": {"num_grids": n, "range": {"bottom": bottom, "top": top}, **more},
    }


def limits(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """List the limit trades as (level, side, price, quantity)."""
    return [
        (trade["level"], trade["side"], trade["price"], trade["quantity"])
        for trade in result["trades"]
        if trade["kind"] == "limit"
    ]


def short(result: dict[str, Any]) -> str:
    """Write the limit trades as `buy 100, sell 110`."""
    return ", ".join(f"{side} {price.normalize():f}" for _, side, price, _ in limits(result))


def wishes(result: dict[str, Any], where: str) -> set[tuple[Any, ...]]:
    """Give what is left in the `book` or `waiting` as (level, side, price, quantity)."""
    return set(result[where])


def test_geometric_levels_grow_by_one_ratio() -> None:
    """Check 100, 200, 400, 800 at a price in the uppermost interval."""
    result = simulate(candles(700), config(100, 800, 4, 2800, spacing="geometric", initial_purchase="none"))
    assert wishes(result, "book") == {(0, "buy", 100, 1), (1, "buy", 200, 1), (2, "buy", 400, 1)}


def test_levels_that_round_to_one_price_are_an_error() -> None:
    """Check a range narrower than its ticks."""
    with pytest.raises(ValueError, match="same price"):
        simulate(candles(100), config(100, 101, 4, 1000, market={"price_tick": "0.5"}))


@pytest.mark.parametrize(
    ("price", "kind", "roles"),
    [
        (120, "simple_grid", "0 buy 100, 1 buy 110, 2 sell 130, 3 sell 140"),
        (120, "hedged_grid", "0 buy 100, 1 buy 110, 2 sell 130, 3 sell 140"),
        (115, "simple_grid", "0 buy 100, 1 buy 110, 2 sell 130, 3 sell 140"),
        (114, "simple_grid", "0 buy 100, 1 sell 120, 2 sell 130, 3 sell 140"),
        (114, "hedged_grid", "0 buy 100, 1 buy 110, 1 sell 120, 2 sell 130, 3 sell 140"),
        (100, "simple_grid", "0 sell 110, 1 sell 120, 2 sell 130, 3 sell 140"),
        (140, "hedged_grid", "0 buy 100, 1 buy 110, 2 buy 120, 3 buy 130"),
    ],
)
def test_roles_follow_from_the_price_at_arming(price: int, kind: str, roles: str) -> None:
    """Check each side of the interval's middle, a level's own price, and both ends of the range."""
    result = simulate(candles(price), config(100, 140, 5, 10_000, type=kind, initial_purchase="exact"))
    assert ", ".join(f"{level} {side} {at.normalize():f}" for level, side, at, _ in result["book"]) == roles
    assert result["waiting_levels"] == 0


def test_half_buys_half_and_levels_that_lack_funds_wait() -> None:
    """Check a purchase of 2.5 at 114 for three sellers of 1 each: the farthest one waits."""
    # P = 114: unit 570/5/114 = 1, purchase 570/2/114 = 2.5
    result = simulate(candles(99, 114), config(100, 140, 5, 570))
    assert (result["trades"][0]["time"], result["trades"][0]["quantity"]) == (MINUTE, Decimal("2.5"))
    assert wishes(result, "book") == {(0, "buy", 100, 1), (1, "sell", 120, 1), (2, "sell", 130, 1)}
    assert wishes(result, "waiting") == {(3, "sell", 140, 1)}


def test_exact_with_fees_in_quote_spends_the_whole_capital() -> None:
    """Check unit = 424.2 / (100·1.01 + 110·1.01) = 2, and one cycle of the buyer."""
    path = candles(110, (110, 115, 100, 112))
    result = simulate(path, config(100, 120, 3, "424.2", "0.01", initial_purchase="exact"))
    assert limits(result) == [(0, "buy", 100, 2), (0, "sell", 110, 2)]
    assert [trade["fee"] for trade in result["trades"]] == [Decimal("2.2"), 2, Decimal("2.2")]
    # 424.2 - 222.2 - 202 + 217.8
    assert (result["final_quote"], result["final_base"]) == (Decimal("217.8"), 2)
    # The level's own purchase cost (200 + 2) / 2 = 101 a piece.
    assert [(c["unit_cost"], c["profit"]) for c in result["cycle_list"]] == [(101, Decimal("15.8"))]
    assert result["unrealized_profit"] == 2 * 112 - Decimal("222.2")
    assert wishes(result, "book") == {(0, "buy", 100, 2), (1, "sell", 120, 2)}


def test_exact_with_fees_received_buys_what_the_sellers_need() -> None:
    """Check unit = 418 / (100 + 110/0.99) = 1.98, and a purchase of 2 of which 0.02 is the fee."""
    result = simulate(candles(110), config(100, 120, 3, 418, "0.01", initial_purchase="exact", fee_asset="received"))
    (purchase,) = result["trades"]
    assert (purchase["quantity"], purchase["fee"], purchase["fee_asset"]) == (2, Decimal("0.02"), "SOL")
    assert (result["final_quote"], result["final_base"]) == (198, Decimal("1.98"))
    assert wishes(result, "book") == {(0, "buy", 100, Decimal("1.98")), (1, "sell", 120, Decimal("1.98"))}
    assert result["total_fees"] == Decimal("2.2")


def test_fees_received_shrink_the_sell_and_not_the_next_buy() -> None:
    """Check 2 bought, 0.02 paid, 1.98 sold for 217.8 less 2.178, and 1.98/0.99 = 2 wished again."""
    path = candles(110, 100, 110)
    result = simulate(path, config(100, 120, 3, 660, "0.01", fee_asset="received"))
    assert limits(result) == [(0, "buy", 100, 2), (0, "sell", 110, Decimal("1.98"))]
    assert (0, "buy", 100, 2) in wishes(result, "book")
    assert result["grid_profit"] == pytest.approx(Decimal("15.622"), abs=Decimal("1e-20"))
    assert result["total_fees"] == Decimal("0.03") * 110 + 2 + Decimal("2.178")


@pytest.mark.parametrize(
    ("candle", "trades"),
    [
        ((110, 120, 100, 110), "buy 100, sell 110, sell 120, buy 110"),
        ((111, 120, 100, 110), "sell 120, buy 110, buy 100, sell 110"),
        (("110.00000001", 120, 100, 110), "sell 120, buy 110, buy 100, sell 110"),
        (("109.99999999", 120, 100, 110), "buy 100, sell 110, sell 120, buy 110"),
        ((120, 120, 100, 110), "sell 120, buy 110, buy 100, sell 110"),
    ],
)
def test_the_nearer_extreme_comes_first_and_the_low_on_a_tie(candle: Spec, trades: str) -> None:
    """Check which of two far orders is met first, and that answers placed on the way are live at once."""
    assert short(simulate(candles(110, candle), config(100, 120, 3, 1000))) == trades


def test_a_gap_fills_every_level_on_the_way_at_its_own_price() -> None:
    """Check a fall from 120 to an open at 95, and the way back."""
    result = simulate(candles(120, 95, 119), config(100, 140, 5, 1200))
    assert limits(result) == [(1, "buy", 110, 2), (0, "buy", 100, 2), (0, "sell", 110, 2)]
    assert [trade["time"] for trade in result["trades"]] == [0, MINUTE, MINUTE, 2 * MINUTE]


def test_orders_do_not_live_in_the_candle_at_whose_close_the_grid_arms() -> None:
    """Check that the arming candle's own extremes fill nothing."""
    assert short(simulate(candles((110, 130, 90, 110)), config(100, 120, 3, 660))) == ""


def test_take_profit_holds_at_arming() -> None:
    """Check that a purchase at the threshold is sold again at once, at 110 less 1 %."""
    result = simulate(candles(110, 200), config(100, 120, 3, 660, tp=110, slippage="0.01"))
    bought = Decimal("2.97029702")  # 330 / 111.1, down to the step
    assert [(t["time"], t["side"], t["price"], t["quantity"], t["level"]) for t in result["trades"]] == [
        (0, "buy", Decimal("111.1"), bought, None),
        (0, "sell", Decimal("108.9"), bought, None),
    ]
    assert (result["stop_reason"], result["open_orders"], result["waiting_levels"]) == ("take_profit", 0, 0)
    assert result["final_value"] == 660 - bought * Decimal("2.2")


def test_take_profit_leaves_a_grid_that_holds_nothing_alone() -> None:
    """Check a threshold under the price while all is quote."""
    result = simulate(candles(110, 119), config(100, 120, 3, 660, tp=105, initial_purchase="none"))
    assert (result["stop_reason"], result["open_orders"], result["waiting_levels"]) == (None, 1, 1)


def test_orders_at_the_price_of_a_stop_loss_fill_before_it_sells_all() -> None:
    """Check a buyer and a threshold that are both at 100."""
    result = simulate(candles(110, (110, 110, 90, 95), 110), config(100, 120, 3, 660, sl=100))
    assert [(t["side"], t["price"], t["quantity"]) for t in result["trades"]] == [
        ("buy", 110, 3), ("buy", 100, 2), ("sell", 100, 5),
    ]  # fmt: skip
    assert (result["stop_reason"], result["final_quote"], result["final_base"]) == ("stop_loss", 630, 0)


def test_a_threshold_passed_with_nothing_held_acts_when_something_is_bought() -> None:
    """Check a stop at 105 on a grid that holds nothing before its buy at 100."""
    result = simulate(candles(110, (110, 110, 90, 95)), config(100, 120, 3, 660, sl=105, initial_purchase="none"))
    assert [(t["side"], t["price"], t["quantity"]) for t in result["trades"]] == [("buy", 100, 2), ("sell", 100, 2)]


def test_a_hedged_pair_at_one_price_fills_the_older_order_first() -> None:
    """Check by the unit costs: the seller armed at 105 is older than the buyer's answer from 100."""
    result = simulate(candles(105, 100, 110), config(100, 120, 3, 630, type="hedged_grid"))
    assert limits(result) == [(0, "buy", 100, 2), (0, "sell", 110, 2), (0, "sell", 110, 2)]
    assert [(cycle["unit_cost"], cycle["profit"]) for cycle in result["cycle_list"]] == [(105, 10), (100, 20)]
    assert result["book"] == [(0, "buy", 100, 2), (0, "buy", 100, 2)]
    assert wishes(result, "waiting") == {(1, "sell", 120, 2)}  # 1 is left of the purchase of 3


def test_a_waiting_level_is_served_as_taker_below_its_own_price() -> None:
    """Check that a buy at 120, funded when the price is at 110, pays 110."""
    # Unit 1, purchase 2.5 for 300. Buy 3 at 110 needs 330 and waits; buy 3 at 100 takes the other 300.
    # 130: 0.5 sold for 65, the answer (1.5 at 120 for 180) waits. 100: 3 bought. 110: 1.5 sold for 165, 230 free:
    # own answer 4.5 at 100 needs 450, then 3 at 110 needs 330, but 1.5 at 120 needs 180, and is bought for 165.
    path = candles(120, 130, 100, 115)
    result = simulate(path, config(100, 140, 5, 600, buy_ratio=3, sell_ratio="0.5"))
    assert limits(result) == [
        (2, "sell", 130, Decimal("0.5")),
        (0, "buy", 100, 3),
        (0, "sell", 110, Decimal("1.5")),
        (2, "buy", 110, Decimal("1.5")),
    ]
    assert result["final_quote"] == 65
    assert wishes(result, "book") == {(2, "sell", 130, Decimal("0.75")), (3, "sell", 140, Decimal("0.5"))}
    assert wishes(result, "waiting") == {(0, "buy", 100, Decimal("4.5")), (1, "buy", 110, 3)}


def test_a_levels_own_answer_goes_before_a_nearer_one_that_waits() -> None:
    """Check 110 of quote, which the seller at 110 answers with at 100 while a buy at 110 waits."""
    # Quote 350 takes the buys of 1 at 130, 120 and 100 exactly; the one at 110 waits. All three fill; quote is 0.
    result = simulate(candles(140, 100, 115), config(100, 140, 5, 700))
    assert short(result) == "buy 130, buy 120, buy 100, sell 110"
    assert wishes(result, "book") == {(0, "buy", 100, 1), (2, "sell", 130, 1), (3, "sell", 140, 1)}
    assert wishes(result, "waiting") == {(1, "buy", 110, 1)}


def test_who_waits_is_served_by_the_distance_from_the_last_fill() -> None:
    """Check 670 of quote at 110: the buy of 3 at 110 comes before that of 3 at 120, and both are too much."""
    # Buys of 3: 390 for 130 and 300 for 100 are funded from 700, 120 and 110 wait. Sells of 6 need two of them.
    # At 110 six are sold; the own answer (18 at 100) is too much, 330 for the one at 110 leaves less than 360.
    path = candles(140, 100, 110)
    result = simulate(path, config(100, 140, 5, 700, buy_ratio=3, sell_ratio=2, initial_purchase="none"))
    assert limits(result) == [(3, "buy", 130, 3), (0, "buy", 100, 3), (0, "sell", 110, 6), (1, "buy", 110, 3)]
    assert result["final_quote"] == 340
    assert wishes(result, "waiting") == {
        (0, "buy", 100, 18), (1, "sell", 120, 6), (2, "buy", 120, 3), (3, "sell", 140, 6),
    }  # fmt: skip


def test_of_two_equally_near_levels_the_lower_one_is_served_first() -> None:
    """Check 980 of quote at 130: 330 for the buy at 110 leaves too little for the 900 of the one at 150."""
    path = candles(150, 115, 160, 95, 165)
    result = simulate(path, config(100, 160, 7, 1050, buy_ratio=3, sell_ratio=2, initial_purchase="none"))
    assert short(result) == "buy 140, buy 130, sell 160, buy 120, sell 130"
    assert wishes(result, "book") == {(0, "buy", 100, 3), (1, "buy", 110, 3)}


def test_an_order_under_the_minimums_waits_and_one_of_zero_is_idle() -> None:
    """Check a buy at 100 worth less than 105, and an answer of half a step."""
    market = {"min_cost": 105, "amount_step": 1}
    small = simulate(candles(110), config(100, 120, 3, 330, market=market))
    assert wishes(small, "waiting") == {(0, "buy", 100, 1)}
    assert wishes(small, "book") == {(1, "sell", 120, 1)}
    # Unit 2: the seller's 2 is answered by a buy of 1; the sell of that 1 would be answered by 0.5, so by nothing.
    market = {"amount_step": 1}
    idle = simulate(candles(110, 120, 110, 120), config(100, 120, 3, 660, market=market, buy_ratio="0.5"))
    assert limits(idle) == [(1, "sell", 120, 2), (1, "buy", 110, 1), (1, "sell", 120, 1)]
    assert wishes(idle, "book") == {(0, "buy", 100, 1)}
    assert idle["waiting_levels"] == 0


def test_figures_come_from_the_equity_at_each_close() -> None:
    """Check 2 base beside 300 quote at 150, 180, 120, 150."""
    result = simulate(candles(150, 180, 120, 150), config(100, 200, 2, 600))
    assert result["equity"] == [600, 660, 540, 600]
    assert (result["roi_percent"], result["buy_and_hold_percent"], result["unrealized_profit"]) == (0, 0, 0)
    assert float(result["max_drawdown_percent"]) == pytest.approx(100 * 120 / 660)
    assert float(result["max_runup_percent"]) == pytest.approx(100 * 60 / 540)
    assert (result["time_in_profit_percent"], result["time_in_loss_percent"]) == (25, 25)
    returns, periods = [0, 60 / 600, -120 / 660, 60 / 540], 365 * 24 * 60
    excess = [value - 0.03 / periods for value in returns]
    downside = sqrt(mean(min(value, 0) ** 2 for value in excess))
    assert float(result["sharpe"]) == pytest.approx(mean(excess) / stdev(returns) * sqrt(periods))
    assert float(result["sortino"]) == pytest.approx(mean(excess) / downside * sqrt(periods))


def test_a_grid_that_never_arms_keeps_its_capital() -> None:
    """Check prices outside the range."""
    result = simulate(candles(90, 99, 121), config(100, 120, 3, 660))
    assert (result["armed"], result["trades"], result["equity"]) == (False, [], [660, 660, 660])
    assert (result["sharpe"], result["open_orders"], result["waiting_levels"]) == (None, 0, 0)


@pytest.mark.parametrize("purchase", ["half", "exact", "none"])
@pytest.mark.parametrize("fee_asset", ["quote", "received"])
@pytest.mark.parametrize("kind", ["simple_grid", "hedged_grid"])
def test_money_is_conserved(purchase: str, fee_asset: str, kind: str) -> None:
    """Check that trades explain the balances, and both kinds of profit the change in value."""
    path = candles(*[117 + (i * i * 7) % 41 - (i * 13) % 29 for i in range(200)])
    more = {"initial_purchase": purchase, "fee_asset": fee_asset, "type": kind}
    result = simulate(path, config(100, 140, 9, 1000, "0.001", slippage="0.002", **more))
    quote, base = Decimal(1000), Decimal(0)
    for trade in result["trades"]:
        sign = 1 if trade["side"] == "buy" else -1
        quote -= sign * trade["price"] * trade["quantity"] + trade["fee"] * (trade["fee_asset"] == "USDT")
        base += sign * trade["quantity"] - trade["fee"] * (trade["fee_asset"] == "SOL")
        assert min(quote, base) >= 0
    assert (result["final_quote"], result["final_base"]) == (quote, base)
    assert result["final_value"] == quote + base * path[-1][4]
    explained = result["initial_value"] + result["grid_profit"] + result["unrealized_profit"]
    assert abs(explained - result["final_value"]) < Decimal("1e-15")
    assert result["cycles"] > 50
