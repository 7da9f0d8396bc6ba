"""Run behaviours on one thread with a virtual clock, first come first served or in a seeded disorder."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from random import Random
from typing import Any

from engine.effects import After, Behaviour, Effect, Reply, Send, Stop


class Stepper:
    """Host behaviours: deliver what they send, keep their timers, count what nobody is there to take."""

    def __init__(self) -> None:
        """Start with nobody, at time 0."""
        self.now = 0.0
        self.delivered = 0
        self.dead_letters = 0
        self._behaviours: dict[str, Behaviour] = {}
        self._queue: deque[tuple[str, Any]] = deque()
        self._timers: list[tuple[float, int, str, Any]] = []
        self._timer_count = 0

    def add(self, address: str, behaviour: Behaviour) -> None:
        """Let `behaviour` live at `address`."""
        self._behaviours[address] = behaviour

    def remove(self, address: str) -> None:
        """Forget who lives at `address`."""
        self._behaviours.pop(address, None)

    def send(self, to: str, message: Any) -> None:
        """Put a message into the inbox of `to`."""
        self._queue.append((to, message))

    def ask(self, to: str, message: Any) -> Any:
        """Have `message` handled now, between all others, and give the value replied (None for none)."""
        self.delivered += 1
        answer = None
        for effect in self._behaviours[to].handle(message):
            if isinstance(effect, Reply):
                answer = effect.value
            else:
                self._perform(to, effect)
        return answer

    def perform(self, address: str, effects: Iterable[Effect]) -> None:
        """Do what the one at `address` has decided."""
        for effect in effects:
            self._perform(address, effect)

    def ask_settled(self, to: str, message: Any) -> Any:
        """Ask, then deliver until no message is left; give the value replied."""
        answer = self.ask(to, message)
        self.settle()
        return answer

    def settle(self) -> None:
        """Deliver until no message is left; timers do not count."""
        queue, behaviours = self._queue, self._behaviours
        append, popleft = queue.append, queue.popleft
        delivered = 0
        while queue:
            address, message = popleft()
            behaviour = behaviours.get(address)
            if behaviour is None:
                self.dead_letters += 1
                continue
            delivered += 1
            for effect in behaviour.handle(message):
                if type(effect) is Send:
                    append(effect)
                else:
                    self._perform(address, effect)
        self.delivered += delivered

    def advance_clock(self) -> bool:
        """Move the clock to the next timer and deliver it; False when there is none."""
        if not self._timers:
            return False
        self.now, _, address, message = heapq.heappop(self._timers)
        self.send(address, message)
        return True

    def _perform(self, address: str, effect: Effect) -> None:
        match effect:
            case Send():
                self.send(effect.to, effect.message)
            case After():
                self._timer_count += 1
                heapq.heappush(self._timers, (self.now + effect.delay, self._timer_count, address, effect.message))
            case Stop():
                self.remove(address)
            case Reply():
                pass  # nobody asked


class ShakenStepper(Stepper):
    """Deliver in a seeded disorder: any actor may run between two sends of another, as threads do.

    Each actor has one inbox; what one actor sends to another arrives in the order sent.
    """

    def __init__(self, seed: int) -> None:
        """Let `seed` decide who runs next."""
        super().__init__()
        self._random = Random(seed)
        self._inboxes: dict[str, deque[Any]] = {}
        self._outboxes: dict[str, deque[Effect]] = {}  # decided, not yet performed
        self._ready: list[str] = []  # who has something to do, in no particular order

    def send(self, to: str, message: Any) -> None:
        """Put a message into the inbox of `to`."""
        self._inboxes.setdefault(to, deque()).append(message)
        self._rouse(to)

    def settle(self) -> None:
        """Let actors take turns until none has anything to do."""
        while self._ready:
            place = self._random.randrange(len(self._ready))
            address = self._ready[place]
            self._turn(address)
            if not self._has_work(address):
                self._ready[place] = self._ready[-1]
                self._ready.pop()

    def _turn(self, address: str) -> None:
        """Perform one effect that `address` has decided on, or let it take one message."""
        outbox = self._outboxes.setdefault(address, deque())
        if outbox:
            self._perform(address, outbox.popleft())
            return
        message = self._inboxes[address].popleft()
        behaviour = self._behaviours.get(address)
        if behaviour is None:
            self.dead_letters += 1
            return
        self.delivered += 1
        outbox.extend(behaviour.handle(message))

    def _has_work(self, address: str) -> bool:
        return bool(self._outboxes.get(address) or self._inboxes.get(address))

    def _rouse(self, address: str) -> None:
        if address not in self._ready:
            self._ready.append(address)
