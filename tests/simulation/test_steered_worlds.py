"""Paused, resumed and restarted at any moment, a grid rests without an order and goes on where it was."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from engine.effects import Address, Effect
from engine.messages import DescribeFunds
from engine.messages.steering import PauseGrid, RestartAll, RestartGrid, ResumeGrid
from tests.simulation.killed_world import KilledStepper
from tests.simulation.test_crashed_cores import CrashingWorld
from tests.simulation.test_killed_exits import EXITS, STOPS, check_over
from tests.simulation.test_killed_worlds import GRID, WORLDS, check, fills

D = Decimal
Wish = PauseGrid | ResumeGrid | RestartGrid
PAUSE, RESUME, RESTART = PauseGrid("asked to"), ResumeGrid("asked to"), RestartGrid("asked to")


class CoreSupervisor:
    """Remember that the core is to begin again; a stepper has no supervisor who could do it."""

    def __init__(self) -> None:
        self.is_asked = False

    def handle(self, message: RestartAll) -> list[Effect]:
        assert isinstance(message, RestartAll)
        self.is_asked = True
        return []


class SteeredWorld(CrashingWorld):
    """Wish things of a grid, and begin its core again when it wants that."""

    def _begin(self, dead: KilledStepper | None) -> KilledStepper:
        stepper = super()._begin(dead)
        self._above = CoreSupervisor()
        stepper.add(Address(self.grid.addresses.core), self._above)
        return stepper

    def _live(self, kill_after: int | None) -> None:
        super()._live(kill_after)
        while self._above.is_asked:
            self._above.is_asked = False
            self._restart_core()
            super()._live(None)

    def steer(self, wish: Wish, messages: int | None = None) -> None:
        """Wish something, and let so many messages pass; all is quiet afterwards when that is None."""
        self.stepper.send(self.grid.addresses.grid_manager, wish)
        if messages is None:
            self._live(None)
        else:
            self.stepper._left = messages
            self.stepper.settle()
            self.stepper._left = None

    @property
    def is_paused(self) -> bool:
        assert self.store.grid is not None
        return self.store.grid.pause_reason is not None

    def resume(self) -> None:
        """Have it go on, as often as it takes: a wish may find nobody at home."""
        for _ in range(3):
            self.steer(RESUME)
        assert not self.is_paused


def prices(seed: int) -> list[Decimal]:
    random = Random(seed)
    return [D(100), *(D(random.randrange(78, 123)) for _ in range(10))]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", WORLDS)
def test_a_grid_that_is_paused_and_resumed_between_prices_makes_the_fills_of_one_that_is_not(
    name: str, seed: int
) -> None:
    changes = (*GRID, *WORLDS[name])
    undisturbed, steered = SteeredWorld(*changes, seed=seed), SteeredWorld(*changes, seed=seed)
    for price in prices(seed):
        undisturbed.travel([price], kills=0)
        steered.travel([price], kills=0)
        steered.steer(PAUSE)
        assert steered.open_orders() == set()
        assert steered.is_paused
        steered.resume()

    check(undisturbed)
    check(steered)
    assert fills(steered) == fills(undisturbed)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("name", WORLDS)
def test_wishes_at_any_moment_leave_nothing_doubled_or_lost(name: str, seed: int) -> None:
    world = SteeredWorld(*GRID, *WORLDS[name], seed=seed)
    random = Random(seed)
    for price in prices(seed):
        for _ in range(random.randrange(4)):
            world.steer(random.choice((PAUSE, RESUME, RESTART)), random.randrange(1, 200))
        world.travel([price], kills=random.randrange(2))
        if world.is_paused:
            assert world.open_orders() == set()
    world.resume()
    world.travel([D(100)], kills=0)
    check(world)


@pytest.mark.parametrize("seed", range(20))
def test_a_grid_that_rests_makes_no_trade_and_holds_what_it_held(seed: int) -> None:
    world = SteeredWorld(*GRID, seed=seed)
    world.travel(prices(seed), kills=0)
    world.steer(PAUSE)
    trades = world.store.trades()
    world.travel(prices(seed + 1), kills=1)

    assert world.store.trades() == trades
    assert world.open_orders() == set()
    funds = world.stepper.ask(world.grid.addresses.balance_tracker, DescribeFunds())
    assert (funds.reserved_quote, funds.reserved_base) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_a_pause_before_the_grid_armed_keeps_it_from_arming(seed: int) -> None:
    world = SteeredWorld(*GRID, seed=seed)
    world.travel([D(130)], kills=0)
    world.steer(PAUSE)
    world.travel([D(100)], kills=1)
    assert world.store.trades() == ()

    world.resume()
    world.travel([D(100)], kills=0)
    check(world)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("reason", STOPS)
def test_a_grid_that_rests_still_leaves_the_market_at_its_exits(reason: str, seed: int) -> None:
    world = SteeredWorld(*GRID, *EXITS, seed=seed)
    world.travel(prices(seed), kills=0)
    world.steer(PAUSE)
    world.travel([STOPS[reason]], kills=3)
    check_over(world, reason)
    world.steer(RESUME)
    world.steer(RESTART)
    check_over(world, reason)


def test_a_pause_for_some_time_ends_by_itself() -> None:
    world = SteeredWorld(*GRID, seed=1)
    world.travel([D(100)], kills=0)
    before = world.open_orders()
    world.steer(PauseGrid("asked to", until=5_000, seconds=5.0))  # quiet is when no timer is left
    assert not world.is_paused
    assert len(world.open_orders()) == len(before)
    check(world)


def test_a_pause_that_is_made_longer_does_not_end_when_it_was_to() -> None:
    world = SteeredWorld(*GRID, seed=1)
    world.travel([D(100)], kills=0)
    world.steer(PauseGrid("asked to", until=5_000, seconds=5.0), messages=200)
    world.steer(PAUSE)
    assert world.is_paused
    assert world.open_orders() == set()
