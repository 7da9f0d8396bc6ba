"""Execute `engine.supervision` on threads: start, watch, restart, stop, give up."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from time import monotonic
from typing import Any, assert_never

from attrs import frozen

from actors.base import ChildEnded, ChildFailed, ChildStarted, EscalationError, Life, Ping, launch
from actors.post import Post
from engine.addresses import HEALTH_MONITOR
from engine.effects import Address, After, Effect, Send
from engine.messages import LevelsStarted, LevelSupervisorInbox, StartLevels, SteeredSupervisorInbox, StopLevels
from engine.messages.steering import RestartAll
from engine.messages.vitals import ActorRestarted
from engine.supervision import ChildSpec, Decision, GiveUp, LeaveDown, RestartChildren, Supervision, SupervisorSpec

log = logging.getLogger(__name__)


@frozen
class StartDue:
    """Tell that this incarnation should be up by now."""

    address: Address[Any]
    generation: int


@frozen
class RestartDue:
    """Tell that the backoff of a batch of restarts is over."""

    ticket: int


@frozen
class PingDue:
    """Tell that it is time to ping the children."""


@frozen
class PongsDue:
    """Tell that every pinged child should have answered by now."""


SupervisorInbox = (
    LevelSupervisorInbox
    | SteeredSupervisorInbox
    | ChildStarted
    | ChildFailed
    | ChildEnded
    | StartDue
    | RestartDue
    | PingDue
    | PongsDue
)


@frozen
class Means:
    """Hold what a supervisor does its work with: lives on threads, a clock (seconds), chance in [0, 1].

    A simulation brings its own, and has the same supervisors.
    """

    life: type[Life] = Life
    launch: Callable[[Life, Post], None] = launch
    now: Callable[[], float] = monotonic
    random01: Callable[[], float] = random.random


class Supervisor:
    """Keep the children of one spec alive; itself a behaviour in a shell, so that it has a supervisor too.

    It never waits for a start: children report when they are up, so it stays able to act on failures meanwhile. It
    does wait for threads to end, each within its own timeout; one that does not is abandoned.
    """

    def __init__(self, spec: SupervisorSpec, post: Post, life: Life, means: Means | None = None) -> None:
        """Supervise from within the incarnation that `life` is."""
        self._means = means or Means()
        self._spec = spec
        self._post = post
        self._life = life
        self._core = Supervision(spec)
        self._lives: dict[Address[Any], Life] = {}
        self._pinged: list[tuple[Life, int]] = []
        self._announced = False
        self._owes_levels = False

    def start(self) -> list[Effect]:
        """Start the first child; the others follow as each reports."""
        effects = self._start_next(self._core.begin())
        if self._spec.ping_interval is not None:
            effects.append(After(self._spec.ping_interval, PingDue()))
        return effects

    def handle(self, message: SupervisorInbox) -> list[Effect]:
        """Act on a report, a timer, or a wish of the grid; raise EscalationError to fail upward."""
        match message:
            case ChildStarted():
                effects = self._started(message)
            case ChildFailed():
                effects = self._failed(message)
            case ChildEnded():
                effects = self._ended(message)
            case StartDue():
                effects = self._check_start(message)
            case RestartDue():
                effects = self._start_next(message.ticket)
            case PingDue():
                effects = self._ping()
            case PongsDue():
                effects = self._check_pongs()
            case StartLevels():
                effects = self._start_levels(message)
            case StopLevels():
                effects = self._stop_levels()
            case RestartAll():
                effects = self._carry_out(self._core.restart_all(), message.reason)
            case _:
                assert_never(message)
        return effects

    def close(self) -> None:
        """Stop all children, last started first."""
        for address in self._core.stop_order:
            self._stop(address)

    # --- starting ------------------------------------------------------------------------------------

    def _start_next(self, ticket: int) -> list[Effect]:
        """Start the next child of a batch; when there is none, tell who waits for that."""
        spec = self._core.next_to_start(ticket)
        if spec is None:
            return self._report_up()
        life = self._conceive(spec)
        try:
            self._means.launch(life, self._post)
        except RuntimeError as error:
            log.exception("%s has no thread to run in", spec.address)
            return self._decide_failure(spec.address, str(error))
        self._lives[spec.address] = life
        if isinstance(spec, SupervisorSpec):
            return []  # bounded by the timeouts of its own children
        return [After(spec.start_timeout, StartDue(spec.address, life.generation))]

    def _conceive(self, spec: ChildSpec | SupervisorSpec) -> Life:
        me, above = self._life.entry, self._spec.address
        if isinstance(spec, ChildSpec):
            return self._means.life(spec.address, lambda _: spec.factory(), me, above)
        return self._means.life(
            spec.address, lambda life: Supervisor(spec, self._post, life, self._means), me, above, announces=False
        )

    def _report_up(self) -> list[Effect]:
        if not self._core.settled:
            return []
        effects: list[Effect] = []
        if not self._announced:
            self._announced = True
            self._life.up.set()
            if self._life.reports_to is not None:
                effects.append(Send(self._life.reports_to, ChildStarted(self._spec.address, self._life.generation)))
        if self._owes_levels and self._spec.grow_reports_to is not None:
            effects.append(Send(self._spec.grow_reports_to, LevelsStarted()))
        self._owes_levels = False
        return effects

    def _start_levels(self, message: StartLevels) -> list[Effect]:
        if self._spec.grow is None:
            raise ValueError(f"{self._spec.address} has no levels to start")
        self._owes_levels = True
        return self._start_next(self._core.grow(map(self._spec.grow, message.levels)))

    # --- reports -------------------------------------------------------------------------------------

    def _started(self, report: ChildStarted) -> list[Effect]:
        if not self._is_current(report.address, report.generation):
            return []
        return self._start_next(self._core.child_started(report.address))

    def _failed(self, report: ChildFailed) -> list[Effect]:
        if not self._is_current(report.address, report.generation):
            return []  # its siblings failed first, and it was stopped with them
        self._stop(report.address)
        return self._decide_failure(report.address, report.error)

    def _ended(self, report: ChildEnded) -> list[Effect]:
        if not self._is_current(report.address, report.generation):
            return []
        self._stop(report.address)
        decision = self._core.child_ended(report.address, self._means.now(), self._means.random01())
        return self._told(decision, report.address, report.reason)

    def _check_start(self, due: StartDue) -> list[Effect]:
        if not self._is_current(due.address, due.generation) or self._core.is_up(due.address):
            return []
        return self._hung(self._lives[due.address], "did not start in time")

    def _decide_failure(self, address: Address[Any], why: str) -> list[Effect]:
        return self._told(self._core.child_failed(address, self._means.now(), self._means.random01()), address, why)

    def _told(self, decision: Decision, address: Address[Any], why: str) -> list[Effect]:
        """Carry a decision out, and have whoever looks after the whole told of a restart."""
        if not isinstance(decision, RestartChildren) or not decision.delay or not self._post.is_alive(HEALTH_MONITOR):
            return self._carry_out(decision, why)
        others = tuple(str(other) for other in decision.start if other != address)
        restarted = ActorRestarted(str(address), others, why, decision.delay, str(self._spec.address))
        return [Send(HEALTH_MONITOR, restarted), *self._carry_out(decision, why)]

    def _carry_out(self, decision: Decision, why: str) -> list[Effect]:
        match decision:
            case GiveUp():
                raise EscalationError(f"{decision.reason}: {why}")
            case LeaveDown():
                return self._report_up()
            case RestartChildren():
                for address in decision.stop:
                    self._stop(address)
                if not decision.delay:
                    return self._start_next(decision.ticket)
                log.warning("restarting %s in %.2f s: %s", ", ".join(decision.start), decision.delay, why)
                return [After(decision.delay, RestartDue(decision.ticket))]
        assert_never(decision)

    def _is_current(self, address: Address[Any], generation: int) -> bool:
        life = self._lives.get(address)
        return life is not None and life.generation == generation

    # --- stopping ------------------------------------------------------------------------------------

    def _stop(self, address: Address[Any]) -> None:
        """End a child's thread, or leave it behind; either way its address is free afterwards."""
        life = self._lives.pop(address, None)
        if life is None:
            return
        life.stop()
        timeout = self._core.shutdown_timeout(address)
        if not life.join(timeout):
            log.error("%s did not stop within %g s: abandoned", address, timeout)
            life.abandon(self._post)

    def _stop_levels(self) -> list[Effect]:
        self._owes_levels = False
        for address in self._core.grown:
            self._stop(address)
        self._core.shrink()
        return []

    # --- pings ---------------------------------------------------------------------------------------

    def _ping(self) -> list[Effect]:
        """Ping whoever is up; supervisors wait only within timeouts, and are not asked."""
        self._pinged = []
        for address, life in self._lives.items():
            if self._core.is_up(address) and life.announces:
                life.ponged = False
                self._pinged.append((life, life.entry.handled))
                self._post.put_control(life.entry, Ping())
        return [After(self._spec.ping_timeout, PongsDue())]

    def _check_pongs(self) -> list[Effect]:
        """Fail the children that hang; a long queue that gets shorter is not hanging."""
        effects: list[Effect] = []
        for life, handled in self._pinged:
            current = self._lives.get(life.address) is life
            if current and not life.ponged and life.entry.handled == handled:
                effects += self._hung(life, "does not answer")
        if self._spec.ping_interval is not None:
            effects.append(After(self._spec.ping_interval, PingDue()))
        return effects

    def _hung(self, life: Life, why: str) -> list[Effect]:
        log.error("%s %s: abandoned", life.address, why)
        del self._lives[life.address]
        life.abandon(self._post)
        return self._decide_failure(life.address, why)
