"""Whether the process should be restarted, or left alone for a while."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field

from actors import liveness
from actors.base import Life, launch
from actors.liveness import ROOT, Liveness
from actors.post import Post
from engine.effects import Address, Effect
from tests.actors.feeds import live_grid

GRID = live_grid("", ("health.actor_hangs", 10.0), ("execution.health_check_interval", 20.0))
STRICT = live_grid("", ("health.actor_hangs", 5.0))
SOON = 5.0


@define(eq=False)
class Clock:
    """A monotonic clock that a test moves."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(liveness, "monotonic", clock)
    monkeypatch.setattr("actors.mail.monotonic", clock)
    monkeypatch.setattr("actors.post.monotonic", clock)
    return clock


@pytest.fixture
def post() -> Iterator[Post]:
    with Post() as post:
        yield post


@define(eq=False)
class Busy:
    entered: threading.Event = field(factory=threading.Event)
    released: threading.Event = field(factory=threading.Event)

    def handle(self, _: Any) -> list[Effect]:
        self.entered.set()
        assert self.released.wait(SOON)
        return []


def live_at(post: Post, *addresses: Address[Any]) -> None:
    for address in addresses:
        post.perform(post.register(address, lambda _: None), [])


def test_process_is_well_while_the_monitor_looks(post: Post, clock: Clock) -> None:
    watch = Liveness([GRID], post)
    for _ in range(10):
        clock.now += 85.0
        assert watch.deadly() is None
        watch.looked({})


def test_monitor_that_does_not_look_any_more_is_deadly(post: Post, clock: Clock) -> None:
    watch = Liveness([GRID], post)
    clock.now += 90.0
    assert watch.deadly() is None
    clock.now += 1.0
    assert watch.deadly() == "the health monitor has not looked for 91 s"
    watch.looked({})
    assert watch.deadly() is None


def test_root_that_hangs_is_deadly(post: Post, clock: Clock) -> None:
    busy = Busy()
    life = Life(ROOT, lambda _: busy, announces=False)
    launch(life, post)
    watch = Liveness([GRID, STRICT], post)
    post.send(ROOT, "stop somebody who does not want to")
    assert busy.entered.wait(SOON)
    clock.now += 10.0
    assert watch.deadly() is None  # nobody has knocked
    post.knock()
    clock.now += 4.9
    assert watch.deadly() is None
    clock.now += 0.1
    assert watch.deadly() == "supervisor has not come to its next message for 5 s"
    busy.released.set()
    assert post.ask(ROOT, "through?", SOON) is None
    assert watch.deadly() is None
    life.stop()
    assert life.join(SOON)


def test_grid_is_ready_when_its_core_is_there_and_prices_come(post: Post) -> None:
    watch, addresses = Liveness([GRID], post), GRID.addresses
    assert watch.unready() == f"{addresses.order_manager} is not there"
    live_at(post, addresses.order_manager)
    assert watch.unready() == f"{addresses.grid_manager} is not there"
    live_at(post, addresses.grid_manager)
    assert watch.unready() == "nobody has looked at the prices yet"
    watch.looked({GRID.name: "no connection: dropped"})
    assert watch.unready() == f"{GRID.name}: no connection: dropped"
    watch.looked({})
    assert watch.unready() is None
