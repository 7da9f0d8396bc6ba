"""`gridactors check --state`: what a start would find, told without doing any of it."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from typing import Any

from tests.e2e.trading_desk import TradingDesk, wait_until


def killed(floor: TradingDesk, *changes: tuple[str, object]) -> str:
    """Give a grid that was killed with its orders open."""
    grid = floor.configure(*changes)
    with floor.trading(grid, "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        wait_until(lambda: len(stored_orders(floor)) == 4, "all of it written down")
        trader.process.kill()
        trader.process.wait()
    return grid


def stored_orders(floor: TradingDesk) -> list[Any]:
    said = says(floor, "grid.json")
    return [order for order in said["orders"] if order["found"] == "open"]


def files(floor: TradingDesk) -> dict[str, str]:
    """Hash all that is stored, but the index of a log, which SQLite makes anew for whoever looks."""
    paths = [path for path in sorted((floor.desk.folder / "data").rglob("*")) if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if not path.match("*-shm")}


def says(floor: TradingDesk, *arguments: str) -> dict[str, Any]:
    """Run to what the check says to a program."""
    ended = subprocess.run(  # noqa: S603 the program itself
        [sys.executable, "-m", "actors", "check", *arguments, "--state", "--json"],
        cwd=floor.desk.folder,
        env={"PATH": "", **floor.venue.keys()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    (only,) = json.loads(ended.stdout)
    assert isinstance(only, dict)
    return only


def test_nothing_stored_is_said_to_be_a_beginning(floor: TradingDesk) -> None:
    said = says(floor, floor.configure())

    assert said["says"] == ["Nothing is stored: it would begin, or be rebuilt if its exchange knows orders of it."]
    assert not (floor.desk.folder / "data").exists()


def test_what_became_of_orders_is_told_and_nothing_is_changed(floor: TradingDesk) -> None:
    grid = killed(floor)
    first, second, *_ = floor.venue.open_orders()
    floor.venue.post("orders/end", {"symbol": "SOLUSDT", "client_order_id": first["clientOrderId"], "how": "cancel"})
    floor.venue.post("orders/fill", {"symbol": "SOLUSDT", "client_order_id": second["clientOrderId"], "share": "0.5"})
    before, orders = files(floor), floor.venue.orders()

    said = says(floor, grid)

    found = {order["client_order_id"]: order["found"] for order in said["orders"]}
    assert found.pop(first["clientOrderId"]) == "ended"
    assert found.pop(second["clientOrderId"]) == "filled in part"
    assert list(found.values()) == ["open", "open"]
    assert said["says"][0].startswith("It goes on with 4 levels, armed at 120, holding ")
    assert "1 order cancelled or expired meanwhile: funds freed, and wished again." in said["says"]
    assert (files(floor), floor.venue.orders()) == (before, orders)


def test_a_grid_that_runs_is_said_to_run_and_a_changed_one_to_have_been_another(floor: TradingDesk) -> None:
    grid = floor.configure()
    with floor.trading(grid, "--no-report") as trader:
        floor.venue.wait_for_orders(4)
        assert says(floor, grid)["runs_in"] == trader.process.pid
        assert trader.stopped(signal.SIGINT).code == 0
    changed = floor.configure(("grid_strategy.num_grids", 7))

    said = says(floor, changed)

    assert "The file made another grid before (SOL/USDT" in said["says"][0]
    assert said["runs_in"] is None
