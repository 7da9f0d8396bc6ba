from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from engine.grid import PlannedLevel
from engine.grid_setup import grid_rules
from engine.preflight import Preflight, break_even_ratio, check, cycle_profit
from engine.values import ZERO
from tests.engine.configurations import load
from tests.engine.runs import stepped
from tests.engine.samples import BUY, SELL, D, Number, candles, decimals
from tests.engine.samples import grid_rules as rules_with

Changes = tuple[tuple[str, object], ...]
PRICE = D(170)  # between the levels 165 and 182.5
STOP = "risk_management.stop_loss"

options = pytest.mark.parametrize(
    "changes",
    [
        (
            ("grid_strategy.initial_purchase", purchase),
            ("exchange.fee_asset", asset),
            ("grid_strategy.type", kind),
            ("execution.backtest_slippage", D(slippage)),
            ("market.amount_step", D(step)),
        )
        for purchase, asset, kind, slippage, step in product(
            ("half", "exact", "none"),
            ("quote", "received"),
            ("simple_grid", "hedged_grid"),
            ("0", "0.002"),
            ("1e-8", "0.1"),
        )
    ],
    ids=lambda changes: "-".join(str(value) for _, value in changes),
)


def preflight(*changes: tuple[str, object], price: Number = PRICE) -> Preflight:
    settings = load(*changes)
    stop = settings.risk_management.stop_loss
    return check(grid_rules(settings), D(price), settings.trading_settings.initial_balance, stop.price)


def stopping_at(price: Number) -> Changes:
    return ((f"{STOP}.enabled", True), (f"{STOP}.threshold", D(price)))


# --- against what really happens -----------------------------------------------------------------------


@options
def test_the_worst_case_at_the_bottom_is_what_a_straight_fall_leaves(changes: Changes) -> None:
    worst = preflight(*changes).at_bottom
    fall = candles(PRICE, (170, 170, 150, 150), (150, 150, 130, 130))
    assert worst.price == 130
    assert worst.value == stepped(fall, *changes).result.final_value
    assert worst.loss == 1000 - worst.value
    assert worst.loss_percent == worst.loss / 10


@options
@pytest.mark.parametrize("stop", [100, 130, 140])
def test_the_worst_case_at_the_stop_is_what_a_straight_fall_leaves(changes: Changes, stop: int) -> None:
    changes = changes + stopping_at(stop)
    worst = preflight(*changes).at_stop_loss
    assert worst is not None
    run = stepped(candles(PRICE, (170, 170, 90, stop)), *changes).result
    assert run.stop_reason == "stop_loss"
    # Dust is kept, not sold: it is spared slippage and fee. And the fee is rounded.
    spared = run.final_base * stop * D("0.003") + D("1e-8")
    assert abs(worst.value - run.final_value) <= spared


@pytest.mark.parametrize(
    ("purchase", "stop"),
    [
        ("half", 175),  # the price is beyond it from the start: the grid sells at 170, not at 175
        ("none", 150),  # nothing is held when it is passed: the first buy, at 147.5, is sold at once
    ],
)
def test_the_worst_case_at_a_stop_that_is_passed_before_it_counts_is_what_really_happens(
    purchase: str, stop: int
) -> None:
    changes = (("grid_strategy.initial_purchase", purchase), *stopping_at(stop))
    worst = preflight(*changes).at_stop_loss
    assert worst is not None
    run = stepped(candles(PRICE, (170, 170, 140, 140)), *changes).result
    assert run.stop_reason == "stop_loss"
    assert abs(worst.value - run.final_value) <= D("1e-7")


@options
def test_levels_are_placed_or_wait_as_they_will_be(changes: Changes) -> None:
    changes = (*changes, ("market.min_cost", D(190)))
    checked = preflight(*changes)
    run = stepped(candles(PRICE, PRICE), *changes).result
    because = [level.waits_because for level in checked.levels]
    assert because.count(None) == run.open_orders
    assert sum(reason is not None and reason.startswith("waits") for reason in because) == run.waiting_levels


@pytest.mark.parametrize(("price", "step"), [("0.00001", "1e-8"), ("0.1", "0.1")])
def test_a_purchase_of_all_the_money_is_planned_as_it_will_be_made(price: str, step: str) -> None:
    """Below a cent a coin, what is rounded down of the quantity does not cover what the fee is rounded up."""
    changes = (
        ("grid_strategy.initial_purchase", "exact"),
        ("grid_strategy.range.bottom", D(price)),
        ("grid_strategy.range.top", D(price) * 2),
        ("market.amount_step", D(step)),
        ("market.price_tick", D("1e-10")),
    )
    checked = preflight(*changes, price=price)
    run = stepped(candles(price, price), *changes).result
    assert sum((one.quantity for one in run.trades), ZERO) == checked.purchase
    assert sum(level.waits_because is None for level in checked.levels) == run.open_orders


@options
def test_a_cycle_earns_what_was_said(changes: Changes) -> None:
    buyers = [one for one in preflight(*changes).levels if one.side is BUY and one.waits_because is None]
    said = {level.slot: level.cycle_profit for level in buyers}
    run = stepped(candles(PRICE, (170, 170, 130, 130), (130, "182.5", 130, "182.5")), *changes)
    earned = {cycle.slot: cycle.profit for cycle in run.cycles if cycle.slot in said}
    assert set(earned) == set(said) >= {"1"}
    for slot, profit in earned.items():
        assert abs(profit - said[slot]) < D("1e-20")


# --- by hand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("received", [False, True])
@pytest.mark.parametrize("rate", ["0.001", "0.01", "0.00075", "0"])
def test_break_even_spacing_breaks_even(received: bool, rate: str) -> None:  # noqa: FBT001 - a mode
    asset = "received" if received else "quote"
    rules = grid_rules(load(("exchange.trading_fee", D(rate)), ("exchange.fee_asset", asset)))
    ratio = break_even_ratio(rules)

    def earned(wider: Decimal) -> Decimal:
        low = D(150)
        return cycle_profit(rules, PlannedLevel("0", 0, low, low * ratio * wider, BUY, D(10)))

    assert abs(earned(D(1))) < D("2e-6")  # a step of base, and two roundings of fees
    assert earned(D("1.00001")) > D("0.01")
    assert earned(D("0.99999")) < D("-0.01")


def test_money_used_and_idle_by_hand() -> None:
    checked = check(rules_with(), D(114), D(570), None)  # unit 1, 2.5 bought; the seller at 140 waits
    assert (checked.unit, checked.purchase, checked.purchase_cost) == decimals(1, "2.5", 285)
    assert [(one.slot, one.side, one.price, one.reserves, one.waits_because) for one in checked.levels] == [
        ("1", SELL, D(120), D(1), None),
        ("0", BUY, D(100), D(100), None),
        ("2", SELL, D(130), D(1), None),
        ("3", SELL, D(140), D(1), "waits for funds"),
    ]
    idle = 285 - 100 + D("0.5") * 114
    assert (checked.capital, checked.capital_idle, checked.capital_used) == decimals(570, idle, 570 - idle)
    assert checked.at_stop_loss is None
    assert checked.break_even_percent == 0


def test_profit_of_a_cycle_by_hand() -> None:
    checked = preflight(("exchange.trading_fee", D("0.01")), price=165)
    level = next(one for one in checked.levels if one.slot == "0")
    assert (level.low, level.high) == decimals(130, "147.5")
    earned = level.quantity * (D("147.5") - 130) - level.quantity * (D("147.5") + 130) / 100
    assert abs(level.cycle_profit - earned) <= D("1e-8")
    assert abs(level.cycle_percent - 100 * level.cycle_profit / (130 * level.quantity)) < D("1e-20")


# --- warnings ------------------------------------------------------------------------------------------


def test_a_sound_grid_has_no_warnings() -> None:
    assert preflight(("grid_strategy.initial_purchase", "exact"), price=165).warnings == ()


@pytest.mark.parametrize(
    ("changes", "price", "words"),
    [
        ([("exchange.trading_fee", D("0.1"))], 170, "4 levels of 4 lie closer"),
        ([("exchange.trading_fee", D("0.06"))], 170, "3 levels of 4 lie closer"),
        ([("exchange.trading_fee", D("0.06"))], 170, "levels 1 to 3"),
        ([("exchange.trading_fee", D("0.0488"))], 170, "level 3"),
        ([("grid_strategy.initial_purchase", "none")], 170, "waits for funds"),
        ([("market.min_cost", D(200))], 170, "under the market's minimums"),
        ([("market.amount_step", D(2))], 170, "idle"),
        ([("market.min_cost", D(501))], 170, "No initial purchase is made"),
        (stopping_at(170), 170, "stop_loss.threshold 170 is at or above the price 170"),
    ],
)
def test_what_will_disappoint_is_warned_of(changes: list[tuple[str, object]], price: int, words: str) -> None:
    warnings = preflight(*changes, price=price).warnings
    assert any(words in warning for warning in warnings), warnings


def test_a_stop_below_the_price_is_no_reason_to_warn() -> None:
    assert preflight(("grid_strategy.initial_purchase", "exact"), *stopping_at(164), price=165).warnings == ()
