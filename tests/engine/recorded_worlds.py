"""Grids and what happens to them, drawn whole from a seed."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from attrs import define

from engine.grid import GridRules, level_prices
from engine.journal.memory_store import MemoryStore
from engine.settings.choices import GridType, InitialPurchase, Spacing
from engine.values import ONE, ZERO, Fees, Market
from tests.engine.recorded_exchange import Manners
from tests.engine.recorded_grid import RecordedGrid

_MARGIN = Decimal("0.000001")  # for fees of parts, each rounded up

KIND = Manners()
ROUGH = Manners(parts=0.5, expires=0.1, third_fees=0.1)
REFUSING = Manners(refuses=0.15, parts=0.4, expires=0.1)
HASTY = Manners(parts=0.5, expires=0.1, longest_step=1)  # half of all in one millisecond with the next


@define
class World:
    """Hold a grid after all that happened to it, and what was written of it at some moment on the way."""

    grid: RecordedGrid
    backup: MemoryStore


def random_world(seed: int, manners: Manners, steps: int = 40) -> World:
    """Run a grid up and down its range; now and then it is stopped, or ends in the middle of whatever."""
    random = Random(seed)
    rules = random_rules(random)
    grid = RecordedGrid(rules, Decimal(1000), seed, manners)
    backup, cut = grid.backup(), random.randrange(steps)
    prices = level_prices(rules)
    inside = (prices[0] + prices[-1]) / 2
    grid.move(rules.market.round_price(inside + (prices[-1] - inside) * _share(random)))
    for step in range(steps):
        if step == cut:
            backup = grid.backup()
        happen(grid, random)
    if random.random() < 0.15:
        grid.liquidate(prices[0])
        grid.let_time_pass()
    return World(grid, backup)


def random_rules(random: Random) -> GridRules:
    """Draw a grid whose orders are worth some ten of its money's thousand or more."""
    choose = random.choice
    bottom = Decimal(random.randint(80, 120))
    return GridRules(
        type=choose([*GridType]),
        spacing=choose([*Spacing]),
        num_grids=random.randint(3, 10),
        bottom=bottom,
        top=bottom * Decimal(random.randint(115, 200)) / 100,
        buy_ratio=choose([ONE, ONE, Decimal("0.9")]),
        sell_ratio=choose([ONE, ONE, Decimal("0.8")]),
        initial_purchase=choose([*InitialPurchase]),
        slippage=choose([ZERO, Decimal("0.01")]),
        market=Market(
            "SOL",
            "USDT",
            price_tick=Decimal("0.01"),
            amount_step=choose([Decimal("0.001"), Decimal("0.01"), Decimal("0.1")]),
            min_amount=choose([ZERO, Decimal("0.1")]),
            min_cost=choose([ZERO, Decimal(10), Decimal(30)]),
        ),
        fees=Fees(choose([ZERO, Decimal("0.001"), Decimal("0.01")]), choose([False, True]), _MARGIN),
    )


def happen(grid: RecordedGrid, random: Random) -> None:
    """Let something happen to a grid; most often its price moves."""
    chance, prices = random.random(), level_prices(grid.rules)
    if chance < 0.7:
        span = prices[-1] - prices[0]
        anywhere = [grid.rules.market.round_price(prices[0] + span * (_share(random) + 1) / 2) for _ in range(3)]
        grid.move(*anywhere[: random.choice([1, 1, 2, 3])])
    elif chance < 0.85:
        grid.let_time_pass(random.randint(1, 5))
    elif chance < 0.92:
        grid.catch_up()
    elif chance < 0.97:
        grid.restart()
    else:
        grid.stop()
        grid.restart()


def _share(random: Random) -> Decimal:
    return Decimal(random.randint(-105, 105)) / 100
