"""A grid whose disk is full: nothing that opens a position goes out, and the way out stays open."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from engine.journal.memory_store import MemoryStore
from engine.journal.rows import Batch
from engine.journal.store import StoreUnavailable
from engine.messages import PriceMoved
from engine.values import Kind, Side
from tests.simulation.killed_world import SECOND
from tests.simulation.test_killed_exits import EXITS, STOPS, StoppableWorld, agrees_with_its_trades, check_over, path
from tests.simulation.test_killed_worlds import GRID, check

D = Decimal


class FillingStore(MemoryStore):
    """Take nothing while the disk is full."""

    is_full = False

    def write(self, batch: Batch) -> None:
        if self.is_full:
            raise StoreUnavailable("disk full")
        super().write(batch)


class FullDisk(StoppableWorld):
    """Have the disk full from some moment on."""

    def __init__(self, *changes: tuple[str, object], seed: int) -> None:
        super().__init__(*changes, seed=seed)
        kept = self.store
        self.store = FillingStore()
        vars(self.store).update(vars(kept))
        self.stepper = self._begin(None)
        self._live(None)

    def fills_up(self) -> None:
        assert isinstance(self.store, FillingStore)
        self.store.is_full = True

    def has_room_again(self) -> None:
        assert isinstance(self.store, FillingStore)
        self.store.is_full = False

    def is_emptied(self) -> None:
        self.has_room_again()
        self._live(None)

    def dies(self) -> None:
        """End at once with nothing more written, and begin again."""
        self._live(0)
        self._live(None)

    def passes(self, price: Decimal, seconds: float = 60) -> None:
        """Let the price move, and some time pass."""
        self.time += SECOND
        self.stepper.send(self.grid.addresses.exchange, PriceMoved(self.time, price))
        end = self.stepper.now + seconds
        self.stepper.settle()
        while self.stepper._timers and self.stepper._timers[0][0] <= end:
            self.stepper.advance_clock()
            self.stepper.settle()


@pytest.mark.parametrize("seed", range(6))
def test_while_the_disk_is_full_nothing_is_placed_and_afterwards_all_is_made_up_for(seed: int) -> None:
    world = FullDisk(*GRID, seed=seed)
    random = Random(seed)
    world.travel([D(100), D(95), D(104)], kills=0)
    sent = len(world.submitted)
    world.fills_up()
    for _ in range(4):
        world.passes(D(random.randrange(82, 118)))
    assert len(world.submitted) == sent
    world.is_emptied()
    assert len(world.submitted) > sent
    check(world)
    assert agrees_with_its_trades(world)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("reason", STOPS)
def test_with_a_full_disk_and_nothing_unsent_an_exit_sells_all(reason: str, seed: int) -> None:
    world = FullDisk(*GRID, *EXITS, seed=seed)
    world.travel([*path(seed, STOPS[reason])[:-1], {"stop_loss": D(79), "take_profit": D(121)}[reason]], kills=0)
    world.fills_up()
    world.passes(STOPS[reason])
    assert [order.kind for order in world.submitted if order.side is Side.SELL][-1] is Kind.MARKET
    assert world.open_orders() == set()
    world.is_emptied()
    check_over(world, reason)
    assert sum(order.kind is Kind.MARKET and order.side is Side.SELL for order in world.submitted) == 1
