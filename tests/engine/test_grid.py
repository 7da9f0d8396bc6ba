from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.grid import GridRules, LevelsCollide, Plan, level_prices, make_plan
from engine.settings.choices import GridType, InitialPurchase, Spacing
from engine.values import ONE, SATOSHI, ZERO, Fees, Market
from tests.engine.samples import BUY, SELL, D, decimals, grid_rules

many = settings(deadline=None, max_examples=60)
ROUNDING = D("1e-24")  # relative; what 28 digits leave in a sum of a few dozen products


@st.composite
def ladders(draw: st.DrawFn) -> GridRules:
    """Draw any grid whose levels can be told apart."""
    bottom = draw(st.decimals("0.01", 1000, places=2))
    rules = grid_rules(
        type=draw(st.sampled_from(GridType)),
        spacing=draw(st.sampled_from(Spacing)),
        num_grids=draw(st.integers(2, 12)),
        bottom=bottom,
        top=bottom + draw(st.decimals("0.5", 1000, places=2)),
        buy_ratio=draw(st.sampled_from([ONE, D("0.9"), D("0.333")])),
        sell_ratio=draw(st.sampled_from([ONE, D("0.9"), D("0.333")])),
        initial_purchase=draw(st.sampled_from(InitialPurchase)),
        slippage=draw(st.sampled_from([ZERO, D("0.0005"), D("0.01")])),
        market=Market(
            "SOL",
            "USDT",
            price_tick=draw(st.sampled_from([SATOSHI, D("0.01"), D("0.5")])),
            amount_step=draw(st.sampled_from([SATOSHI, D("0.001"), D("0.1")])),
        ),
        fees=Fees(draw(st.sampled_from([ZERO, D("0.001"), D("0.00075")])), in_received=draw(st.booleans())),
    )
    try:
        level_prices(rules)
    except LevelsCollide:
        assume(False)  # noqa: FBT003 - Hypothesis has it so
    return rules


@st.composite
def armings(draw: st.DrawFn, purchase: InitialPurchase | None = None) -> tuple[GridRules, Plan, Decimal]:
    """Draw a ladder, the plan that it arms with and the capital; one price in two is on a level or between two."""
    rules = draw(ladders())
    if purchase is not None:
        rules = evolve(rules, initial_purchase=purchase)
    prices = level_prices(rules)
    marks = [*prices, *((low + high) / 2 for low, high in pairwise(prices))]
    anywhere = st.decimals(prices[0], prices[-1], places=4) if prices[-1] - prices[0] > 1 else st.sampled_from(marks)
    price = draw(st.one_of(st.sampled_from(marks), anywhere))
    capital = draw(st.decimals(1, 100_000, places=2))
    return rules, make_plan(rules, price, capital, ZERO), capital


@many
@given(rules=ladders())
def test_prices_rise_on_the_tick_from_bottom_to_top(rules: GridRules) -> None:
    prices, tick = level_prices(rules), rules.market.price_tick
    assert len(prices) == rules.num_grids
    assert all(low < high for low, high in pairwise(prices))
    assert all(price % tick == 0 for price in prices)
    assert prices[0] == rules.market.round_price(rules.bottom)
    assert prices[-1] == rules.market.round_price(rules.top)
    for index, price in enumerate(prices):
        share = Fraction(index, rules.num_grids - 1)
        if rules.spacing is Spacing.ARITHMETIC:
            exact = Fraction(rules.bottom) + share * Fraction(rules.top - rules.bottom)
        else:
            exact = Fraction(float(rules.bottom) * (float(rules.top) / float(rules.bottom)) ** float(share))
        assert abs(Fraction(price) - exact) <= Fraction(tick) / 2 + exact * Fraction(1, 10**14)


@many
@given(arming=armings())
def test_every_price_but_the_nearest_has_an_order_and_a_hedged_grid_leaves_none_empty(
    arming: tuple[GridRules, Plan, Decimal],
) -> None:
    rules, plan, _ = arming
    ordered = [level.price for level in plan.levels]
    empty = set(plan.prices) - set(ordered)
    between = plan.price not in plan.prices
    if rules.type is GridType.HEDGED_GRID and between:
        assert len(plan.levels) == rules.num_grids
        assert not empty
    else:
        assert len(plan.levels) == rules.num_grids - 1
        (left_out,) = empty
        assert abs(left_out - plan.price) == min(abs(price - plan.price) for price in plan.prices)
    assert len(set(ordered)) == len(ordered)
    assert len({level.slot for level in plan.levels}) == len(plan.levels)


@many
@given(arming=armings())
def test_levels_are_neighbouring_prices_that_buy_below_the_market_and_sell_above(
    arming: tuple[GridRules, Plan, Decimal],
) -> None:
    _, plan, _ = arming
    for level in plan.levels:
        assert (level.low, level.high) == plan.prices[level.index : level.index + 2]
        assert level.slot.rstrip("b") == str(level.index)
        assert level.price < plan.price if level.side is BUY else level.price > plan.price


@many
@given(arming=armings())
def test_placement_goes_from_the_nearest_to_the_farthest(arming: tuple[GridRules, Plan, Decimal]) -> None:
    _, plan, _ = arming
    order = [(abs(level.price - plan.price), level.index, level.side is SELL) for level in plan.levels]
    assert order == sorted(order)


def test_on_a_tie_the_lower_level_comes_first_then_the_buyer() -> None:
    simple = make_plan(grid_rules(), D(120), D(1000), ZERO)
    assert [(level.slot, level.side) for level in simple.levels] == [("1", BUY), ("2", SELL), ("0", BUY), ("3", SELL)]
    hedged = make_plan(grid_rules(type=GridType.HEDGED_GRID), D(115), D(1000), ZERO)
    assert [level.slot for level in hedged.levels] == ["1", "1b", "0", "2", "3"]
    assert [level.side for level in hedged.levels[:2]] == [BUY, SELL]


def test_of_two_prices_equally_near_the_upper_one_is_left_empty() -> None:
    plan = make_plan(grid_rules(), D(115), D(1000), ZERO)
    assert sorted(level.price for level in plan.levels) == [100, 110, 130, 140]


@many
@given(arming=armings())
def test_sizes_are_the_unit_times_the_ratio_down_to_the_step(arming: tuple[GridRules, Plan, Decimal]) -> None:
    rules, plan, capital = arming
    step = rules.market.amount_step
    for level in plan.levels:
        exact = plan.unit * (rules.buy_ratio if level.side is BUY else rules.sell_ratio)
        assert level.quantity % step == 0
        assert level.quantity <= exact < level.quantity + step
    if rules.initial_purchase is not InitialPurchase.EXACT:
        assert abs(plan.unit * rules.num_grids * plan.price - capital) <= capital * ROUNDING


@many
@given(arming=armings())
def test_half_buys_half_of_the_capital_and_none_nothing(arming: tuple[GridRules, Plan, Decimal]) -> None:
    rules, plan, capital = arming
    assert plan.purchase_price == plan.price * (1 + rules.slippage)
    assert plan.purchase % rules.market.amount_step == 0
    if rules.initial_purchase is InitialPurchase.NONE:
        assert plan.purchase == 0
    if rules.initial_purchase is InitialPurchase.HALF:
        cost = plan.purchase * plan.purchase_price
        assert cost <= capital / 2 * (1 + ROUNDING)
        assert cost + rules.market.amount_step * plan.purchase_price > capital / 2


@many
@given(arming=armings(InitialPurchase.EXACT))
def test_exact_spends_the_whole_capital_and_no_more_than_the_rounding_of_the_fees(
    arming: tuple[GridRules, Plan, Decimal],
) -> None:
    rules, plan, capital = arming
    fees, step = rules.fees, rules.market.amount_step
    buyers = [level for level in plan.levels if level.side is BUY]
    sellers = len(plan.levels) - len(buyers)
    spent = fees.need(BUY, plan.purchase_price, plan.purchase)
    spent += sum((fees.need(BUY, level.price, level.quantity) for level in buyers), ZERO)
    # A fee in quote is rounded half-even to 1e-8: each of these orders may need half of that too much.
    orders = len(buyers) + bool(sellers)
    fee_rounding = ZERO if fees.in_received else orders * SATOSHI / 2
    assert spent <= capital * (1 + ROUNDING) + fee_rounding
    # Rounding down to the step leaves at most one step of each order, and one more of a purchase with its fee in base.
    dear = plan.purchase_price * (1 + fees.rate) / (1 - fees.rate)
    left = sum((level.price for level in buyers), ZERO) * (1 + fees.rate) + (sellers + 1) * dear
    assert spent >= capital * (1 - ROUNDING) - left * step - orders * SATOSHI


@pytest.mark.parametrize(
    ("fees", "capital", "unit", "purchase"),
    [
        (Fees(D("0.01")), "424.2", "2", "2"),  # 424.2 / (100·1.01 + 110·1.01)
        (Fees(D("0.01"), in_received=True), "418", "1.98", "2"),  # 418 / (100 + 110 / 0.99), and 1.98 / 0.99
    ],
)
def test_exact_sizes_by_hand(fees: Fees, capital: str, unit: str, purchase: str) -> None:
    rules = grid_rules(num_grids=3, top=D(120), initial_purchase=InitialPurchase.EXACT, fees=fees)
    plan = make_plan(rules, D(110), D(capital), ZERO)
    assert (plan.unit, plan.purchase) == (D(unit), D(purchase))
    assert [level.quantity for level in plan.levels] == [D(unit), D(unit)]


def test_base_already_held_is_not_bought_again() -> None:
    rules = grid_rules()
    assert make_plan(rules, D(120), D(960), D(2)).purchase == 3  # of a capital of 1200, five are half
    assert make_plan(rules, D(120), D(240), D(8)).purchase == 0
    assert make_plan(rules, D(120), D(240), D(8)).unit == 2


@pytest.mark.parametrize(("minimum", "purchase"), [(5, 5), (D("5.1"), 0)])
def test_a_purchase_under_the_markets_minimums_is_not_made(minimum: Decimal, purchase: int) -> None:
    market = Market("SOL", "USDT", min_amount=D(minimum))
    assert make_plan(grid_rules(market=market), D(120), D(1200), ZERO).purchase == purchase


@pytest.mark.parametrize(
    ("tick", "bottom", "top", "n"),
    [("0.5", "100", "101", 4), ("1", "100.6", "101.4", 2), ("1", "0.4", "10", 3), ("0.01", "1", "1.001", 2)],
)
@pytest.mark.parametrize("spacing", Spacing)
def test_levels_that_round_to_one_price_or_to_zero_are_refused(
    spacing: Spacing, tick: str, bottom: str, top: str, n: int
) -> None:
    market = Market("SOL", "USDT", price_tick=D(tick))
    with pytest.raises(LevelsCollide):
        level_prices(grid_rules(market=market, bottom=D(bottom), top=D(top), num_grids=n, spacing=spacing))


def test_levels_one_tick_apart_are_not_refused() -> None:
    rules = grid_rules(market=Market("SOL", "USDT", price_tick=ONE), bottom=D("100.4"), top=D("100.6"), num_grids=2)
    assert level_prices(rules) == decimals(100, 101)
