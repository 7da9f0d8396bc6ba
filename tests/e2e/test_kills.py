"""A live grid that is killed at any moment goes on as if nothing had been: same fills, same money, same profit."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random

import attrs
import pytest

from engine.grid_manager import OWN_SLOT
from tests.e2e.killing.endings import unlike
from tests.e2e.killing.kill_desk import KillDesk
from tests.e2e.killing.kill_points import KillPoint
from tests.e2e.killing.killer import Fault
from tests.e2e.killing.processes import Command, Zygote
from tests.e2e.killing.seeded import IN_THREE, RUNS, Run, ending_at, killed_and_not
from tests.e2e.killing.stored import live_orders
from tests.e2e.killing.stretches import go, stretches
from tests.e2e.reply_faults import CANCEL, PLACE

D = Decimal
TURNS, KILLS = 3, 8  # of each run
STOP_LOSS = Run(changes=(("risk_management.stop_loss", {"enabled": True, "threshold": 85}),))
DUST = D("0.1")  # SOL; the exchange's step is 0.001, its minimum 5 USDT
COMMITS_WITHIN = 2.0  # seconds
NO_TIME = 0.002


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Give what processes are forked from."""
    with Zygote() as zygote:
        yield zygote


@pytest.mark.parametrize(("seed", "name"), list(enumerate(RUNS, start=1)))
def test_grid_killed_again_and_again_ends_as_if_it_had_not_been(
    tmp_path: Path, zygote: Zygote, seed: int, name: str
) -> None:
    killed_and_not(tmp_path, zygote, RUNS[name], seed, TURNS, KILLS)


def test_command_itself_killed_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    killed_and_not(tmp_path, Command(), Run(), seed=6, turns=2, kills=3)


# --- at its commits ----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_grid_that_dies_at_each_of_its_commits_ends_as_if_it_had_not(
    tmp_path: Path, zygote: Zygote, *, before: bool
) -> None:
    path = stretches(Random(8), 1)
    with Run().desk(tmp_path / "undisturbed", zygote) as desk:
        desk.start()
        go(desk, path)
        undisturbed = ending_at(desk)
    with Run().desk(tmp_path / "killed", zygote) as desk:
        die_at_commits(desk, range(1 + before, 13, 2), before=before)
        desk.start()
        desk.wait_quiet()
        for stretch in path:
            desk.kill_running()
            desk.move(stretch.target)
            die_at_commits(desk, range(1, 9), before=before)
            desk.start()
            desk.wait_quiet()
        killed = ending_at(desk)

    assert not unlike(killed, undisturbed)


def die_at_commits(desk: KillDesk, commits: Iterable[int], *, before: bool) -> None:
    """Start again and again, and let it die at one of its commits, as long as it has so many."""
    for commit in commits:
        desk.start(kill_at=KillPoint(commit, before))
        assert desk.process is not None
        if desk.process.wait(COMMITS_WITHIN) is None:
            desk.kill_running()
            return
        desk.kill_running()
        desk.assert_journalled()


# --- while it buys and arms --------------------------------------------------------------------------


def kill_when(desk: KillDesk, condition: Callable[[], object], what: str) -> None:
    """Kill as soon as something is so on the exchange, and put right what was armed."""
    desk.wait_until(condition, what, look_every=NO_TIME)
    desk.kill_running()
    desk.clear_faults()


def has_orders(desk: KillDesk, least: int) -> bool:
    return len(desk.exchange_orders()) >= least


def is_taken(desk: KillDesk) -> bool:
    return not desk.sandbox.hall.faults.armed()


def own_orders(desk: KillDesk) -> list[str]:
    """Give the names of the orders that are the grid's own and no level's: purchases and sales."""
    names = [order.client_order_id for order in desk.all_exchange_orders()]
    return [name for name in names if f"-{OWN_SLOT}-" in name]


def assert_armed_once(desk: KillDesk) -> None:
    """See that the grid bought once what its plan wants, and placed an order for each level."""
    rows = desk.rows()
    assert rows is not None
    assert rows.grid.plan is not None
    assert len(own_orders(desk)) == 1, "one purchase"
    assert len(desk.all_exchange_orders()) == 1 + len(rows.grid.plan.levels)
    bought = sum(trade.quantity for trade in desk.exchange_trades())
    assert bought == rows.grid.plan.purchase == rows.grid.purchased


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "delay", "seconds": 0.3},
        {"action": "delay", "seconds": 1.5},
        {"action": "drop", "when": "after"},
        {"action": "drop"},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
def test_kill_while_it_buys_its_inventory_buys_no_second_time(tmp_path: Path, zygote: Zygote, fault: Fault) -> None:
    with Run().desk(tmp_path, zygote) as desk:
        desk.arm_fault({"route": PLACE, **fault})
        desk.start()
        kill_when(desk, lambda: is_taken(desk), "the purchase sent")
        desk.start()
        desk.pause(fault.get("seconds", 0.0))  # by then all has arrived that ever does
        desk.wait_quiet()

        assert_armed_once(desk)


def test_kill_between_purchase_and_its_booking_books_it_later(tmp_path: Path, zygote: Zygote) -> None:
    with Run().desk(tmp_path, zygote) as desk:
        desk.arm_fault(IN_THREE)
        desk.arm_fault({"route": PLACE, "action": "delay", "seconds": 0.5})
        desk.start()
        desk.wait_until(lambda: is_taken(desk), "the purchase sent", look_every=NO_TIME)
        with desk.locked_database():
            desk.wait_until(desk.exchange_trades, "the purchase made")
            desk.kill_running()
        desk.start()
        desk.wait_quiet()

        assert_armed_once(desk)


def test_kills_while_it_places_its_orders_place_each_of_them_once(tmp_path: Path, zygote: Zygote) -> None:
    with Run().desk(tmp_path, zygote) as desk:
        for count in (3, 14):
            desk.arm_fault({"route": PLACE, "action": "delay", "seconds": 0.05, "times": 0})
            desk.start()
            kill_when(desk, partial(has_orders, desk, count), f"{count} orders")
        desk.start()
        desk.wait_quiet()

        assert_armed_once(desk)


# --- while it sells everything -----------------------------------------------------------------------


def statuses(desk: KillDesk) -> Counter[str]:
    return Counter(order.status for order in desk.all_exchange_orders())


def wait_for_cancel(desk: KillDesk) -> None:
    desk.wait_until(lambda: statuses(desk)["CANCELED"], "an order cancelled", look_every=NO_TIME)


def wait_for_sale(desk: KillDesk) -> None:
    desk.wait_until(lambda: len(own_orders(desk)) == 2, "the sale", look_every=NO_TIME)


def wait_for_sale_under_way(desk: KillDesk) -> None:
    desk.wait_until(lambda: is_taken(desk), "the sale sent", look_every=NO_TIME)


LIQUIDATIONS: dict[str, tuple[Fault, Callable[[KillDesk], None]]] = {
    "while it cancels": ({"route": CANCEL, "action": "delay", "seconds": 0.1, "times": 0}, wait_for_cancel),
    "while the sale is under way": ({"route": PLACE, "action": "delay", "seconds": 0.5}, wait_for_sale_under_way),
    "while the sale's reply is": ({"route": PLACE, "action": "drop", "when": "after"}, wait_for_sale_under_way),
    "right after the sale": ({"action": "clear"}, wait_for_sale),
}


@pytest.mark.parametrize("moment", LIQUIDATIONS)
def test_kill_while_it_liquidates_ends_flat_whatever_the_price_is_then(
    tmp_path: Path, zygote: Zygote, moment: str
) -> None:
    fault, wait = LIQUIDATIONS[moment]
    with STOP_LOSS.desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        desk.move("85.5")
        desk.wait_quiet()
        desk.arm_fault(fault)
        desk.move("84.9")  # no level lies between: the next order is the sale
        wait(desk)
        desk.kill_running()
        desk.clear_faults()
        desk.move("100")
        desk.start()
        assert desk.ended() == 0
        desk.wait_agrees()

        assert_over(desk)
        assert len(own_orders(desk)) == 2, "one purchase and one sale"


def test_grid_that_has_liquidated_places_nothing_at_the_next_start(tmp_path: Path, zygote: Zygote) -> None:
    with STOP_LOSS.desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        desk.move("84")
        assert desk.ended() == 0
        before = desk.all_exchange_orders()
        desk.move("100")
        desk.start("--for", "2s")
        desk.ended()

        assert_over(desk)
        assert desk.all_exchange_orders() == before


def assert_over(desk: KillDesk) -> None:
    """See that nothing is open, nothing held, and the stop is written down."""
    assert not desk.exchange_orders()
    rows = desk.rows()
    assert rows is not None
    (base,) = (row for row in rows.balances if row.asset == "SOL")
    assert base.free + base.reserved == sum(desk.account()["SOL"]) - desk.foreign["SOL"] < DUST
    assert rows.grid.stop_reason == "stop_loss"


# --- while it stops, and after -----------------------------------------------------------------------


@pytest.mark.parametrize("cancelled", [0, 3, 20])
def test_kill_within_a_stop_in_order_puts_the_ladder_back_at_the_next_start(
    tmp_path: Path, zygote: Zygote, cancelled: int
) -> None:
    with Run().desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        desk.move("94.5")
        desk.wait_quiet()
        before = ladder(desk)
        desk.arm_fault({"route": CANCEL, "action": "delay", "seconds": 0.05, "times": 0})
        assert desk.process is not None
        desk.process.send(signal.SIGINT)
        kill_when(desk, lambda: statuses(desk)["CANCELED"] >= cancelled, f"{cancelled} orders cancelled")
        desk.start()
        desk.wait_quiet()

        assert ladder(desk) == before


def test_grid_that_was_stopped_in_order_goes_on_as_if_it_had_not_been(tmp_path: Path, zygote: Zygote) -> None:
    path = stretches(Random(7), 4)
    with Run().desk(tmp_path / "undisturbed", zygote) as desk:
        desk.start()
        go(desk, path)
        undisturbed = ending_at(desk)
    with Run().desk(tmp_path / "stopped", zygote) as desk:
        desk.start()
        go(desk, path[:2])
        before = ladder(desk)
        assert desk.stop() == 0
        desk.wait_agrees()
        assert not desk.exchange_orders()
        desk.start()
        desk.wait_quiet()
        assert ladder(desk) == before
        go(desk, path[2:])
        stopped = ending_at(desk)

    assert not unlike(attrs.evolve(stopped, placed=undisturbed.placed), undisturbed)


def ladder(desk: KillDesk) -> list[tuple[str, str, Decimal, Decimal]]:
    rows = desk.rows()
    assert rows is not None
    return sorted((row.slot, row.side.value, row.price, row.quantity) for row in live_orders(rows))
