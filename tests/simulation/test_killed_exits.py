"""Killed between any two messages, a grid that sells out or is stopped comes to its end once, and stays there."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from engine.effects import Effect
from engine.messages import DescribeFunds, DescribeOrders, StopGrid, SubmitOrder
from engine.orders import OrderState
from engine.values import ZERO, Kind, Side
from tests.simulation.killed_world import KilledWorld
from tests.simulation.parts_exchange import PartsExchange
from tests.simulation.test_killed_worlds import GRID, fills

D = Decimal
EXITS = (
    ("risk_management.take_profit", {"enabled": True, "threshold": 124}),
    ("risk_management.stop_loss", {"enabled": True, "threshold": 76}),
)
WORLDS: dict[str, tuple[tuple[str, object], ...]] = {
    "fees in quote": (),
    "hedged": (("grid_strategy.type", "hedged_grid"),),
    "fees received": (("exchange.fee_asset", "received"),),
    "steps and minimums": (
        ("exchange.fee_asset", "received"),
        ("grid_strategy.initial_purchase", "exact"),
        ("market", {"amount_step": D("0.001"), "min_cost": D(5)}),
    ),
}
STOPS = {"stop_loss": D(76), "take_profit": D(124)}


class StoppableWorld(KilledWorld):
    """Also stop by hand, and look at what an exchange was asked for."""

    def __init__(self, *changes: tuple[str, object], seed: int) -> None:
        self.submitted: list[SubmitOrder] = []
        super().__init__(*changes, seed=seed)
        self.note_orders()

    def note_orders(self) -> None:
        """Note every order that comes to the exchange."""
        handle = self.exchange.handle

        def noting(message: Any) -> list[Effect]:
            if isinstance(message, SubmitOrder):
                self.submitted.append(message)
            return handle(message)

        self.exchange.handle = noting  # type: ignore[method-assign]

    def stop(self, kills: int) -> None:
        """Ask to stop, as often as it takes: whoever asks is told when it is done, and may have died with the grid."""
        for left in range(kills, -1, -1):
            self.stepper.send(self.grid.addresses.grid_manager, StopGrid("SIGINT"))
            self._live(self.random.randrange(1, 60) if left else None)

    @property
    def balances(self) -> dict[str, tuple[Decimal, Decimal]]:
        return {row.asset: (row.free, row.reserved) for row in self.store.balances.values()}

    @property
    def written_orders(self) -> set[str]:
        live = (OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.PARTLY_FILLED)
        return {name for name, row in self.store.orders.items() if row.state in live}


def path(seed: int, last: Decimal, steps: int = 8) -> list[Decimal]:
    random = Random(seed)
    return [D(100), *(D(random.randrange(78, 123)) for _ in range(steps)), last]


def agrees_with_its_trades(world: KilledWorld) -> bool:
    """Tell whether what is written of the money is what its trades make of it."""
    quote, base = D(1000), ZERO
    for trade in world.store.trades():
        sign = 1 if trade.side is Side.BUY else -1
        quote -= sign * trade.price * trade.quantity
        base += sign * trade.quantity
        if trade.fee_asset == "USDT":
            quote -= trade.fee
        else:
            base -= trade.fee
    rows = {row.asset: row.free + row.reserved for row in world.store.balances.values()}
    return rows == {"USDT": quote, "SOL": base}


def check_over(world: StoppableWorld, reason: str) -> None:
    """See that all is sold, nothing is open, and that this is written for good."""
    assert world.store.grid is not None
    assert world.store.grid.stop_reason == world.store.grid.liquidation == reason
    assert world.open_orders() == world.written_orders == set()
    dust = world.balances["SOL"]
    assert dust[1] == 0
    market = world.grid.rules.market
    assert (rest := market.floor_amount(dust[0])) == 0 or not market.accepts(STOPS[reason], rest)
    assert world.balances["USDT"][1] == 0
    assert agrees_with_its_trades(world)
    names = [order.client_order_id for order in world.submitted]
    assert len(names) == len(set(names))
    assert all(order.quantity > 0 for order in world.store.orders.values())


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("reason", STOPS)
@pytest.mark.parametrize("name", WORLDS)
def test_an_exit_that_is_killed_again_and_again_ends_flat_and_stays_ended(name: str, reason: str, seed: int) -> None:
    world = StoppableWorld(*GRID, *EXITS, *WORLDS[name], seed=seed)
    world.travel(path(seed, STOPS[reason])[:-1], kills=2)
    world.travel([STOPS[reason]], kills=6)
    check_over(world, reason)
    trades = len(world.store.trades())
    sent = len(world.submitted)
    world.travel([D(100), D(80), D(120)], kills=2)
    assert (len(world.store.trades()), len(world.submitted)) == (trades, sent)
    check_over(world, reason)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", WORLDS)
def test_a_stop_by_hand_that_is_killed_takes_all_down_and_keeps_the_position(name: str, seed: int) -> None:
    undisturbed, world = (StoppableWorld(*GRID, *WORLDS[name], seed=seed) for _ in range(2))
    way = path(seed, D(100))
    undisturbed.travel(way, kills=0)
    world.travel(way, kills=1)
    world.stop(kills=4)
    assert world.open_orders() == world.written_orders == set()
    assert world.store.grid is not None
    assert world.store.grid.stop_reason is None
    assert agrees_with_its_trades(world)
    assert sum(world.balances["SOL"]) == sum(undisturbed.balances["SOL"])
    orders = world.stepper.ask(world.grid.addresses.order_manager, DescribeOrders())
    assert orders == ()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", WORLDS)
def test_after_a_stop_by_hand_the_next_start_goes_on_with_the_same_orders(name: str, seed: int) -> None:
    world = StoppableWorld(*GRID, *WORLDS[name], seed=seed)
    world.travel(path(seed, D(100)), kills=1)
    before = resting(world)
    funds = world.stepper.ask(world.grid.addresses.balance_tracker, DescribeFunds())
    world.stop(kills=2)
    assert world.open_orders() == set()
    world._live(0)
    world._live(None)
    assert resting(world) == before
    again = world.stepper.ask(world.grid.addresses.balance_tracker, DescribeFunds())
    assert (again.reserved_quote, again.reserved_base) == (funds.reserved_quote, funds.reserved_base)
    assert fills(world)


def resting(world: KilledWorld) -> Counter[Any]:
    live = world.open_orders()
    return Counter(
        (row.slot, row.side, row.price, row.quantity) for name, row in world.store.orders.items() if name in live
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("purchase", ["half", "exact", "none"])
def test_a_grid_that_is_killed_while_it_arms_orders_everything_once(purchase: str, seed: int) -> None:
    changes = (*GRID, ("grid_strategy.initial_purchase", purchase))
    undisturbed, world = StoppableWorld(*changes, seed=seed), StoppableWorld(*changes, seed=seed)
    undisturbed.travel([D(100)], kills=0)
    world.travel([D(100)], kills=8)
    assert resting(world) == resting(undisturbed)
    assert all(order.quantity > 0 for order in world.store.orders.values())
    bought = [trade.quantity for trade in world.store.trades() if trade.kind is Kind.MARKET]
    assert bought == [trade.quantity for trade in undisturbed.store.trades() if trade.kind is Kind.MARKET]


class WorldOfParts(StoppableWorld):
    """Trade where orders fill in parts, and some expire."""

    def __init__(self, *changes: tuple[str, object], seed: int) -> None:
        super().__init__(*changes, seed=seed)
        rules, slippage = self.grid.rules, self.grid.settings.execution.backtest_slippage
        self.exchange = PartsExchange(rules.market, rules.fees, slippage, self.grid.addresses, seed)
        self.note_orders()
        self.stepper = self._begin(None)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("reason", STOPS)
@pytest.mark.parametrize("name", WORLDS)
def test_an_exit_in_parts_that_is_killed_ends_flat_and_stays_ended(name: str, reason: str, seed: int) -> None:
    world = WorldOfParts(*GRID, *EXITS, *WORLDS[name], seed=seed)
    world.travel(path(seed, STOPS[reason])[:-1], kills=2)
    assert world.open_orders() == world.written_orders
    assert agrees_with_its_trades(world)
    world.travel([STOPS[reason]], kills=6)
    check_over(world, reason)
