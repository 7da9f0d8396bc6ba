"""Worlds drawn whole from a seed."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from engine.values import ONE, SATOSHI, ZERO
from tests.simulation.terrain import Terrain, wandering_candles
from tests.simulation.worlds import Options, World


def random_world(seed: int, candles: int = 200) -> World:
    """Draw all options and candles: prices from 0.00000123 to 60000, plenty or scarce money, cheap or dear fees."""
    random = Random(seed)
    options = _random_options(random)
    while (ladder := _ladder_or_none(options)) is None:
        options = _random_options(random)
    magnets = sorted({*ladder, *(price for price in (options.take_profit, options.stop_loss) if price is not None)})
    unit = random.choice([options.price_tick, _digits(ladder[0], 3), _digits(ladder[0], random.randint(1, 12))])
    return World(options, wandering_candles(random, candles, Terrain(magnets, unit, random.choice([0.02, 0.05, 0.15]))))


def _random_options(random: Random) -> Options:
    choose = random.choice
    bottom = choose([Decimal("0.00000123"), Decimal("0.0371"), Decimal(1), Decimal(100), Decimal(60_000)])
    bottom = max((bottom * _share(random, 0.8, 1.2)).quantize(SATOSHI), SATOSHI)
    top = (bottom * _share(random, 1.02, 2.2)).quantize(SATOSHI)
    num_grids = choose([2, 3, 4, 5, 8, 12, 20])
    capital = choose([Decimal(1000), Decimal(1000), Decimal(150), 10_000 * bottom, Decimal("0.00005"), Decimal(3)])
    take_profit, stop_loss = _random_exits(random, bottom, top)
    return Options(
        kind=choose(["simple_grid", "hedged_grid"]),
        spacing=choose(["arithmetic", "geometric"]),
        purchase=choose(["half", "exact", "none"]),
        fee_asset=choose(["quote", "received"]),
        num_grids=num_grids,
        bottom=bottom,
        top=max(top, bottom + num_grids * SATOSHI),
        capital=capital,
        fee=Decimal(choose(["0", "0.001", "0.001", "0.00075", "0.01", "0.05", "0.3"])),
        slippage=Decimal(choose(["0", "0", "0.0005", "0.002", "0.05"])),
        buy_ratio=choose([ONE, ONE, Decimal("0.9"), Decimal("0.333")]),
        sell_ratio=choose([ONE, ONE, Decimal("0.8"), Decimal("0.5")]),
        take_profit=take_profit,
        stop_loss=stop_loss,
        **_random_market(random, bottom, top, capital / num_grids),
    )


def _random_market(random: Random, bottom: Decimal, top: Decimal, cost: Decimal) -> dict[str, Any]:
    """Draw market rules that bite for orders of about `cost` quote, or none."""
    if random.random() < 0.5:
        return {}
    amount = cost / bottom
    return {
        "price_tick": max(_digits((top - bottom) / 60, 1), SATOSHI),
        "amount_step": max(_digits(amount * _share(random, 0.01, 0.5), 1), SATOSHI),
        "min_amount": random.choice([ZERO, (amount * _share(random, 0.3, 1)).quantize(SATOSHI)]),
        "min_cost": random.choice([ZERO, (cost * _share(random, 0.3, 1.1)).quantize(SATOSHI)]),
    }


def _random_exits(random: Random, bottom: Decimal, top: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Draw thresholds inside the range, at its ends or beyond them."""
    if random.random() < 0.5:
        return None, None
    loss, profit = sorted(
        (bottom + (top - bottom) * share).quantize(SATOSHI)
        for share in (_share(random, -0.3, 0.5), random.choice([ONE, _share(random, 0.5, 1.3)]))
    )
    loss = max(loss, SATOSHI)
    which = random.randrange(3)
    return profit if which != 0 and profit > loss else None, loss if which != 1 else None


def _ladder_or_none(options: Options) -> list[Decimal] | None:
    try:
        ladder = options.ladder()
    except ValueError:
        return None
    return ladder if ladder[0] > 0 else None


def _share(random: Random, least: float, most: float) -> Decimal:
    return Decimal(str(round(random.uniform(least, most), 4)))


def _digits(price: Decimal, digits: int) -> Decimal:
    """Give the unit in which `price` has so many significant digits."""
    return ONE.scaleb(price.adjusted() + 1 - digits)
