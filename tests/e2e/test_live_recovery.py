"""A grid that ends anywhere and starts again: as if it had never been away."""

from __future__ import annotations

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
