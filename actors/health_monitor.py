"""The health monitor, as an actor: it looks, knocks, asks without waiting, and leaves it to the engine to judge."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import assert_never

from actors.gateways.process_vitals import ProcessVitals
from actors.liveness import ROOT, Liveness
from actors.post import Post
from engine.addresses import HEALTH_MONITOR
from engine.effects import Address, After, Effect, Reply, Send
from engine.grid_setup import GridSetup
from engine.health.monitor import HealthMonitor
from engine.health.process import Vitals
from engine.health.thresholds import WatchedGrid
from engine.messages.alerting import AlertKind, Notify
from engine.messages.questions import Answered
from engine.messages.vitals import (
    ActorRestarted,
    ClockCompared,
    DescribeHealth,
    HealthMonitorInbox,
    JudgeDue,
    LookDue,
)
from engine.supervision import ChildSpec

log = logging.getLogger(__name__)

_FIRST_LOOK = 1.0  # seconds after the start; at once would find everybody starting
_PAUSE = 1.0  # seconds that those who are asked have to answer, or a quarter of the interval
_COMPARE_CLOCKS_EVERY, _AGAIN_AFTER = 600.0, 60.0  # seconds; the second when an exchange did not tell its time

ServerAhead = Callable[[], int]


def spec(
    grids: Sequence[GridSetup],
    post: Post,
    *,
    state_dir: Path,
    server_ahead: Mapping[str, ServerAhead],
    liveness: Liveness,
) -> ChildSpec:
    """Describe the health monitor of `grids`.

    `server_ahead` gives, for the name of each grid on a real exchange, a call for the milliseconds by which that
    exchange's clock is ahead; it is made in a thread of its own.
    """
    interval = min(grid.settings.execution.health_check_interval for grid in grids)
    watched = [WatchedGrid.of(grid) for grid in grids]

    clocks = Clocks(server_ahead, partial(post.send, HEALTH_MONITOR))  # one for all incarnations: they never overlap

    def factory() -> HealthMonitorShell:
        monitor = HealthMonitor(watched, ROOT, time.monotonic())
        return HealthMonitorShell(monitor, post, ProcessVitals(state_dir).read, clocks, liveness, interval)

    return ChildSpec(HEALTH_MONITOR, factory)


class Clocks:
    """Have clocks compared in one short-lived thread at a time."""

    def __init__(self, server_ahead: Mapping[str, ServerAhead], tell: Callable[[ClockCompared], None]) -> None:
        """Compare with those of `server_ahead`, by grid; `tell` is called in the thread."""
        self._server_ahead, self._tell = server_ahead, tell
        self._thread: threading.Thread | None = None
        self._due_at = 0.0

    def look(self, now: float) -> None:
        """Begin to compare, if it is time (seconds, monotonic) and nobody does."""
        if not self._server_ahead or now < self._due_at or (self._thread is not None and self._thread.is_alive()):
            return
        self._due_at = now + _COMPARE_CLOCKS_EVERY
        self._thread = threading.Thread(target=self._compare, name="clocks", daemon=True)
        self._thread.start()

    def heard(self, now: float, compared: ClockCompared) -> None:
        """Compare again soon where there was no answer."""
        if compared.ahead_ms is None:
            self._due_at = min(self._due_at, now + _AGAIN_AFTER)

    def _compare(self) -> None:
        for grid, ask in self._server_ahead.items():
            ahead: int | None = None
            try:
                ahead = ask()
            except Exception as error:  # noqa: BLE001 whatever a library raises, the clock is not known then
                log.info("%s: the exchange's clock could not be asked for: %s", grid, error)
            self._tell(ClockCompared(grid, ahead))


class HealthMonitorShell:
    """Look at intervals: first knock and ask everybody, then, when they have had time to answer, judge."""

    def __init__(
        self,
        monitor: HealthMonitor,
        post: Post,
        read_vitals: Callable[[], Vitals],
        clocks: Clocks,
        liveness: Liveness,
        interval: float,
    ) -> None:
        """Look every `interval` seconds."""
        self._monitor, self._post, self._read_vitals = monitor, post, read_vitals
        self._clocks, self._liveness = clocks, liveness
        self._pause = min(_PAUSE, interval / 4)
        self._rest = interval - self._pause
        self._first = min(_FIRST_LOOK, interval)

    def start(self) -> list[Effect]:
        """Look soon for the first time."""
        return [After(self._first, LookDue())]

    def handle(self, message: HealthMonitorInbox) -> list[Effect]:
        """Look, judge, or take what comes."""
        now = time.monotonic()
        match message:
            case LookDue():
                return self._look(now)
            case JudgeDue():
                return self._judge(now)
            case Answered():
                self._monitor.answered(now, message)
                return []
            case ClockCompared():
                self._clocks.heard(now, message)
                self._monitor.clock_compared(now, message)
                return []
            case ActorRestarted():
                return self._monitor.restarted(now, message)
            case DescribeHealth():
                return [Reply(self._monitor.described)]
            case _:
                assert_never(message)

    def _look(self, now: float) -> list[Effect]:
        self._clocks.look(now)
        self._post.knock()
        for address, question in self._monitor.questions(now):
            self._post.inquire(Address(address), question, HEALTH_MONITOR)
        return [After(self._pause, JudgeDue())]

    def _judge(self, now: float) -> list[Effect]:
        effects = self._monitor.judge(now, time.time_ns() // 1_000_000, self._read_vitals(), self._post.mailboxes())
        self._liveness.looked(self._monitor.price_troubles)
        for effect in effects:
            if isinstance(effect, Send) and isinstance(effect.message, Notify):
                _log(effect.message)
        return [*effects, After(self._rest, LookDue())]


def _log(alert: Notify) -> None:
    """Write an alert down too, as no more than a warning: an error would be told a second time."""
    if alert.kind is AlertKind.HEALTH:
        log.warning("%s%s", f"{alert.grid}: " if alert.grid else "", alert.text)
