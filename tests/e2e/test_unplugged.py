"""Each edge of a real process is unplugged in turn: its health shows it in time, people are told, and it heals."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import pytest

from tests.e2e.attended import AttendedDesk, attended_document

GRID = "SOL/USDT"
WATCHED = ("prices", "order_stream", "exchange", "database", "reconciliation", "clock")
WITHIN = 10.0  # seconds: the threshold, a look, and the tries that it takes to call something lost

Unplug = Callable[[AttendedDesk], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttendedDesk]:
    """Give one live grid for as long as the tests of this module take."""
    with AttendedDesk(tmp_path_factory.mktemp("attended"), attended_document()) as desk:
        desk.start()
        yield desk


@pytest.fixture
def desk(house: AttendedDesk) -> AttendedDesk:
    """Give it well and at rest."""
    house.wait_quiet()
    wait_well(house)
    return house


def checks(desk: AttendedDesk) -> dict[str, dict[str, Any]]:
    """Give the checks of the process and of its only grid by their names."""
    return {check["name"]: check for check in desk.get("health")["checks"]}


def wait_well(desk: AttendedDesk) -> None:
    def troubled() -> list[str]:
        seen = checks(desk)
        return [f"{name}: {seen.get(name)}" for name in (*WATCHED, "notifier") if not is_well(seen.get(name))]

    desk.wait_until(lambda: not troubled(), "all is well")


def is_well(check: dict[str, Any] | None) -> bool:
    return check is not None and check["level"] == "ok"


@contextmanager
def faults(desk: AttendedDesk, *armed: dict[str, object]) -> Iterator[None]:
    for fault in armed:
        desk.arm_fault(fault)
    yield
    desk.clear_faults()


def lost_stream(route: str) -> Unplug:
    refused: dict[str, object] = {"route": route, "action": "refuse", "times": 0}
    return lambda desk: faults(desk, refused, {"route": route, "action": "drop"})


def lost_calls(desk: AttendedDesk) -> AbstractContextManager[None]:
    return faults(desk, {"route": "* /api/v3/*", "action": "drop", "times": 0})


@contextmanager
def locked_database(desk: AttendedDesk) -> Iterator[None]:
    path = desk.grids[0].place.path
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        desk.move("94")  # so that there is something to write
        yield
        other.execute("ROLLBACK")
    desk.move("100")


EDGES: dict[str, tuple[Unplug, str, bool]] = {
    "prices": (lost_stream("stream"), "critical", False),
    "order_stream": (lost_stream("user"), "warning", True),
    "exchange": (lost_calls, "critical", True),
    "database": (locked_database, "critical", True),
}


@pytest.mark.parametrize(
    ("name", "unplug", "level", "is_ready"), [(name, *edge) for name, edge in EDGES.items()], ids=EDGES
)
def test_edge_that_is_unplugged_shows_in_time_is_told_and_heals(
    desk: AttendedDesk,
    name: str,
    unplug: Unplug,
    level: str,
    is_ready: bool,  # noqa: FBT001 a column of the table
) -> None:
    heard = len(desk.heard)
    with unplug(desk):
        desk.wait_until(lambda: checks(desk)[name]["level"] == level, f"{name} is {level}", WITHIN)
        assert desk.get("health")["level"] in {level, "critical"}
        desk.hears("Health: SOL/USDT: ", name, since=heard, timeout=WITHIN)
        assert desk.run_here("ping").out.endswith("is alive\n")
        assert (desk.run_here("ping", "--ready", code=0 if is_ready else 1).code == 0) == is_ready
    wait_well(desk)
    desk.hears("Health: SOL/USDT: ", f"{name}: well again after", since=heard)
    desk.wait_quiet()


def test_service_that_hangs_shows_and_delays_no_trade_and_hears_later_what_it_missed(desk: AttendedDesk) -> None:
    desk.receiver.hangs = True
    try:
        desk.move("94")
        desk.move("100")
        desk.wait_quiet()  # long before it would answer
        assert checks(desk)["notifier"]["level"] == "ok"
        desk.wait_until(lambda: not is_well(checks(desk)["notifier"]), "the notifier has trouble", WITHIN)
        assert "has taken nothing since" in checks(desk)["notifier"]["text"]
        assert all(is_well(checks(desk)[name]) for name in WATCHED)
        desk.run_here("pause")
        desk.run_here("resume")
    finally:
        heard = len(desk.heard)
        desk.receiver.hangs = False
        desk.receiver.released.set()
    desk.hears("Grid: SOL/USDT: goes on", since=heard)
    wait_well(desk)
    assert desk.receiver.url not in desk.said
