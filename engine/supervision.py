"""Child specs as data, and what to stop and start when a child fails.

Time and randomness come in as values, so that a simulation supervises with the same decisions as threads do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, StrEnum, auto
from itertools import count
from typing import Any

from attrs import define, frozen

from engine.effects import Address, Behaviour
from engine.grid import PlannedLevel


class Restart(StrEnum):
    """When a child that ended is started again: always, after a failure, never."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class Strategy(StrEnum):
    """Who is restarted with a child that failed: nobody else, those started after it, everybody."""

    ONE_FOR_ONE = "one_for_one"
    REST_FOR_ONE = "rest_for_one"
    ONE_FOR_ALL = "one_for_all"


@frozen
class Intensity:
    """Bound how often children may fail: more than `max_restarts` within `window` seconds fails their supervisor.

    Delays double from `first_delay` to `longest_delay` seconds, each varied by up to the share `jitter` of itself.
    A window no longer than the summed delays could never be exceeded: ValueError.
    """

    max_restarts: int = 3
    window: float = 60.0
    first_delay: float = 0.1
    longest_delay: float = 5.0
    jitter: float = 0.1

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot work."""
        if self.max_restarts < 0 or not 0 <= self.first_delay <= self.longest_delay or not 0 <= self.jitter < 1:
            raise ValueError(f"not an intensity: {self}")
        summed = sum(self.delay(failures, 1.0) for failures in range(1, self.max_restarts + 1))
        if self.window <= summed:
            raise ValueError(f"the window of {self.window} s must be longer than the summed backoff of {summed} s")

    def delay(self, failures: int, random01: float) -> float:
        """Give the seconds to wait after the n-th failure within the window; `random01` in [0, 1] picks the jitter."""
        doublings = min(failures - 1, 60)  # beyond any longest delay, and a float still holds it
        return min(self.first_delay * 2.0**doublings, self.longest_delay) * (1 + self.jitter * (2 * random01 - 1))


@frozen
class ChildSpec:
    """Describe one actor: where it lives, who it is, and how long (seconds) it may take to start and to stop.

    `factory` runs in the actor's own thread. What it builds may have two hooks, run there too: ``start() ->
    list[Effect]`` before any message, and ``close() -> None`` when the thread ends, however it came to that.
    """

    address: Address[Any]
    factory: Callable[[], Behaviour]
    restart: Restart = Restart.PERMANENT
    start_timeout: float = 10.0
    shutdown_timeout: float = 5.0


@frozen
class SupervisorSpec:
    """Describe a supervisor and its children, in the order they start in.

    `grow` makes one more child for each level of a `StartLevels`; when all are up, `grow_reports_to` is told
    `LevelsStarted`. Every `ping_interval` seconds each child that is not a supervisor is pinged; one that neither
    answers nor finishes a message within `ping_timeout` counts as failed. None: no pings.
    """

    address: Address[Any]
    strategy: Strategy
    children: tuple[ChildSpec | SupervisorSpec, ...]
    intensity: Intensity = Intensity()
    restart: Restart = Restart.PERMANENT
    shutdown_timeout: float = 30.0
    grow: Callable[[PlannedLevel], ChildSpec] | None = None
    grow_reports_to: Address[Any] | None = None
    ping_interval: float | None = None
    ping_timeout: float = 10.0

    def __attrs_post_init__(self) -> None:
        """Refuse two actors at one address."""
        addresses = list(self.addresses())
        if twice := sorted({address for address in addresses if addresses.count(address) > 1}):
            raise ValueError(f"more than one actor at {', '.join(twice)}")

    def addresses(self) -> Iterable[Address[Any]]:
        """Give every address in this tree, its own first."""
        yield self.address
        for child in self.children:
            if isinstance(child, SupervisorSpec):
                yield from child.addresses()
            else:
                yield child.address


Spec = ChildSpec | SupervisorSpec


@frozen
class RestartChildren:
    """Stop some children, in this order; after `delay` seconds start others, in this order, under `ticket`."""

    stop: tuple[Address[Any], ...]
    start: tuple[Address[Any], ...]
    delay: float
    ticket: int


@frozen
class LeaveDown:
    """Do nothing: the child has ended for good."""


@frozen
class GiveUp:
    """Fail upward."""

    reason: str


Decision = RestartChildren | LeaveDown | GiveUp


class _State(Enum):
    WAITING = auto()
    STARTING = auto()
    UP = auto()
    DOWN = auto()


@define(eq=False)
class _Child:
    spec: Spec
    grown: bool = False
    state: _State = _State.DOWN
    ticket: int = 0


class Supervision:
    """Decide for one supervisor: who starts next, and what follows when a child fails or ends.

    Children start in batches, one at a time: each batch has a ticket, and a child that a later decision claims
    leaves the earlier batch, so that an overtaken timer starts nothing twice.
    """

    def __init__(self, spec: SupervisorSpec) -> None:
        """Begin with every child down."""
        self._strategy = spec.strategy
        self._intensity = spec.intensity
        self._children = {child.address: _Child(child) for child in spec.children}
        self._failures: list[float] = []
        self._tickets = count(1)

    @property
    def settled(self) -> bool:
        """Tell whether no child is starting or waiting to be started."""
        return all(child.state in (_State.UP, _State.DOWN) for child in self._children.values())

    @property
    def stop_order(self) -> tuple[Address[Any], ...]:
        """Give all children, last started first."""
        return tuple(reversed(self._children))

    def begin(self) -> int:
        """Ask for all children to be started; give the ticket of the batch."""
        return self._batch(self._children.values())

    def grow(self, specs: Iterable[ChildSpec]) -> int:
        """Add children, and ask for those that are not alive to be started; give the ticket of the batch."""
        wanted = [self._children.setdefault(spec.address, _Child(spec, grown=True)) for spec in specs]
        return self._batch(child for child in wanted if child.state is _State.DOWN)

    @property
    def grown(self) -> tuple[Address[Any], ...]:
        """Give the children that grew, last started first."""
        return tuple(address for address in self.stop_order if self._children[address].grown)

    def shrink(self) -> None:
        """Forget the children that grew."""
        for address in self.grown:
            del self._children[address]

    def is_up(self, address: Address[Any]) -> bool:
        """Tell whether a child has started and not failed or ended since."""
        return self._children[address].state is _State.UP

    def shutdown_timeout(self, address: Address[Any]) -> float:
        """Give the seconds that a child has for stopping."""
        return self._children[address].spec.shutdown_timeout

    def next_to_start(self, ticket: int) -> Spec | None:
        """Give the next child of a batch, now starting; None when the batch is through or was overtaken."""
        for child in self._children.values():
            if child.ticket == ticket and child.state is _State.WAITING:
                child.state = _State.STARTING
                return child.spec
        return None

    def child_started(self, address: Address[Any]) -> int:
        """Note that a child is up; give the ticket of the batch that goes on."""
        child = self._children[address]
        child.state = _State.UP
        return child.ticket

    def child_failed(self, address: Address[Any], now: float, random01: float) -> Decision:
        """Decide on a child that crashed, hung or did not start at `now` (seconds, monotonic)."""
        child = self._children[address]
        if child.state not in (_State.STARTING, _State.UP):
            return LeaveDown()
        if child.spec.restart is Restart.TEMPORARY:
            return self._leave_down(child)
        return self._restart(child, now, random01)

    def child_ended(self, address: Address[Any], now: float, random01: float) -> Decision:
        """Decide on a child that ended normally; one that is to live for ever counts as failed."""
        child = self._children[address]
        if child.spec.restart is Restart.PERMANENT:
            return self.child_failed(address, now, random01)
        return self._leave_down(child)

    def restart_all(self) -> RestartChildren:
        """Have every child stopped and started again at once: somebody wants it, and nobody has failed."""
        children = list(self._children.values())
        running = (_State.STARTING, _State.UP)
        stop = tuple(child.spec.address for child in reversed(children) if child.state in running)
        again = [child for child in children if child.spec.restart is not Restart.TEMPORARY]
        return RestartChildren(stop, tuple(child.spec.address for child in again), 0.0, self._batch(again))

    def _restart(self, failed: _Child, now: float, random01: float) -> Decision:
        self._failures = [time for time in self._failures if time > now - self._intensity.window] + [now]
        failures = len(self._failures)
        if failures > self._intensity.max_restarts:
            return GiveUp(f"{failed.spec.address} failed ({failures} within {self._intensity.window:g} s)")
        group = self._group(failed)
        stop = tuple(
            child.spec.address
            for child in reversed(group)
            if child is not failed and child.state in (_State.STARTING, _State.UP)
        )
        for child in group:
            if child.spec.restart is Restart.TEMPORARY and child.state is not _State.WAITING:
                child.state = _State.DOWN  # stopped with the others, and not to come back
        temporary = [child for child in group if child.spec.restart is Restart.TEMPORARY]
        again = [child for child in group if child not in temporary or child.state is _State.WAITING]
        delay = self._intensity.delay(failures, random01)
        return RestartChildren(stop, tuple(child.spec.address for child in again), delay, self._batch(again))

    def _group(self, failed: _Child) -> list[_Child]:
        children = list(self._children.values())
        match self._strategy:
            case Strategy.ONE_FOR_ALL:
                return children
            case Strategy.REST_FOR_ONE:
                return children[children.index(failed) :]
            case Strategy.ONE_FOR_ONE:
                # Those behind a child that did not start wait for it, whatever the strategy: they start in order.
                behind = self._behind(failed)
                return [child for child in children if child is failed or child in behind]

    def _leave_down(self, ended: _Child) -> Decision:
        behind = self._behind(ended)
        ended.state = _State.DOWN
        if not behind:
            return LeaveDown()
        return RestartChildren((), tuple(child.spec.address for child in behind), 0.0, self._batch(behind))

    def _behind(self, child: _Child) -> list[_Child]:
        """Give those of its batch that wait for it to start."""
        if child.state is not _State.STARTING:
            return []
        children = self._children.values()
        return [other for other in children if other.ticket == child.ticket and other.state is _State.WAITING]

    def _batch(self, children: Iterable[_Child]) -> int:
        ticket = next(self._tickets)
        for child in children:
            child.state = _State.WAITING
            child.ticket = ticket
        return ticket
