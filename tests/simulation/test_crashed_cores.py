"""When its core crashes, a grid goes on from a journal, an exchange and a risk monitor that never stopped."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from engine.messages import LiquidateGrid
from engine.stepped_system import start_stepped
from engine.supervision import SupervisorSpec
from tests.simulation.killed_world import KilledStepper
from tests.simulation.test_killed_exits import EXITS, STOPS, StoppableWorld, check_over, path
from tests.simulation.test_killed_worlds import GRID, WORLDS, check, fills

D = Decimal


class CrashingWorld(StoppableWorld):
    """Crash the core alone, with all that had been sent to it.

    What an actor decides on one message is sent together, as by the post: a crash does not come between.
    """

    def _begin(self, dead: KilledStepper | None) -> KilledStepper:
        stepper = super()._begin(dead)
        turn = stepper._turn

        def whole_turn(address: str) -> None:
            turn(address)
            while stepper._outboxes[address]:
                turn(address)

        stepper._turn = whole_turn  # type: ignore[method-assign]
        return stepper

    def _live(self, kill_after: int | None) -> None:
        self.stepper._left = kill_after
        self.stepper.settle()
        while not self.stepper.is_killed and self.stepper.advance_clock():
            self.stepper.settle()
        if self.stepper.is_killed:
            self.kills += 1
            self.stepper._left = None
            self._restart_core()

    def _restart_core(self) -> None:
        stepper, addresses = self.stepper, self.grid.addresses
        core = {addresses.balance_tracker, addresses.order_manager, addresses.levels, addresses.grid_manager}

        def falls(address: str) -> bool:
            return address in core or address.startswith(f"{addresses.grid}/level/")

        for address in filter(falls, list(stepper._behaviours)):
            stepper.remove(address)
        for post in (stepper._inboxes, stepper._outboxes):
            for address in filter(falls, list(post)):
                del post[address]
        stepper._ready = [address for address in stepper._ready if not falls(address)]
        stepper._timers = [timer for timer in stepper._timers if not falls(timer[2])]
        spec = self.spec
        children = tuple(child for child in spec.children if child.address in core)
        assert len(children) == len(core)
        start_stepped(stepper, SupervisorSpec(spec.address, spec.strategy, children))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("name", WORLDS)
def test_a_grid_whose_core_crashes_again_and_again_makes_the_fills_of_one_that_does_not(name: str, seed: int) -> None:
    changes = (*GRID, *WORLDS[name])
    random = Random(seed)
    way = [D(100), *(D(random.randrange(78, 123)) for _ in range(40)), D(100)]
    undisturbed, crashed = CrashingWorld(*changes, seed=seed), CrashingWorld(*changes, seed=seed)
    undisturbed.travel(way, kills=0)
    crashed.travel(way, kills=3)

    check(undisturbed)
    check(crashed)
    assert crashed.kills > 5
    assert fills(crashed) == fills(undisturbed)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("reason", STOPS)
def test_an_exit_during_which_the_core_crashes_ends_flat(reason: str, seed: int) -> None:
    world = CrashingWorld(*GRID, *EXITS, seed=seed)
    world.travel(path(seed, STOPS[reason])[:-1], kills=2)
    world.travel([STOPS[reason]], kills=6)
    check_over(world, reason)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("reason", STOPS)
def test_an_exit_price_that_is_met_while_the_core_begins_again_sells_all(reason: str, seed: int) -> None:
    world = CrashingWorld(*GRID, *EXITS, seed=seed)
    world.travel(path(seed, STOPS[reason])[:-1], kills=0)
    world._restart_core()
    world.stepper.send(world.grid.addresses.grid_manager, LiquidateGrid(reason, STOPS[reason]))
    world.travel([STOPS[reason]], kills=0)
    check_over(world, reason)
