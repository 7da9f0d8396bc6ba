"""The engine and an independent, naive reference agree on every world, trade by trade and cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.candles import Candle
from engine.values import ONE, SATOSHI, ZERO
from tests.simulation.comparison import differences
from tests.simulation.drawn_worlds import random_world
from tests.simulation.terrain import Terrain, wandering_candles
from tests.simulation.worlds import (
    MINUTE,
    START,
    Options,
    World,
    candles_at,
    run,
    simulate,
)

BOTTOM, TOP, CAPITAL = Decimal(130), Decimal(190), Decimal(10_000)
RATIOS = ((ONE, ONE), (Decimal("0.9"), Decimal("0.8")))
SLIPPAGES = (ZERO, Decimal("0.002"))
EXITS = (
    (None, None),
    (Decimal(196), None),
    (None, Decimal(125)),
    (TOP, BOTTOM),
    (Decimal("178.12345678"), Decimal("145.5")),
)
COUNTS = (2, 3, 6, 11, 20)

EVERY_GRID = pytest.mark.parametrize(
    ("kind", "spacing", "purchase", "fee_asset"),
    list(
        product(
            ("simple_grid", "hedged_grid"),
            ("arithmetic", "geometric"),
            ("half", "exact", "none"),
            ("quote", "received"),
        )
    ),
)


def agree(world: World, name: str = "") -> int:
    """Fail with all that differs; give the number of trades."""
    finished = run(world)
    if found := differences(finished, simulate(world)):
        pytest.fail("\n".join([name, repr(world.options), *found]), pytrace=False)
    return len(finished.result.trades)


def wander(options: Options, seed: int, candles: int) -> World:
    """Let a price touch the levels and thresholds of a grid often and exactly."""
    exits = [price for price in (options.take_profit, options.stop_loss) if price is not None]
    terrain = Terrain(sorted({*options.ladder(), *exits}), Decimal("0.5"), move=0.06)
    return World(options, wandering_candles(Random(seed), candles, terrain))


def market_rules(num_grids: int) -> dict[str, Any]:
    """Give a coarse tick and step, and minimums that the cheapest orders of a grid fall below."""
    cost = CAPITAL / num_grids
    return {
        "price_tick": Decimal("0.5"),
        "amount_step": Decimal("0.01"),
        "min_amount": (cost * Decimal("0.0046")).quantize(SATOSHI),
        "min_cost": (cost * Decimal("0.8")).quantize(SATOSHI),
    }


def variants(**grid: str) -> Iterator[Options]:
    """Give a grid with all its further options, grid counts taking turns, and with all counts alone."""
    plain: Any = {"bottom": BOTTOM, "top": TOP, "capital": CAPITAL, **grid}
    combinations = product(RATIOS, SLIPPAGES, (False, True), EXITS)
    for place, ((buys, sells), slippage, has_market, (profit, loss)) in enumerate(combinations):
        count = COUNTS[(place + place // len(EXITS)) % len(COUNTS)]
        yield Options(
            num_grids=count,
            buy_ratio=buys,
            sell_ratio=sells,
            slippage=slippage,
            take_profit=profit,
            stop_loss=loss,
            **(market_rules(count) if has_market else {}),
            **plain,
        )
    for count in COUNTS:
        yield Options(num_grids=count, **plain)


@EVERY_GRID
def test_every_combination_of_options_ends_as_in_the_reference(
    kind: str, spacing: str, purchase: str, fee_asset: str
) -> None:
    trades = 0
    for place, options in enumerate(variants(kind=kind, spacing=spacing, purchase=purchase, fee_asset=fee_asset)):
        trades += agree(wander(options, seed=place, candles=100), f"variant {place}")
    assert trades > 500, "worlds in which little happens show little"


@pytest.mark.parametrize("block", range(6))
def test_worlds_drawn_from_seeds_end_as_in_the_reference(block: int) -> None:
    for seed in range(block * 40, block * 40 + 40):
        agree(random_world(seed, candles=150), f"seed {seed}")


@pytest.mark.parametrize("fee_asset", ["quote", "received"])
@pytest.mark.parametrize("fee", ["0", "0.001", "0.1"])
@pytest.mark.parametrize("capital", ["0.0000005", "0.002", "5", "1000000"])
@pytest.mark.parametrize("bottom", ["0.00000123", "0.00123", "60000.12"])
def test_worlds_of_every_magnitude_end_as_in_the_reference(bottom: str, capital: str, fee: str, fee_asset: str) -> None:
    """Check quantities that round to zero and spacings below two fees, and their opposites."""
    low = Decimal(bottom)
    options = Options(
        bottom=low,
        top=(low * Decimal("1.3")).quantize(SATOSHI),
        capital=Decimal(capital),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        amount_step=SATOSHI if low < 1 else Decimal("1e-6"),
    )
    for place, (kind, purchase) in enumerate(product(("simple_grid", "hedged_grid"), ("half", "exact"))):
        each = evolve(options, kind=kind, purchase=purchase, num_grids=4 + 3 * place)
        unit = low.scaleb(-3)
        agree(World(each, wandering_candles(Random(place), 100, Terrain(each.ladder(), unit, move=0.1))))


@pytest.mark.parametrize(("fee_asset", "capital"), [("quote", "424.2"), ("received", "418")])
def test_an_exact_purchase_that_leaves_nothing_over_ends_as_in_the_reference(fee_asset: str, capital: str) -> None:
    options = Options(num_grids=3, top=Decimal(120), fee=Decimal("0.01"), capital=Decimal(capital), purchase="exact")
    agree(World(evolve(options, fee_asset=fee_asset), candles_at(110, 100, 120, 95, 125)))


@pytest.mark.parametrize("price", ["110", "111.1", "118.8", "134.8"])
def test_ratios_are_undefined_while_the_value_never_changes(price: str) -> None:
    """Check a free purchase at a price that stays; doubles see a change where there is none."""
    agree(World(Options(fee=ZERO), candles_at(price, price)))


def test_prices_with_all_the_digits_of_a_double_keep_the_books_in_agreement() -> None:
    """Check prices as they are written by programs that compute with doubles."""
    world = World(
        Options(purchase="exact", capital=Decimal(100_000), slippage=Decimal("0.0005")),
        candles_at("134.92513784375657", "140.25349889503354", "129.19609887028372"),
    )
    finished, expected = run(world).result, simulate(world)
    assert (finished.buys, finished.sells) == (expected["buys"], expected["sells"])
    assert abs(finished.final_value - expected["final_value"]) < Decimal("1e-12")


def test_of_two_buyers_that_wait_in_one_hedged_level_the_first_slot_is_served_first() -> None:
    """Check a tie of distance, level and side, in which both need different amounts."""
    prices = (115, 100, 140, 100, 120, 100, 140, 105, 140, 100, 145, 100)
    options = Options(kind="hedged_grid", purchase="exact", fee_asset="received", fee=Decimal("0.1"))
    agree(World(options, candles_at(*prices)))


# --- worlds drawn freely -----------------------------------------------------------------------------

UNITS = st.integers(40, 110)
CANDLES = st.lists(st.tuples(UNITS, UNITS, UNITS, UNITS), min_size=1, max_size=40)
SHARES = st.sampled_from([ONE, Decimal("0.9"), Decimal("0.5"), Decimal("0.123")])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a grid from 50 to 100 units of any size, and candles in whole units that go beyond it on both sides."""
    unit = draw(st.sampled_from([Decimal("0.00000123"), Decimal("0.01"), ONE, Decimal("731.7")]))
    tick = draw(st.sampled_from([SATOSHI, SATOSHI, unit, 5 * unit]))
    profit, loss = draw(st.none() | st.integers(70, 115)), draw(st.none() | st.integers(35, 69))
    options = Options(
        kind=draw(st.sampled_from(["simple_grid", "hedged_grid"])),
        spacing=draw(st.sampled_from(["arithmetic", "geometric"])),
        purchase=draw(st.sampled_from(["half", "exact", "none"])),
        fee_asset=draw(st.sampled_from(["quote", "received"])),
        num_grids=draw(st.integers(2, 11)),
        bottom=50 * unit,
        top=100 * unit,
        capital=draw(st.sampled_from(["0.00002", "0.5", "1000", "123456.78"]).map(Decimal)),
        fee=draw(st.decimals(0, Decimal("0.4"), places=5)),
        slippage=draw(st.decimals(0, Decimal("0.1"), places=4)),
        buy_ratio=draw(SHARES),
        sell_ratio=draw(SHARES),
        price_tick=tick,
        amount_step=draw(st.sampled_from([SATOSHI, SATOSHI, Decimal("0.001"), Decimal(1)])),
        min_amount=draw(st.sampled_from(["0", "0", "0.01", "3"]).map(Decimal)),
        min_cost=draw(st.sampled_from(["0", "0", "0.1", "40"]).map(Decimal)),
        take_profit=None if profit is None else profit * unit,
        stop_loss=None if loss is None else loss * unit,
    )
    try:
        options.ladder()
    except ValueError:
        reject()  # levels that cannot be told apart are refused
    rows = [
        Candle(START + place * MINUTE, first * unit, max(one, other) * unit, min(one, other) * unit, last * unit)
        for place, (first, one, other, last) in enumerate(draw(CANDLES))
    ]
    return World(options, tuple(rows))


@settings(max_examples=150, deadline=None)
@given(world=worlds())
def test_any_world_ends_as_in_the_reference(world: World) -> None:
    agree(world)
