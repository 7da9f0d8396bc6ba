"""Nothing depends on who runs first: any interleaving, threads, and every candle sent give the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from random import Random

import pytest
from attrs import evolve

from actors.backtests import run_stepped, run_threaded
from actors.gateways.results_json import as_text
from engine.results import GridRun
from engine.stepper import ShakenStepper
from tests.simulation.drawn_worlds import random_world
from tests.simulation.invariants import WatchedShakenStepper, WatchedStepper
from tests.simulation.terrain import Terrain, wandering_candles
from tests.simulation.worlds import (
    Options,
    World,
    results_of,
    run,
    run_on_threads,
)

# Two fees of a fifth leave too little for the next order: levels wait, and are served at other prices than their own.
SCARCE = Options(
    num_grids=14,
    top=Decimal(180),
    kind="hedged_grid",
    spacing="geometric",
    purchase="exact",
    fee=Decimal("0.2"),
    buy_ratio=Decimal("0.9"),
    sell_ratio=Decimal("0.9"),
)
CONTENDED = {  # with the seed of their candles
    "fees in quote": (SCARCE, 423),
    "fees received": (evolve(SCARCE, fee=Decimal("0.1"), fee_asset="received"), 462),
    "too little at first": (evolve(SCARCE, purchase="half", fee=Decimal("0.1")), 33),
    "nothing held at first": (evolve(SCARCE, purchase="none", fee=Decimal("0.1"), sell_ratio=Decimal("0.8")), 140),
    "take-profit": (evolve(SCARCE, fee=Decimal("0.1"), take_profit=Decimal(185)), 0),
    "stop-loss": (evolve(SCARCE, spacing="arithmetic", stop_loss=Decimal(98)), 115),
    "minimums": (evolve(SCARCE, amount_step=Decimal("0.01"), min_cost=Decimal(40)), 0),
}
EVERY_CONTENDED = pytest.mark.parametrize("name", CONTENDED)


def contended(name: str) -> World:
    options, seed = CONTENDED[name]
    exits = [price for price in (options.take_profit, options.stop_loss) if price is not None]
    terrain = Terrain(sorted({*options.ladder(), *exits}), Decimal("0.5"), move=0.2)
    return World(options, wandering_candles(Random(seed), 12, terrain))


def takers(finished: GridRun) -> int:
    """Count limit orders that were filled at once, at a better price than their own."""
    return sum(
        trade.price != finished.ladder[trade.owner.level + (trade.side == "sell")]
        for trade in finished.result.trades
        if trade.owner.level is not None
    )


def test_the_contended_worlds_are_contended() -> None:
    runs = [run(contended(name)) for name in CONTENDED]
    assert all(len(finished.result.trades) > 25 for finished in runs)
    assert sum(finished.result.waiting_levels > 1 for finished in runs) >= 4
    at_first = contended("too little at first")
    assert run(evolve(at_first, rows=at_first.rows[:1])).result.waiting_levels > 3
    assert sum(takers(finished) > 0 for finished in runs) >= 4
    assert {finished.result.stop_reason for finished in runs} == {None, "take_profit", "stop_loss"}
    assert all(_hedged_pairs(finished) for finished in runs)


def _hedged_pairs(finished: GridRun) -> list[str]:
    """Give the levels of which both actors have completed a cycle."""
    slots = {cycle.slot for cycle in finished.cycles}
    return [slot for slot in slots if f"{slot}b" in slots]


@EVERY_CONTENDED
def test_two_hundred_interleavings_give_the_same_bytes(name: str) -> None:
    grid = contended(name).setup()
    (expected,) = run_stepped([grid], _ignore)
    for seed in range(200):
        (shaken,) = run_stepped([grid], _ignore, ShakenStepper(seed))
        assert results_of(shaken) == results_of(expected), f"interleaving {seed}"


@pytest.mark.parametrize("block", range(4))
def test_any_world_gives_the_same_bytes_however_it_is_run(block: int) -> None:
    for seed in range(10_000 + 40 * block, 10_040 + 40 * block):
        world = random_world(seed, candles=120)
        expected = results_of(run(world))
        assert results_of(run(world, ShakenStepper(seed))) == expected, f"seed {seed}, shaken"
        assert results_of(run(world, every_candle=True)) == expected, f"seed {seed}, every candle sent"


@EVERY_CONTENDED
def test_threads_give_the_same_bytes(name: str) -> None:
    world = contended(name)
    assert results_of(run_on_threads(world)) == results_of(run(world))


def test_grids_side_by_side_give_the_same_bytes_as_alone() -> None:
    worlds = [contended(name) for name in CONTENDED]
    alone = [results_of(run(world)) for world in worlds]
    grids = [evolve(world.setup(), name=name) for name, world in zip(CONTENDED, worlds, strict=True)]
    for runs in (run_stepped(grids, _ignore, ShakenStepper(1)), run_threaded(grids, _ignore)):
        assert [as_text([finished]).encode() for finished in runs] == alone


@EVERY_CONTENDED
def test_ten_runs_give_the_same_bytes(name: str) -> None:
    assert len({results_of(run(contended(name))) for _ in range(10)}) == 1


def test_processes_that_hash_differently_give_the_same_bytes() -> None:
    outputs = {_printed_with_hash_seed(seed) for seed in ("0", "1", "12345")}
    assert outputs == {"".join(results_of(run(contended(name))).decode() for name in CONTENDED)}


def _printed_with_hash_seed(seed: str) -> str:
    program = (
        "import sys\n"
        "from tests.simulation.test_interleavings import CONTENDED, contended, results_of, run\n"
        "for name in CONTENDED: sys.stdout.write(results_of(run(contended(name))).decode())\n"
    )
    child = subprocess.run(  # noqa: S603 - this interpreter, on the program above
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return child.stdout


@pytest.mark.parametrize("shaken", [False, True])
@pytest.mark.parametrize("block", range(3))
def test_whenever_a_grid_has_settled_its_parts_agree(block: int, *, shaken: bool) -> None:
    checks = 0
    for seed in range(20_000 + 30 * block, 20_030 + 30 * block):
        world = random_world(seed, candles=80)
        stepper = WatchedShakenStepper(seed) if shaken else WatchedStepper()
        stepper.watch(world.setup())
        run(world, stepper)
        checks += stepper.checks
    assert checks > 500


@EVERY_CONTENDED
def test_whenever_a_contended_grid_has_settled_its_parts_agree(name: str) -> None:
    world = contended(name)
    for seed in range(10):
        stepper = WatchedShakenStepper(seed)
        stepper.watch(world.setup())
        run(world, stepper)
        assert stepper.checks > 20


def _ignore(_name: str, _index: int) -> None:
    pass
