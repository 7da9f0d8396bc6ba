"""A controller at its door, with the actors that it talks to: real threads, a real post, grids that are played."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from attrs import evolve

from actors import controller
from actors.control.answers import Answers
from actors.control.door import Door
from actors.control.extras import Extras
from actors.control.options import ControlOptions
from actors.mail import Letter
from actors.post import Post
from actors.system import System
from engine.addresses import CONSOLE, CONTROLLER, HEALTH_MONITOR, REPORTER
from engine.candles.recorder import CandleRecorder
from engine.effects import Address, Effect, Reply, Send
from engine.grid_setup import GridSetup
from engine.live_view import GridAnswers
from engine.messages import (
    DescribeCandles,
    DescribeHistory,
    GridStopped,
    StopGrid,
)
from engine.messages.steering import GridPaused, GridResumed, PauseGrid, RestartGrid, ResumeGrid
from engine.messages.vitals import HealthDescribed
from engine.reporter import GridHistory, Pause
from engine.supervision import ChildSpec, Strategy, SupervisorSpec
from engine.values import ZERO
from tests.actors.house import QUICK
from tests.actors.live_views import NOW, Desk
from tests.engine.configurations import load


class Actor:
    """Do what a function says with every message."""

    def __init__(self, act: Callable[[Any], list[Effect]]) -> None:
        self._act = act

    def handle(self, message: Any) -> list[Effect]:
        return self._act(message)


class PlayedGrid:
    """Play the actors of one grid: `history` is what the reporter has, `told` what the grid manager heard."""

    def __init__(self, desk: Desk, answers: GridAnswers) -> None:
        settings = load(("exchange.trading_mode", "live"))
        self.setup = GridSetup(desk.name, settings, desk.rules, run="run")
        self.answers = answers
        assert answers.history is not None
        self.history = answers.history
        self.told: list[Any] = []
        self.deaf_to = 0  # messages that its manager does not hear
        self.candles = CandleRecorder(settings.trading_settings.timeframe_ms)

    def specs(self) -> list[ChildSpec]:
        addresses = self.setup.addresses
        plan = self.history.plan
        return [
            _spec(addresses.grid_manager, self._manage),
            _spec(addresses.balance_tracker, lambda _: [Reply(self.answers.funds)]),
            _spec(addresses.order_manager, lambda _: [Reply(self.answers.orders)]),
            _spec(addresses.price_feed, lambda _: [Reply(self.answers.prices)]),
            *(_spec(addresses.level(level.slot), self._level(level.slot)) for level in (plan.levels if plan else ())),
        ]

    def _level(self, slot: str) -> Callable[[Any], list[Effect]]:
        return lambda _: [Reply(next((level for level in self.answers.levels if level.slot == slot), None))]

    def _manage(self, message: Any) -> list[Effect]:
        self.told.append(message)
        if self.deaf_to:
            self.deaf_to -= 1
            return []
        name, reason = self.setup.name, message.reason
        match message:
            case PauseGrid():
                self.history = evolve(self.history, pause=Pause(reason, message.until, is_resting=True))
                return [Send(CONTROLLER, GridPaused(name, reason, message.until, ZERO, ZERO))]
            case ResumeGrid() | RestartGrid():
                self.history = evolve(self.history, pause=None, stop_reason=None)
                return [Send(CONTROLLER, GridResumed(name, reason))]
            case StopGrid():
                self.history = evolve(self.history, pause=None, stop_reason=reason)
                return [Send(CONTROLLER, GridStopped(name, reason, ZERO, ZERO))]
        return []


def played(name: str = "SOL/USDT", *prices: int) -> PlayedGrid:
    """Play a grid that armed at 152 and followed these prices."""
    desk = Desk(name)
    for number, price in enumerate(prices):
        desk.move(price, NOW + number * 1000)
    desk.look()
    return PlayedGrid(desk, desk.watch._last)


def waiting(name: str = "SOL/USDT") -> PlayedGrid:
    """Play a grid that waits for its range, and of which nobody has said anything."""
    return PlayedGrid(Desk(name), GridAnswers(history=GridHistory(None, None, None, ())))


class Town:
    """Run all of it while a test looks on."""

    def __init__(
        self,
        state_dir: Path,
        grids: Sequence[PlayedGrid] | None = None,
        extras: Extras | None = None,
        options: ControlOptions | None = None,
    ) -> None:
        self.grids = {grid.setup.name: grid for grid in grids or [played("SOL/USDT", 180, 130)]}
        self.options = options or ControlOptions(listen="127.0.0.1:0", state_dir=state_dir)
        self.door = Door.open(self.options)
        self.post = Post()
        self.answers = Answers([grid.setup for grid in self.grids.values()], self.post, extras)
        self.console: list[Any] = []
        self.heard = threading.Event()
        self.system: System | None = None
        self.health: HealthDescribed | None = None

    @property
    def grid(self) -> PlayedGrid:
        return next(iter(self.grids.values()))

    def __enter__(self) -> Self:
        self.post.perform(self.post.register(CONSOLE, self._hear), [])
        children = [
            _spec(REPORTER, self._report),
            _spec(HEALTH_MONITOR, lambda _: [Reply(self.health)]),
            *(spec for grid in self.grids.values() for spec in grid.specs()),
            controller.spec(self.answers, self.door),
        ]
        tree = SupervisorSpec(Address("supervisor"), Strategy.ONE_FOR_ONE, tuple(children), QUICK)
        self.system = System.start(tree, self.post)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.system is not None
        self.post.miss_nobody()
        self.system.stop(5)
        self.door.close()
        self.post.close()

    def _hear(self, letter: Letter) -> None:
        self.console.append(letter.message)
        self.heard.set()

    def _report(self, message: Any) -> list[Effect]:
        match message:
            case DescribeHistory():
                return [Reply(self.grids[message.grid].history)]
            case DescribeCandles():
                return [Reply(self.grids[message.grid].candles.candles())]
        return []


def _spec(address: Address[Any], act: Callable[[Any], list[Effect]]) -> ChildSpec:
    return ChildSpec(address, lambda: Actor(act))
