"""Each thing that a live grid stands on is unplugged in turn: it shows, is told, and heals by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest

from actors import health_monitor
from actors.base import Life, launch
from actors.liveness import Liveness
from actors.opening.links import LiveLink
from engine.addresses import HEALTH_MONITOR
from engine.messages.vitals import Check, DescribeHealth, HealthDescribed, Level
from tests.e2e.live_desk import SOON, grid_document
from tests.e2e.quick_desk import QuickDesk

DOCUMENT = grid_document(
    ("execution.health_check_interval", 0.1),
    ("execution.order_polling_interval", 0.2),
    ("execution.reconciliation_interval", 0.5),
    ("health", {"feed_silence": 0.3, "memory_percent": 100, "disk_free_percent": 0, "disk_free_mb": 0}),
)
HEALED = 20.0
GRID_CHECKS = {"prices", "order_stream", "exchange", "database", "reconciliation", "clock"}


@contextmanager
def faults(desk: QuickDesk, *armed: dict[str, object]) -> Iterator[None]:
    desk.arm(*armed)
    yield
    desk.clear_faults()


def lost_stream(route: str) -> Callable[[QuickDesk, Path], AbstractContextManager[None]]:
    lost: tuple[dict[str, object], ...] = (
        {"route": route, "action": "refuse", "times": 0},
        {"route": route, "action": "drop"},
    )
    return lambda desk, _: faults(desk, *lost)


def lost_calls(desk: QuickDesk, _: Path) -> AbstractContextManager[None]:
    return faults(desk, {"route": "* /api/v3/*", "action": "drop", "times": 0})


@contextmanager
def locked_database(desk: QuickDesk, folder: Path) -> Iterator[None]:
    (file,) = folder.glob("**/state_*.db")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        desk.move("93")  # so that there is something to write
        yield
        connection.execute("ROLLBACK")


class Watch:
    """The health of a desk's grid, as its monitor describes it."""

    def __init__(self, desk: QuickDesk, folder: Path) -> None:
        self.desk = desk
        self.liveness = Liveness(desk.grids, desk.post)
        links = [link for link in desk._opened.links if isinstance(link, LiveLink)]
        ahead = {link.grid.name: link.server_ahead for link in links}
        spec = health_monitor.spec(desk.grids, desk.post, state_dir=folder, server_ahead=ahead, liveness=self.liveness)
        self._life = Life(spec.address, lambda _: spec.factory())

    @contextmanager
    def looking(self) -> Iterator[None]:
        launch(self._life, self.desk.post)
        yield
        self._life.stop()
        assert self._life.join(SOON)

    def checks(self) -> dict[str, Check]:
        described = self.desk.post.ask(HEALTH_MONITOR, DescribeHealth(), SOON)
        assert isinstance(described, HealthDescribed)
        return {check.name: check for check in described.checks}

    def is_well(self) -> bool:
        checks = self.checks()
        return set(checks) >= GRID_CHECKS and all(checks[name].level is Level.OK for name in GRID_CHECKS | {"actors"})

    def wait_well(self) -> None:
        self.desk.wait_until(self.is_well, "all is well", HEALED)


EDGES = {
    "prices": (lost_stream("stream"), Level.CRITICAL),
    "order_stream": (lost_stream("user"), Level.WARNING),
    "exchange": (lost_calls, Level.CRITICAL),
    "database": (locked_database, Level.CRITICAL),
}


@pytest.mark.parametrize(("name", "unplug", "level"), [(name, *edge) for name, edge in EDGES.items()], ids=EDGES)
def test_edge_that_is_unplugged_shows_is_told_and_heals(
    name: str,
    unplug: Callable[[QuickDesk, Path], AbstractContextManager[None]],
    level: Level,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def told() -> list[str]:
        return [
            record.getMessage()
            for record in caplog.records
            if record.name == "actors.health_monitor" and record.getMessage().startswith(f"SOL/USDT: {name}")
        ]

    with QuickDesk(tmp_path, DOCUMENT) as desk:
        desk.wait_quiet()
        watch = Watch(desk, tmp_path)
        with watch.looking():
            watch.wait_well()
            assert told() == []
            with unplug(desk, tmp_path):
                desk.wait_until(lambda: watch.checks()[name].level is level, f"{name} shows as {level}", HEALED)
                desk.wait_until(lambda: bool(told()), f"{name} is told")
                assert watch.liveness.deadly() is None
                assert (watch.liveness.unready() is None) == (name != "prices")
            watch.wait_well()
            assert watch.liveness.unready() is None
            assert any("well again" in text for text in told())
            desk.wait_quiet(HEALED)
