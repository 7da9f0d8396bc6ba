from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.grid import GridRules, Plan, level_prices, make_plan
from engine.recovery.explaining import First, explain
from engine.settings.choices import GridType, InitialPurchase, Spacing
from engine.values import ZERO, Fees, Market, Side
from tests.engine.samples import BUY, SELL, D, grid_rules
from tests.engine.test_grid import ladders

many = settings(deadline=None, max_examples=120)


@frozen
class Arming:
    """Hold a grid's rules, what it had in hand, and the plan that it made of that."""

    rules: GridRules
    quote: Decimal
    base: Decimal
    plan: Plan

    @property
    def firsts(self) -> dict[str, First]:
        """Give every first order that can be seen: none for nothing."""
        seen = {level.slot: (level.side, level.quantity) for level in self.plan.levels if level.quantity}
        return seen | ({"grid": (BUY, self.plan.purchase)} if self.plan.purchase else {})

    def explained(self, firsts: dict[str, First], near: Decimal | None = None) -> Plan | None:
        return explain(self.rules, self.quote, self.base, firsts, near)


@st.composite
def armings(draw: st.DrawFn) -> Arming:
    """Draw a grid that arms anywhere on the tick; one in three on a level or in the middle of two."""
    rules = draw(ladders())
    least = draw(st.sampled_from([ZERO, D("0.1"), D(1)]))
    rules = evolve(rules, market=evolve(rules.market, min_amount=least, min_cost=draw(st.sampled_from([ZERO, D(10)]))))
    tick, prices = rules.market.price_tick, level_prices(rules)
    marks = [int(price / tick) for price in prices]
    marks += [(low + high + 1) // 2 for low, high in pairwise(marks)]
    at = draw(st.one_of(st.integers(marks[0], max(marks)), st.sampled_from(marks)))
    quote, base = draw(st.decimals(1, 100_000, places=2)), draw(st.sampled_from([ZERO, ZERO, D("0.5"), D(100)]))
    return Arming(rules, quote, base, make_plan(rules, at * tick, quote, base))


def roles(plan: Plan) -> dict[str, First]:
    return {level.slot: (level.side, level.quantity) for level in plan.levels}


@many
@given(arming=armings(), data=st.data())
def test_some_first_orders_are_explained_by_a_plan_that_begins_with_them(arming: Arming, data: st.DataObject) -> None:
    firsts = arming.firsts
    slots = data.draw(st.sets(st.sampled_from(sorted(firsts)), min_size=1)) if firsts else set()
    seen = {slot: firsts[slot] for slot in slots}

    plan = arming.explained(seen)

    assert plan is not None
    assert plan.price % arming.rules.market.price_tick == 0
    assert plan.prices[0] <= plan.price <= plan.prices[-1]
    assert plan == make_plan(arming.rules, plan.price, arming.quote, arming.base)
    assert {slot: roles(plan)[slot] for slot in seen if slot != "grid"} == {
        slot: first for slot, first in seen.items() if slot != "grid"
    }
    assert plan.purchase == seen.get("grid", (BUY, plan.purchase))[1]


@many
@given(arming=armings())
def test_all_first_orders_are_explained_by_the_same_roles_and_sizes(arming: Arming) -> None:
    if all(level.quantity for level in arming.plan.levels):
        plan = arming.explained(arming.firsts)
        assert plan is not None
        assert roles(plan) == roles(arming.plan)
        assert not arming.plan.purchase or plan.purchase == arming.plan.purchase


@many
@given(arming=armings(), data=st.data())
def test_near_the_price_that_it_was_the_plan_is_the_same(arming: Arming, data: st.DataObject) -> None:
    firsts = arming.firsts
    slots = data.draw(st.sets(st.sampled_from(sorted(firsts)))) if firsts else set()
    assert arming.explained({slot: firsts[slot] for slot in slots}, near=arming.plan.price) == arming.plan


@many
@given(arming=armings(), data=st.data())
def test_whatever_is_explained_is_what_was_seen(arming: Arming, data: st.DataObject) -> None:
    """Change one order: either there is another plan that begins so, or none."""
    firsts = arming.firsts
    if not firsts:
        return
    slot = data.draw(st.sampled_from(sorted(firsts)))
    quantity = data.draw(st.one_of(st.decimals(0, 1000, places=3), st.just(firsts[slot][1])))
    firsts[slot] = (data.draw(st.sampled_from([BUY, SELL])), quantity)

    plan = arming.explained(firsts)

    if plan is not None:
        assert quantity > 0
        planned = roles(plan) | {"grid": (BUY, plan.purchase)}
        assert {each: planned.get(each) for each in firsts} == firsts


# 100, 110, 120, 130, 140; half of 1000 buys 4.1666 at 120, and each level is for 1000 / 5 / 120
COARSE = grid_rules(market=Market("SOL", "USDT", price_tick=D("0.01"), amount_step=D("0.01")))
UNIT = D("1.66")


@pytest.mark.parametrize(
    ("firsts", "why"),
    [
        ({"0": (BUY, D("1.77")), "1": (BUY, D("1.78"))}, "one side, two sizes"),
        ({"0": (BUY, UNIT), "3": (SELL, D("1.70"))}, "two sides, two prices"),
        ({"0": (SELL, UNIT), "1": (BUY, UNIT)}, "sells below buys"),
        ({"0": (BUY, D(17))}, "too much for the money"),
        ({"0": (BUY, D("0.1"))}, "too little for the money"),
        ({"0": (BUY, ZERO)}, "nothing"),
        ({"4": (BUY, UNIT)}, "no such level"),
        ({"1b": (SELL, UNIT)}, "no second level where the grid is simple"),
        ({"0": (BUY, UNIT), "grid": (BUY, D("4.5"))}, "bought at another price than sized at"),
        ({"grid": (SELL, D("4.16"))}, "a sale before anything was bought"),
        ({"grid": (BUY, D(50))}, "bought for more than there was"),
    ],
)
def test_orders_that_no_plan_begins_with_are_not_explained(firsts: dict[str, First], why: str) -> None:
    assert explain(COARSE, D(1000), ZERO, firsts) is None, why


def test_second_level_of_a_hedged_grid_says_between_which_prices_it_armed() -> None:
    hedged = evolve(COARSE, type=GridType.HEDGED_GRID)
    plan = explain(hedged, D(1000), ZERO, {"2b": (SELL, D("1.63"))})
    assert plan is not None
    assert D(120) < plan.price < D(130)
    assert explain(hedged, D(1000), ZERO, {"2b": (BUY, D("1.63"))}) is None


def test_purchase_under_the_minimum_cost_is_not_explained() -> None:
    dear = evolve(COARSE, market=evolve(COARSE.market, min_cost=D(501)))
    firsts = {"grid": (BUY, D("4.16"))}
    assert explain(COARSE, D(1000), ZERO, firsts) is not None
    assert explain(dear, D(1000), ZERO, firsts) is None


@pytest.mark.parametrize(("side", "price"), [(BUY, 113), (SELL, 127)])
def test_levels_that_are_missing_are_taken_to_be_far_from_the_price(side: Side, price: int) -> None:
    """One side alone was placed: the other is missing for want of funds, not the levels next to those seen."""
    rough = evolve(COARSE, num_grids=9, market=Market("SOL", "USDT", D("0.01"), amount_step=D("0.9")))
    plan = make_plan(rough, D(price), D(1100), ZERO)
    found = explain(rough, D(1100), ZERO, {slot: first for slot, first in roles(plan).items() if first[0] is side})
    assert found is not None
    assert roles(found) == roles(plan)


@pytest.mark.parametrize("type_", GridType)
@pytest.mark.parametrize("purchase", InitialPurchase)
@pytest.mark.parametrize("spacing", Spacing)
def test_five_hundred_levels_are_explained(type_: GridType, purchase: InitialPurchase, spacing: Spacing) -> None:
    rules = grid_rules(
        type=type_,
        spacing=spacing,
        num_grids=500,
        top=D(200),
        initial_purchase=purchase,
        slippage=D("0.001"),
        market=Market("SOL", "USDT", D("0.01"), D("0.001"), D("0.001"), D(5)),
        fees=Fees(D("0.001"), in_received=True),
    )
    arming = Arming(rules, D(100_000), ZERO, make_plan(rules, D("150.33"), D(100_000), ZERO))
    for seen in (arming.firsts, {"7": arming.firsts["7"], "490": arming.firsts["490"]}):
        plan = arming.explained(seen)
        assert plan is not None
        assert seen.items() <= roles(plan).items() | {("grid", (BUY, plan.purchase))}
    assert arming.explained({"7": (BUY, D("1.7777"))}) is None
