"""A database that is locked, out of space, deleted or damaged: nothing is lost, and nothing unwritten is sent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

import attrs
import pytest

from tests.e2e.killing.endings import Ending, unlike
from tests.e2e.killing.kill_desk import KillDesk
from tests.e2e.killing.processes import Zygote
from tests.e2e.killing.seeded import Run, ending_at
from tests.e2e.killing.small_disk import small_disk
from tests.e2e.killing.stretches import Stretch, go, stretches

D = Decimal
STARTS_WITHIN = 10.0  # seconds
GIVES_UP_WITHIN = 20.0  # seconds
LOCKED = 10.0  # seconds: longer than a journal waits for an exit
ALL_IN = Run(options={"spare": {}})  # the account holds the grid's budget and nothing else
PATH = stretches(Random(11), 3)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Give what processes are forked from."""
    with Zygote() as zygote:
        yield zygote


@pytest.fixture
def desk(tmp_path: Path, zygote: Zygote) -> Iterator[KillDesk]:
    """Give a desk whose grid of 80 to 120 in steps of 2 stands around 100."""
    with Run().desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        yield desk


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Ending:
    """Give what a grid comes to on `PATH`."""
    with Run().desk(tmp_path_factory.mktemp("undisturbed"), zygote) as desk:
        desk.start()
        go(desk, PATH)
        return ending_at(desk)


def placed(desk: KillDesk) -> int:
    return len(desk.all_exchange_orders())


def again(desk: KillDesk) -> None:
    """Kill, and start; it may have given up before, and may again, for its database is out of reach."""
    desk.kill()
    desk.start()


def start_if_it_gave_up(desk: KillDesk) -> None:
    assert desk.process is not None
    if desk.process.wait(0.0) is not None:
        again(desk)


# --- locked ------------------------------------------------------------------------------------------


def test_locked_database_holds_orders_back_until_it_is_free(desk: KillDesk) -> None:
    before = placed(desk)
    with desk.locked_database():
        for price in ("95", "91", "89.5"):
            desk.move(price)
            desk.pause(LOCKED / 3)
        assert placed(desk) == before, "an order was sent that is not written down"
        assert desk.restless(whole=False), "what cannot be written cannot agree"
    desk.wait_quiet()

    assert placed(desk) == before + 5


def test_kills_while_the_database_is_locked_lose_nothing(tmp_path: Path, zygote: Zygote, undisturbed: Ending) -> None:
    chance = Random(12)
    with Run().desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        for stretch in PATH:
            with desk.locked_database():
                before = placed(desk)
                desk.move(stretch.target)
                desk.pause(chance.uniform(0.0, 0.5))
                for _ in range(2):
                    again(desk)
                    desk.pause(chance.uniform(0.0, 1.5))
                assert placed(desk) == before, "an order was sent that is not written down"
                desk.assert_journalled()
            start_if_it_gave_up(desk)
            desk.wait_quiet()
        killed = ending_at(desk)

    assert not unlike(killed, undisturbed)


# --- another's ---------------------------------------------------------------------------------------


def test_second_start_is_refused_and_takes_nothing_from_the_first(desk: KillDesk) -> None:
    desk.move("95")
    assert desk.second_start(STARTS_WITHIN) == 2
    assert "this grid runs already" in desk.said
    desk.move("89.5")
    desk.wait_quiet()

    assert "journal" not in desk.said, "whoever runs it has lost its database"


# --- full --------------------------------------------------------------------------------------------


def test_full_disk_holds_orders_back_until_there_is_space(tmp_path: Path, zygote: Zygote, undisturbed: Ending) -> None:
    with small_disk(tmp_path / "disk") as disk, Run().desk(tmp_path, zygote, state_dir=disk.folder) as desk:
        desk.start()
        desk.wait_quiet()
        for number, stretch in enumerate(PATH):
            with desk.read_database():
                disk.fill()
                half_way = (desk.price + stretch.target) / 2
                for price in (half_way, stretch.target):
                    desk.move(price)
                    desk.pause(0.5)
                    desk.assert_journalled()
                    if number % 2:
                        again(desk)
                        desk.pause(1.0)
                assert desk.restless(whole=False), "what cannot be written cannot agree"
                desk.assert_journalled()
            disk.free()
            start_if_it_gave_up(desk)
            desk.wait_quiet()
        killed = ending_at(desk)

    assert not unlike(killed, undisturbed)


# --- gone, damaged -----------------------------------------------------------------------------------


def delete(desk: KillDesk) -> None:
    for file in desk.database.parent.glob(f"{desk.database.name}*"):
        file.unlink()


def damage(desk: KillDesk) -> None:
    """Write garbage into the middle of the database, and of what is beside it."""
    for file in desk.database.parent.glob(f"{desk.database.name}*"):
        content = bytearray(file.read_bytes())
        start, end = len(content) // 4, len(content) // 4 * 3
        content[start:end] = Random(13).randbytes(end - start)
        file.write_bytes(content)


def spoil(desk: KillDesk, how: str, stretch: Stretch) -> None:
    """Lose the database while down, between two halves of a stretch."""
    price = desk.price
    desk.move(price + (stretch.target - price) / 2)
    desk.pause(0.3)
    desk.kill_running()
    {"deleted": delete, "damaged": damage}[how](desk)
    desk.move(stretch.target)
    desk.start()
    desk.wait_quiet()


@pytest.mark.parametrize("how", ["deleted", "damaged"])
def test_database_lost_while_down_is_rebuilt_from_the_exchange(
    tmp_path: Path, zygote: Zygote, undisturbed: Ending, how: str
) -> None:
    with ALL_IN.desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        go(desk, PATH[:1])
        for stretch in PATH[1:]:
            spoil(desk, how, stretch)
        rebuilt = ending_at(desk)
        aside = list(desk.database.parent.glob("*.damaged-*"))

    assert not unlike(attrs.evolve(rebuilt, placed=undisturbed.placed), undisturbed)
    assert bool(aside) == (how == "damaged")


def test_database_deleted_in_use_is_put_back_while_trading_goes_on(
    tmp_path: Path, zygote: Zygote, undisturbed: Ending
) -> None:
    with ALL_IN.desk(tmp_path, zygote) as desk:
        desk.start()
        go(desk, PATH[:2])
        delete(desk)
        desk.move(PATH[2].target)  # what is written next finds the file gone
        desk.wait_quiet()
        go(desk, PATH[3:])
        put_back = ending_at(desk)
        again(desk)
        desk.wait_quiet()
        assert not unlike(ending_at(desk), put_back)

    assert not unlike(put_back, undisturbed)


def test_database_lost_before_the_grid_armed_is_a_fresh_start(tmp_path: Path, zygote: Zygote) -> None:
    with ALL_IN.desk(tmp_path, zygote) as desk:
        desk.move("125")
        desk.start()
        desk.wait_until(desk.rows, "a beginning")
        desk.kill_running()
        delete(desk)
        desk.start()
        desk.move("100")
        desk.wait_quiet()
