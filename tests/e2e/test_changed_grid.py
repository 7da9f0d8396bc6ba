"""A configuration that is changed, a grid that is begun anew, and one that has ended for good."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.trading_desk import TradingDesk, wait_until

D = Decimal


def names(floor: TradingDesk) -> set[str]:
    return {order["clientOrderId"] for order in floor.venue.open_orders()}


def files(floor: TradingDesk) -> set[str]:
    return {Path(name).name for name in floor.desk.files() if name.endswith(".db")}


def _has_orders(floor: TradingDesk, count: int) -> bool:
    return len(floor.venue.open_orders()) == count


def test_changed_configuration_takes_the_old_orders_down_and_begins_with_what_is_held(floor: TradingDesk) -> None:
    grid = floor.configure()
    with floor.trading(grid, "--no-report") as before:
        floor.venue.wait_for_orders(4)
        old, before_files = names(floor), files(floor)
        before.process.kill()
        before.process.wait()
    held = floor.venue.holds("SOL")
    assert held > 0
    floor.configure(("grid_strategy.num_grids", 7))
    with floor.trading(grid, "--no-report", "--json", name="again") as again:
        floor.venue.wait_for_orders(6)
        assert not old & names(floor)
        ended = again.stopped(signal.SIGINT)

    assert ended.code == 0
    assert "its configuration was changed; it held" in ended.err
    assert before_files < files(floor)
    assert floor.venue.holds("SOL") >= held - D("0.01")


def test_changed_configuration_is_refused_when_it_is_to_be_kept(floor: TradingDesk) -> None:
    grid = floor.configure()
    with floor.trading(grid, "--no-report") as before:
        floor.venue.wait_for_orders(4)
        before.process.kill()
        before.process.wait()
    old = names(floor)
    floor.configure(("grid_strategy.num_grids", 7))
    with floor.trading(grid, "--no-report", "--keep", name="again") as again:
        ended = again.ended()

    assert (ended.code, ended.out) == (2, "")
    assert "this is another grid than the file made before" in ended.err
    assert names(floor) == old


def test_change_while_the_grid_runs_is_refused_and_names_the_process(floor: TradingDesk) -> None:
    grid = floor.configure()
    with floor.trading(grid, "--no-report") as first:
        floor.venue.wait_for_orders(4)
        old = names(floor)
        floor.configure(("grid_strategy.num_grids", 7))
        with floor.trading(grid, "--no-report", name="again") as again:
            ended = again.ended()
        assert names(floor) == old
        assert ended.code == 2
        assert f"still runs as it was before it was changed, in process {first.process.pid} since" in ended.err
        first.stopped(signal.SIGINT)


def test_grid_that_ended_by_its_stop_loss_begins_again_only_when_told_to(floor: TradingDesk) -> None:
    stop: tuple[str, Any] = ("risk_management.stop_loss", {"enabled": True, "threshold": 95})
    grid = floor.configure(stop)
    with floor.trading(grid, "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        floor.venue.move("90")
        assert trader.ended().code == 0
    with floor.trading(grid, "--no-report", name="again") as again:
        refused = again.ended()
    floor.venue.move("120")
    with floor.trading(grid, "--no-report", "--fresh", name="fresh") as fresh:
        floor.venue.wait_for_orders(4)
        assert fresh.stopped(signal.SIGINT).code == 0

    assert refused.code == 2
    assert "this grid has ended, by stop-loss; allowed: to begin anew with what it holds, by --fresh" in refused.err


@pytest.mark.parametrize("times", [3])
def test_configurations_that_are_changed_to_and_fro_leave_nothing_behind(floor: TradingDesk, times: int) -> None:
    grid = floor.configure()
    for turn in range(times):
        prices = 5 + 2 * (turn % 2)
        floor.configure(("grid_strategy.num_grids", prices))
        with floor.trading(grid, "--no-report", name=f"run{turn}") as trader:
            floor.venue.wait_for_orders(prices - 1)
            wait_until(partial(_has_orders, floor, prices - 1), "only the new ladder")
            assert trader.stopped(signal.SIGINT).code == 0
    assert floor.venue.open_orders() == []
    told = subprocess.run(  # noqa: S603 the program itself
        [sys.executable, "-m", "actors", "trades", grid, "--all", "--json"],
        cwd=floor.desk.folder,
        capture_output=True,
        check=True,
        timeout=60,
    )
    lives = json.loads(told.stdout)
    told_of = [(life["grid"] if "grid" in life else life["name"], len(life["trades"])) for life in lives]
    assert len(lives) == times, f"{told_of}, {[(one['status'], one['clientOrderId']) for one in floor.venue.orders()]}"
    assert {trade["order_id"] for life in lives for trade in life["trades"]} == {
        str(order["orderId"]) for order in floor.venue.orders() if order["status"] == "FILLED"
    }
