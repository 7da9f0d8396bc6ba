"""On a full disk the way out is not barred by what was held back before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.values import Kind, Side
from tests.simulation.test_killed_exits import EXITS, STOPS
from tests.simulation.test_killed_worlds import GRID
from tests.simulation.test_unwritable_journal import FullDisk

D = Decimal


@pytest.mark.parametrize("reason", STOPS)
def test_with_a_full_disk_an_exit_sells_all_though_orders_were_held_back(reason: str) -> None:
    """On the way to a stop-loss levels are filled, and their answers cannot be written down."""
    world = FullDisk(*GRID, *EXITS, seed=1)
    world.travel([D(100)], kills=0)
    world.fills_up()
    world.passes({"stop_loss": D(89), "take_profit": D(111)}[reason])
    world.passes(STOPS[reason], seconds=3600)
    sales: list[Any] = [one for one in world.submitted if one.kind is Kind.MARKET and one.side is Side.SELL]
    assert sales, "an hour beyond the threshold nothing has been sold"
