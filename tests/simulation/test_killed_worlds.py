"""Killed between any two messages, again and again, a grid comes to what it would have come to undisturbed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from engine.messages import DescribeFunds, DescribeOrders
from engine.orders import OrderState
from engine.values import Kind
from tests.simulation.killed_world import KilledWorld

D = Decimal
GRID = (
    ("grid_strategy.num_grids", 9),
    ("grid_strategy.range", {"bottom": 80, "top": 120}),
    ("grid_strategy.initial_purchase", "half"),
    ("trading_settings.initial_balance", 1000),
)


def path(seed: int, steps: int = 12) -> list[Decimal]:
    random = Random(seed)
    return [D(100), *(D(random.randrange(78, 123)) for _ in range(steps)), D(100)]


def fills(world: KilledWorld) -> Counter[Any]:
    """Give every limit fill but its time and its price, for one that comes late may get a better one."""
    trades = [trade for trade in world.store.trades() if trade.kind is Kind.LIMIT]
    return Counter((trade.owner.slot, trade.side, trade.quantity) for trade in trades)


def check(world: KilledWorld) -> None:
    """Compare ledger, orders and rows with the exchange."""
    addresses = world.grid.addresses
    funds = world.stepper.ask(addresses.balance_tracker, DescribeFunds())
    orders = world.stepper.ask(addresses.order_manager, DescribeOrders())
    written = {row.client_order_id: row for row in world.store.orders.values()}
    live = {name for name, row in written.items() if row.state in (OrderState.ACCEPTED, OrderState.PARTLY_FILLED)}
    assert {order.client_order_id for order in orders} == live == world.open_orders()
    assert len({(row.slot, row.side) for name, row in written.items() if name in live}) == len(live)
    balances = {row.asset: (row.free, row.reserved) for row in world.store.balances.values()}
    assert balances["USDT"] == (funds.free_quote, funds.reserved_quote)
    assert balances["SOL"] == (funds.free_base, funds.reserved_base)
    assert world.store.grid is not None
    assert world.store.grid.plan is not None
    assert len(live) + len(funds.waiting) == len(world.store.grid.plan.levels)


WORLDS = {
    "fees in quote": (),
    "hedged": (("grid_strategy.type", "hedged_grid"),),
    "fees received": (("exchange.fee_asset", "received"),),
    "all money spent": (("grid_strategy.initial_purchase", "exact"), ("grid_strategy.num_grids", 14)),
    "steps and minimums": (
        ("exchange.fee_asset", "received"),
        ("grid_strategy.initial_purchase", "exact"),
        ("market", {"amount_step": D("0.001"), "min_cost": D(5)}),
    ),
}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", WORLDS)
def test_a_grid_that_is_killed_again_and_again_makes_the_fills_of_one_that_is_not(name: str, seed: int) -> None:
    changes = (*GRID, *WORLDS[name])
    undisturbed, killed = KilledWorld(*changes, seed=seed), KilledWorld(*changes, seed=seed)
    undisturbed.travel(path(seed), kills=0)
    killed.travel(path(seed), kills=3)

    check(undisturbed)
    check(killed)
    assert killed.kills > 5
    assert fills(killed) == fills(undisturbed)
