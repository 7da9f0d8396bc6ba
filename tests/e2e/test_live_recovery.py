"""A grid that ends anywhere and starts again: as if it had never been away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.live_desk import LiveDesk, grid_document

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[LiveDesk]:
    with LiveDesk(tmp_path, grid_document()) as desk:
        desk.wait_quiet()
        yield desk


def test_grid_that_ends_goes_on_with_the_orders_that_it_has(desk: LiveDesk) -> None:
    orders, funds = desk.orders(), desk.funds()

    desk.end_grids()
    desk.start_grids()
    desk.wait_quiet()

    assert {order.client_order_id for order in desk.orders()} == {order.client_order_id for order in orders}
    assert desk.funds() == funds
    assert len(desk.all_exchange_orders()) == len(orders) + 1  # and the purchase


def test_fills_while_nobody_was_there_are_booked_and_answered(desk: LiveDesk) -> None:
    desk.end_grids()
    desk.move(84)
    desk.move(116)
    desk.start_grids()
    desk.wait_quiet()

    desk.move(100)
    desk.wait_quiet()
    assert len(desk.trades()) == len(desk.exchange_trades())
    assert len(desk.trades()) > 8


def test_grid_that_was_stopped_puts_its_ladder_back(desk: LiveDesk) -> None:
    desk.move(93)
    desk.wait_quiet()
    before = {(order.wish.owner.slot, order.wish.side, order.wish.quantity) for order in desk.orders()}
    desk.stop()
    desk.end_grids()
    assert not desk.exchange_orders()

    desk.start_grids()
    desk.wait_quiet()

    assert {(order.wish.owner.slot, order.wish.side, order.wish.quantity) for order in desk.orders()} == before


def states(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("state_*") if path.is_file()]


def put_back(folder: Path, backup: Path) -> None:
    """Put an older copy of the database in the place of the present one."""
    for path in states(folder):
        path.unlink()
    for path in states(backup):
        shutil.copyfile(path, folder / "SOL_USDT" / path.name)


def test_sale_that_was_never_written_is_found_out_and_not_made_again(tmp_path: Path) -> None:
    stop = ("risk_management.stop_loss", {"enabled": True, "threshold": 85})
    with LiveDesk(tmp_path / "desk", grid_document(stop)) as desk:
        desk.wait_quiet()
        desk.end_grids()
        shutil.copytree(desk.folder, tmp_path / "backup")
        desk.start_grids()
        desk.wait_quiet()
        desk.move(84)
        desk.wait_stopped()
        desk.end_grids()
        sold = desk.account()
        put_back(desk.folder, tmp_path / "backup")
        desk.let_pass = lambda _: None  # nothing is on its way

        desk.start_grids()
        desk.wait_stopped()

        sales = [one for one in desk.all_exchange_orders() if "-grid-" in one.client_order_id and one.side == "SELL"]
        assert len(sales) == 1
        assert desk.account() == sold
        desk.assert_agrees()


def test_grid_with_an_older_copy_of_its_database_takes_in_what_it_missed(tmp_path: Path) -> None:
    with LiveDesk(tmp_path / "desk", grid_document()) as desk:
        desk.wait_quiet()
        desk.end_grids()
        shutil.copytree(desk.folder, tmp_path / "backup")
        desk.start_grids()
        desk.travel(["93", "107", "99"])
        orders = {order.client_order_id for order in desk.exchange_orders()}
        desk.end_grids()
        put_back(desk.folder, tmp_path / "backup")
        desk.let_pass = lambda _: None  # nothing is on its way

        desk.start_grids()
        desk.wait_quiet()

        assert {order.client_order_id for order in desk.exchange_orders()} == orders
        assert len(desk.trades()) == len(desk.exchange_trades())
