"""The whole system lives through seeded worlds in which everything goes wrong, and keeps every law."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from unittest.mock import patch

import pytest

from actors.opening.opening import Opened
from actors.trading.recovering import recover
from engine.balances import Ledger
from engine.orders import Order
from tests.simulation.living.residents import Told
from tests.simulation.living.tables import EXPECTED, ORDERS
from tests.simulation.living.world import World, live
from tests.simulation.many.__main__ import Many
from tests.simulation.many.running import Wanted
from tests.simulation.many.worlds import LIVING

FIXED, AT_ONCE = 600, 30  # worlds that are always the same, and how many of them one test lives through
FRESH_FOR = 3.0  # seconds
FEW, MANY = range(1, 40), range(1, 400)


def lives(first: int, seeds: int | None, seconds: float | None = None) -> bool:
    """Live through worlds; of one that breaks a law the story is printed, with the command that repeats it."""
    wanted = Wanted(first, seeds, seconds, workers=1, keep_going=False, world=LIVING)
    return Many(wanted, None).run() == 0


@pytest.mark.parametrize("first", range(1, FIXED + 1, AT_ONCE))
def test_every_law_holds_in_the_fixed_worlds(first: int) -> None:
    broken = [seed for seed in range(first, first + AT_ONCE) if live(seed).violation is not None]
    assert all(lives(seed, 1) for seed in broken)
    assert not broken


def test_every_law_holds_in_fresh_worlds() -> None:
    assert lives(time.time_ns() // 1_000_000 % 10**10, None, FRESH_FOR)


def test_a_world_is_decided_by_its_seed_and_by_what_may_go_wrong() -> None:
    for seed in FEW:
        verdict = live(seed)
        assert live(seed) == verdict
        assert live(seed, only=frozenset(verdict.faults)) == verdict


def test_a_world_in_which_nothing_may_go_wrong_has_no_faults_and_a_story() -> None:
    told: list[Told] = []
    verdict = live(1, only=frozenset(), teller=told.append)
    assert verdict.faults == ()
    assert verdict.violation is None
    assert verdict.messages > 100
    assert [one.time for one in told] == sorted(one.time for one in told)
    assert {"TradeBooked", "MakeCall", "Place"} <= {type(one.message).__name__ for one in told}


def test_while_one_process_looks_into_its_database_no_other_begins() -> None:
    world = World(1, frozenset(), None)
    opened: list[float] = []

    def looks(links: Opened, wait: Callable[[float], object]) -> None:
        opened.append(world.house.now)
        world.process.start()
        wait(5.0)
        recover(links, wait)

    with patch("tests.simulation.living.process.recover", looks):
        world.process.start()
        world.house.run(10.0)
    assert len(opened) == 1
    assert world.process.is_up


def test_the_trouble_is_real() -> None:
    faults: Counter[str] = Counter()
    reached: set[str] = set()
    for seed in range(1, 200):
        verdict = live(seed)
        faults.update(fault.partition("@")[0] for fault in verdict.faults)
        reached |= verdict.reached.keys()
    assert min(faults.values()) > 1
    assert len(faults) > 50
    assert reached <= EXPECTED
    assert len(reached & ORDERS) > len(ORDERS) - 3


def test_a_ledger_that_frees_nothing_is_noticed() -> None:
    with patch.object(Ledger, "release", lambda *_: None):
        assert any(live(seed).violation is not None for seed in MANY)


def test_a_trade_that_counts_twice_is_noticed() -> None:
    def fill(order: Order, trade_id: str, quantity: object) -> bool:
        complete = counts(order, trade_id, quantity)  # type: ignore[arg-type]
        order.trade_ids.remove(trade_id)
        return complete

    counts = Order.fill
    with patch.object(Order, "fill", fill):
        assert any(live(seed).violation is not None for seed in MANY)
