"""A grid whose state is kept by PostgreSQL: as with a file, from any machine that reaches it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.trading_desk import TradingDesk
from tests.store.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


def test_killed_grid_goes_on_from_another_folder_and_only_once_at_a_time(
    floor: TradingDesk, postgres: PostgresServer
) -> None:
    with postgres.connected() as run:
        run("CREATE SCHEMA grids")
    grid = floor.configure(("persistence", {"url": postgres.url("grids")}))
    with floor.trading(grid, "--no-report", "--state-dir", "here") as killed:
        floor.venue.wait_for_orders(4)
        with floor.trading(grid, "--no-report", "--state-dir", "there", name="second") as second:
            refused = second.ended()
        assert refused.code == 2
        assert f"this grid runs already, in process {killed.process.pid} on " in refused.err
        killed.process.kill()
        killed.process.wait()
    orders = {order["orderId"] for order in floor.venue.open_orders()}
    with floor.trading(grid, "--no-report", "--state-dir", "there", name="again") as again:
        again.wait_for("4 orders open")
        assert {order["orderId"] for order in floor.venue.open_orders()} == orders
        assert again.stopped(signal.SIGINT).code == 0

    assert not list(floor.desk.folder.rglob("*.db"))
