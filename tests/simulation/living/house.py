"""The house on one thread: lives in it start, take turns, crash, are stopped and replaced, as threads do and are.

It stands in for the post, for the threads and for the clock. Who lives in it is real, the supervisors too.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from actors.base import ChildEnded, ChildFailed, ChildStarted, EscalationError, Life, Ping
from actors.post import OrphanError
from actors.supervisor import Means
from engine.effects import Address, After, Effect, Reply, Send, Stop
from engine.journal.store import StoreUnavailable
from tests.simulation.living.chance import Chance
from tests.simulation.living.residents import Crash, HousedLife, Killed, Law, Resident, Teller, Told
from tests.simulation.living.verdict import LawBroken

_STOP = object()  # what ends a life when its turn comes to it
_EXPECTED = (EscalationError, StoreUnavailable)  # how a life may fail by itself
_HANGS_FOR = (1.0, 20.0, 60.0)  # seconds
_SLOWNESS = 2.0  # seconds that messages may wait for the machine, at most


class House:
    """Host lives; `laws` look at the address of each one after whatever it has handled.

    With `disorder`, anybody may run between two sends of another; without it turns are taken in the order in which
    there was something to do. `slowness` is the share of turns before which the clock goes on, though there is work.
    """

    def __init__(
        self,
        chance: Chance,
        *,
        disorder: bool,
        slowness: float,
        crashes: float,
        hangs: float,
        kills: float,
        law_of: Callable[[str, bool], Law | None],
        teller: Teller | None,
    ) -> None:
        self.now = 0.0
        self.delivered = self.dead_letters = 0
        self.left_behind = 0  # lives of this process that did not end in time
        self.current: Resident | None = None
        self.live: dict[str, Resident] = {}
        self._all: list[Resident] = []  # of this process, dead or alive
        self.means = Means(HousedLife, self.launch, lambda: self.now, chance.stream("supervisors").random)
        self.kills = chance.hazard("kill", kills)
        self._chance = chance
        self._crashes, self._hangs = chance.hazard("crash", crashes), chance.hazard("hang", hangs)
        self._law_of, self._teller = law_of, teller
        self._draw = chance.stream("turns").random
        self._disorder, self._slowness = disorder, slowness
        self._generations: dict[str, int] = {}
        self._ready: list[Resident] | deque[Resident] = [] if disorder else deque()
        self._timers: list[tuple[float, int, Resident | None, Any]] = []
        self._count = 0

    # --- the post ------------------------------------------------------------------------------------

    def send(self, to: Address[Any], message: Any, sender: str = "") -> None:
        """Put a message into the inbox of whoever lives at `to`."""
        target = self.live.get(to)
        if target is None:
            self.dead_letters += 1
            return
        if self._teller is not None:
            self._teller(Told(self.now, sender, to, message))
        target.inbox.append(message)
        self._rouse(target)

    def generation(self, address: str) -> int:
        """Count the incarnations that have lived there, in this process."""
        return self._generations.get(address, 0)

    def is_alive(self, address: Address[Any]) -> bool:
        """Tell whether anybody lives there."""
        return address in self.live

    def put_control(self, entry: Resident, message: Any) -> None:
        """Put what is for the shell."""
        entry.inbox.append(message)
        self._rouse(entry)

    def abandon(self, entry: Resident) -> None:
        """Have nothing count that it and those below it do from now on."""
        self.left_behind += 1
        for resident in [other for other in self.live.values() if other.descends_from(entry)]:
            self._retire(resident)
        if entry.alive:
            self._retire(entry)

    def later(self, delay: float, act: Callable[[], None]) -> None:
        """Have something happen in the world outside."""
        self._count += 1
        heapq.heappush(self._timers, (self.now + delay, self._count, None, act))

    def ask(self, to: Address[Any], message: Any) -> Any:
        """Have a question answered between all other messages; None where nobody is up."""
        target = self.live.get(to)
        if target is None or target.behaviour is None:
            return None
        effects = target.behaviour.handle(message)
        return next((effect.value for effect in effects if isinstance(effect, Reply)), None)

    # --- lives ---------------------------------------------------------------------------------------

    def launch(self, life: Life, _post: Any = None) -> None:
        """Begin a life."""
        if life.address in self.live:
            raise ValueError(f"somebody lives at {life.address}")
        if life.parent is not None and not life.parent.alive:
            raise OrphanError(f"{life.parent.address}, above {life.address}, is no longer alive")
        generation = self._generations[life.address] = self._generations.get(life.address, 0) + 1
        resident = Resident(life, generation, self._law_of(life.address, not life.announces))
        life.entry = resident
        life.house = self  # type: ignore[attr-defined]
        self.live[life.address] = resident
        self._all.append(resident)
        self._rouse(resident)

    def block(self) -> Resident:
        """Have the one whose turn it is wait for something outside, and do nothing else until `unblock`."""
        assert self.current is not None
        self.current.is_blocked = True
        return self.current

    def unblock(self, resident: Resident, effects: Iterable[Effect]) -> None:
        """Have one go on that waited."""
        resident.is_blocked = False
        if resident.alive:
            self._perform(resident, effects)
        if resident.inbox or resident.outbox:
            self._rouse(resident)

    def end(self, resident: Resident) -> None:
        """Ask for the end of a life, behind what is in its inbox."""
        resident.inbox.append(_STOP)
        self._rouse(resident)

    def wait_for_end(self, resident: Resident, timeout: float | None) -> bool:
        """Let everybody else go on until a life has ended, or for so many seconds."""
        deadline = float("inf") if timeout is None else self.now + timeout
        while not resident.has_ended and self.now < deadline:
            if not self._ready and (not self._timers or self._timers[0][0] > deadline):
                self.now = deadline
                break
            self.step()
        return resident.has_ended

    def wipe(self) -> None:
        """Have nobody live here any more, at once; the world outside goes on."""
        for resident in self._all:
            resident.alive, resident.has_ended = False, True
        self._all.clear()
        self.live.clear()
        self._generations.clear()
        self.left_behind = 0
        self._ready.clear()
        self.current = None

    # --- time ----------------------------------------------------------------------------------------

    def speed_up(self) -> None:
        """Be slow no longer."""
        self._slowness = 0.0

    def run(self, until: float) -> None:
        """Let everything happen that happens until then."""
        while self._ready or (self._timers and self._timers[0][0] <= until):
            self.step()
        self.now = max(self.now, until)  # to a slow machine, more may have happened

    def step(self) -> None:
        """Let one turn be taken; or, when nobody has anything to do, let the clock go on."""
        ready = self._ready
        if not ready or (self._slowness and self._draw() < self._slowness and self._is_soon()):
            self._ring()
            return
        if self._disorder:
            place = int(self._draw() * len(ready))
            resident = ready[place]
            ready[place] = ready[-1]
            ready.pop()
        else:
            resident = ready.popleft()  # type: ignore[union-attr]
        resident.is_queued = False
        if resident.has_ended or resident.is_blocked:
            return
        above, self.current = self.current, resident
        resident.is_at_it = True
        try:
            self._turn(resident)
        finally:
            resident.is_at_it = False
            self.current = above
        if resident.outbox or resident.inbox:
            self._rouse(resident)
        if self.kills.strikes():
            raise Killed

    def _is_soon(self) -> bool:
        return bool(self._timers) and self._timers[0][0] <= self.now + _SLOWNESS

    def _ring(self) -> None:
        time, _, resident, message = heapq.heappop(self._timers)
        self.now = max(self.now, time)
        if resident is None:
            message()
        elif resident.alive:
            resident.inbox.append(message)
            self._rouse(resident)

    # --- turns ---------------------------------------------------------------------------------------

    def _turn(self, resident: Resident) -> None:
        if resident.outbox:
            self._perform_one(resident, resident.outbox.popleft())
            return
        if resident.behaviour is None and resident.alive:
            self._begin(resident)
            return
        if not resident.inbox:
            return  # what it had to do was done when it was left behind
        message = resident.inbox.popleft()
        if message is _STOP:
            self._close(resident)
        elif not resident.alive:
            pass
        elif type(message) is Ping:
            resident.life.ponged = True
        else:
            self._handle(resident, message)

    def _begin(self, resident: Resident) -> None:
        life = resident.life
        try:
            behaviour = resident.behaviour = life.build(life)
            start = getattr(behaviour, "start", None)
            effects = list(start()) if start is not None else []
        except Exception as error:  # noqa: BLE001 whatever it is, its supervisor hears of it
            self._fail(resident, error)
            return
        if life.announces and life.reports_to is not None:
            effects.append(Send(life.reports_to, ChildStarted(life.address, resident.generation)))
        self._perform(resident, effects)

    def _handle(self, resident: Resident, message: Any) -> None:
        self.delivered += 1
        assert resident.behaviour is not None
        try:
            effects = resident.behaviour.handle(message)
        except Exception as error:  # noqa: BLE001 as above
            self._fail(resident, error)
            return
        if self._crashes.strikes():
            self._fail(resident, Crash(f"while it handled {type(message).__name__}"))
            return
        resident.handled += 1
        if self._hangs.strikes():
            self._hang(resident, message, effects)
            return
        self._see_law(resident, message, effects)
        self._perform(resident, effects)

    def _see_law(self, resident: Resident, message: Any, effects: list[Effect]) -> None:
        if resident.law is not None and resident.alive:
            resident.law(resident.behaviour, message, effects)

    def _hang(self, resident: Resident, message: Any, effects: list[Effect]) -> None:
        """Have a handler take its time; whoever looks after it may not wait so long."""

        def go_on() -> None:
            self._see_law(resident, message, effects)
            self.unblock(resident, effects)

        resident.is_blocked = True
        self.later(self._chance.detail().choice(_HANGS_FOR), go_on)

    def _perform(self, resident: Resident, effects: Iterable[Effect]) -> None:
        if self._disorder:
            resident.outbox.extend(effects)
        else:
            for effect in effects:
                self._perform_one(resident, effect)

    def _perform_one(self, resident: Resident, effect: Effect) -> None:
        if type(effect) is Send:
            self.send(effect.to, effect.message, resident.address)
        elif type(effect) is After:
            self._count += 1
            heapq.heappush(self._timers, (self.now + effect.delay, self._count, resident, effect.message))
        elif type(effect) is Stop:
            self._part(resident, ChildEnded(resident.address, resident.generation, effect.reason))

    def _rouse(self, resident: Resident) -> None:
        if not (resident.is_queued or resident.is_at_it or resident.is_blocked or resident.has_ended):
            resident.is_queued = True
            self._ready.append(resident)

    # --- ends ----------------------------------------------------------------------------------------

    def _fail(self, resident: Resident, error: Exception) -> None:
        if isinstance(error, LawBroken):
            raise error
        if not resident.alive:
            return  # left behind: what it does counts no more
        if not isinstance(error, (*_EXPECTED, Crash)):
            raise LawBroken("nobody fails by himself", f"{resident.address}: {error!r}") from error
        if self._teller is not None:
            self._teller(Told(self.now, resident.address, "", error))
        life = resident.life
        life.failure = str(error)
        if life.on_failure is not None:
            life.on_failure(life.failure)
        self._part(resident, ChildFailed(life.address, resident.generation, life.failure, ""))

    def _part(self, resident: Resident, report: ChildFailed | ChildEnded) -> None:
        self._retire(resident)
        if resident.life.reports_to is not None:
            self.send(resident.life.reports_to, report, resident.address)
        resident.inbox.clear()
        self.end(resident)

    def _retire(self, resident: Resident) -> None:
        """Have it live nowhere; what it had decided before has been sent, for that happens at once."""
        while resident.outbox:
            self._perform_one(resident, resident.outbox.popleft())
        resident.alive = False
        if self.live.get(resident.address) is resident:
            del self.live[resident.address]

    def _close(self, resident: Resident) -> None:
        self._retire(resident)
        close = getattr(resident.behaviour, "close", None)
        if close is not None:
            with suppress(StoreUnavailable):  # a journal that cannot write its last words has none
                close()
        resident.has_ended = True
        resident.inbox.clear()
        if resident.life.on_end is not None:
            resident.life.on_end(resident.life.failure)
