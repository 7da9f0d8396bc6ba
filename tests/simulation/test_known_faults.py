"""What a widely used grid bot gets wrong in backtests, and how it is here: one test or more for each fault."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from math import sqrt
from statistics import mean
from typing import Any

import pytest
from attrs import evolve

from engine.addresses import GridAddresses
from engine.messages import DescribeFunds, DescribeOrders, FundsDescribed, OrderFilled, OrderReported, PlaceOrder
from engine.plain import plain
from engine.results import GridRun
from engine.stepper import Stepper
from engine.values import ZERO
from tests.simulation.drawn_worlds import random_world
from tests.simulation.worlds import (
    START,
    Options,
    World,
    candles_at,
    results_of,
    run,
    run_on_threads,
)

FREE = Options(fee=ZERO, num_grids=3, top=Decimal(120), capital=Decimal(660))  # levels at 100, 110 and 120
DEAR = evolve(FREE, fee=Decimal("0.01"))


def limits(finished: GridRun) -> list[str]:
    """List the limit trades as `buy 110`."""
    return [f"{trade.side} {plain(trade.price)}" for trade in finished.result.trades if trade.kind == "limit"]


# --- "Its answering orders land on levels that its own simulator never matches" -------------------------


@pytest.mark.parametrize("kind", ["simple_grid", "hedged_grid"])
@pytest.mark.parametrize("spacing", ["arithmetic", "geometric"])
@pytest.mark.parametrize("purchase", ["half", "exact", "none"])
@pytest.mark.parametrize("fee_asset", ["quote", "received"])
def test_answers_trade_on_for_as_long_as_the_price_swings(
    kind: str, spacing: str, purchase: str, fee_asset: str
) -> None:
    options = evolve(
        DEAR,
        num_grids=5,
        top=Decimal(140),
        fee=Decimal("0.001"),
        kind=kind,
        spacing=spacing,
        purchase=purchase,
        fee_asset=fee_asset,
    )
    armed = run(World(options, candles_at(118))).result
    assert armed.open_orders >= 2
    cycles = Counter(cycle.slot for cycle in run(World(options, candles_at(118, *(95, 145) * 200))).cycles)
    assert sum(count >= 199 for count in cycles.values()) >= armed.open_orders


# --- "Take-profit and stop-loss end the run but sell nothing" -------------------------------------------


@pytest.mark.parametrize("later", [50, 500])
@pytest.mark.parametrize(
    ("exiting", "reason", "path", "price"),
    [
        (evolve(DEAR, take_profit=Decimal("123.5")), "take_profit", (110, 105, 130), "123.5"),
        (evolve(DEAR, stop_loss=Decimal("91.5")), "stop_loss", (110, 115, 80), "91.5"),
    ],
)
def test_an_exit_sells_all_that_is_held_at_its_price_and_the_value_stays(
    exiting: Options, reason: str, path: tuple[int, ...], price: str, later: int
) -> None:
    options = evolve(exiting, slippage=Decimal("0.002"))
    result = run(World(options, candles_at(*path, later, later))).result
    last = result.trades[-1]
    factor = 1 - options.slippage
    assert (result.stop_reason, last.side, last.kind, last.price) == (reason, "sell", "market", Decimal(price) * factor)
    assert result.final_base == result.open_orders == result.waiting_levels == 0
    assert result.final_value == result.final_quote == run(World(options, candles_at(*path))).result.final_value


# --- "A candle that gaps past a level does not fill it" -------------------------------------------------


def test_a_gap_fills_every_level_that_it_passes_at_the_levels_own_price() -> None:
    options = evolve(FREE, num_grids=5, top=Decimal(140), purchase="exact")
    fall = run(World(options, candles_at(140, (85, 88, 82, 86))))
    assert limits(fall) == ["buy 130", "buy 120", "buy 110", "buy 100"]
    rise = run(World(options, candles_at(100, (150, 152, 149, 151))))
    assert limits(rise) == ["sell 110", "sell 120", "sell 130", "sell 140"]


# --- "Orders placed at a candle's close are filled by that same candle's high and low" ------------------


def test_a_candle_does_not_fill_what_is_placed_at_its_close() -> None:
    finished = run(World(FREE, candles_at((110, 130, 90, 110))))
    assert [trade.kind for trade in finished.result.trades] == ["market"]
    assert finished.result.open_orders == 2


def test_an_answer_is_filled_only_by_the_rest_of_the_candles_path() -> None:
    """Check that the high, which comes before the low, does not fill the sell that the low brings about."""
    high_first = run(World(FREE, candles_at(110, (112, 115, 100, 105))))
    assert limits(high_first) == ["buy 100"]
    low_first = run(World(FREE, candles_at(110, (107, 115, 100, 105))))
    assert limits(low_first) == ["buy 100", "sell 110"]


# --- "Open orders live in a set ordered by identity: three runs, three results" -------------------------


def test_orders_at_one_price_fill_oldest_first_in_every_run() -> None:
    """Check two sells at 110: the hedged level's own, and the younger one that its twin answers a buy with."""
    options = evolve(FREE, kind="hedged_grid", fee=Decimal("0.001"))
    world = World(options, candles_at(105, *(100, 110) * 20))
    finished = run(world)
    slots = [trade.owner.slot for trade in finished.result.trades[1:]]
    assert slots[:3] == ["0", "0b", "0"]
    assert {results_of(run(world)) for _ in range(5)} | {results_of(run_on_threads(world))} == {results_of(finished)}


# --- "Fees are not reserved: free quote goes below zero. One failed placement releases its funds twice" -


def funds_and_orders(stepper: Stepper) -> tuple[FundsDescribed, tuple[PlaceOrder, ...]]:
    addresses = GridAddresses("SOL/USDT")
    return (
        stepper.ask(addresses.balance_tracker, DescribeFunds()),
        tuple(order.wish for order in stepper.ask(addresses.order_manager, DescribeOrders())),
    )


def order_ids(stepper: Stepper) -> list[str]:
    behaviour: Any = stepper._behaviours[GridAddresses("SOL/USDT").order_manager]
    return list(behaviour._open)


def test_a_buy_reserves_its_fee_with_its_cost() -> None:
    stepper = Stepper()
    run(World(DEAR, candles_at(110)), stepper)
    funds, orders = funds_and_orders(stepper)
    buys = [order for order in orders if order.side == "buy"]
    assert [(order.price, order.quantity) for order in buys] == [(Decimal(100), Decimal(2))]
    assert funds.reserved_quote == 2 * 100 * Decimal("1.01")


def test_a_buy_whose_fee_cannot_be_paid_waits() -> None:
    """Check that what a sale at 110 brings, less 6 %, is enough for the same at 100 but not for its fee as well."""
    stepper = Stepper()
    finished = run(World(evolve(FREE, fee=Decimal("0.06"), purchase="exact"), candles_at(100, 110)), stepper)
    sold = finished.result.trades[-1]
    funds, _ = funds_and_orders(stepper)
    assert [(wish.price, wish.quantity) for wish in funds.waiting] == [(Decimal(100), sold.quantity)]
    assert 100 * sold.quantity < funds.free_quote < 100 * sold.quantity * Decimal("1.06")


def test_what_is_reported_twice_counts_once() -> None:
    stepper = Stepper()
    run(World(DEAR, candles_at(110)), stepper)
    order_manager = GridAddresses("SOL/USDT").order_manager
    before, (buy, _) = funds_and_orders(stepper)
    name = order_ids(stepper)[0]
    for _ in range(3):
        stepper.send(order_manager, OrderReported(name, ZERO, is_open=False))
    stepper.settle()
    after, orders = funds_and_orders(stepper)
    assert len(orders) == 1
    assert after.reserved_quote == 0
    assert after.free_quote == before.free_quote + buy.price * buy.quantity * Decimal("1.01")

    (name,) = order_ids(stepper)
    fill = OrderFilled(name, "7", Decimal(120), orders[0].quantity, ZERO, "USDT", START)
    for _ in range(3):
        stepper.send(order_manager, fill)
    stepper.settle()
    sold, _ = funds_and_orders(stepper)
    total = after.free_quote + after.reserved_quote + 120 * orders[0].quantity
    assert sold.free_quote + sold.reserved_quote == total


# --- "ROI starts after the first fee; grid gains are all sells minus all buys, inventory included" -------


def test_the_return_counts_the_fee_and_slippage_of_the_initial_purchase() -> None:
    result = run(World(DEAR, candles_at(110, 110))).result
    assert result.initial_value == 660
    assert result.roi_percent == Decimal("-0.5")  # 1 % of the half that was spent
    assert result.max_drawdown_percent == Decimal("0.5")
    slipped = run(World(evolve(FREE, slippage=Decimal("0.1")), candles_at(110))).result
    bought = slipped.trades[0].quantity
    assert slipped.final_value == 660 - bought * 11


def test_grid_profit_is_that_of_complete_cycles_and_not_what_is_held() -> None:
    falling = run(World(FREE, candles_at(120, 100))).result
    assert (falling.buys, falling.sells) == (2, 0)
    assert falling.grid_profit == 0
    assert falling.unrealized_profit == falling.final_value - 660 < 0

    once = run(World(FREE, candles_at(110, 100, 110, 100))).result  # 2 bought at 100, sold at 110, bought again
    assert once.cycles == 1
    assert once.grid_profit == 20
    assert once.final_value == once.initial_value + once.grid_profit + once.unrealized_profit


# --- "Sortino ignores the number of good periods" -------------------------------------------------------


@pytest.mark.parametrize("good_periods", [3, 300])
def test_sortino_takes_its_deviation_over_all_periods(good_periods: int) -> None:
    finished = run(World(FREE, candles_at(110, 105, *range(106, 109), *[109] * good_periods)))
    values = [660.0, *finished.equity.tolist()]
    periods = 365 * 24 * 60
    excess = [after / before - 1 - 0.03 / periods for before, after in pairwise(values)]
    downside = sqrt(sum(min(value, 0) ** 2 for value in excess) / len(excess))
    assert float(finished.result.sortino or 0) == pytest.approx(mean(excess) / downside * sqrt(periods), rel=1e-6)


# --- "A limit buy fills above its limit when slippage is on" --------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_no_limit_order_fills_at_a_worse_price_than_its_own(seed: int) -> None:
    drawn = random_world(seed, candles=100)
    finished = run(evolve(drawn, options=evolve(drawn.options, slippage=Decimal("0.05"))))
    for trade in finished.result.trades:
        if trade.owner.level is None:
            continue
        low, high = finished.ladder[trade.owner.level], finished.ladder[trade.owner.level + 1]
        assert trade.price <= low if trade.side == "buy" else trade.price >= high
