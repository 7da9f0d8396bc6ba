"""Kill a grid at moments that chance chooses, while the price goes along stretches; all must be well where it turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from time import monotonic
from typing import Any

from attrs import define, field

from tests.e2e.killing.kill_desk import HEALED, KillDesk
from tests.e2e.killing.stretches import Stretch, fill_parts
from tests.e2e.reply_faults import PLACE

D = Decimal
_LATEST = 1.5  # seconds after a start: by then a grid trades again
_TAKEN_WITHIN = 1.0  # seconds in which a grid that trades sends an order
_HELD = 1.0  # seconds that a request, a reply or an event is held back, at most

Fault = dict[str, Any]
UNHEARD: tuple[Fault, ...] = (
    {"action": "drop", "when": "after"},
    {"action": "cut", "when": "after"},
    {"action": "delay", "seconds": 2 * _HELD, "when": "after"},
    {"action": "status", "status": 503, "when": "after"},
)


@define
class Killer:
    """Kill the grid of a desk; `lasting` faults are never put right.

    `kills` counts by kind, `slowest` is the longest that it took from the last start to agreement, in seconds.
    """

    desk: KillDesk
    chance: Random
    lasting: Sequence[Fault] = ()
    kills: Counter[str] = field(factory=Counter)
    slowest: float = 0.0
    _done: list[str] = field(factory=list)

    def go(self, path: Sequence[Stretch], kills: int) -> None:
        """Go along `path`, with `kills` kills spread over it, and wait for quiet where it turns."""
        self.calm()
        self._compare()
        price = D(100)
        for number, stretch in enumerate(path):
            self._done.clear()
            share = kills // len(path) + (number < kills % len(path))
            self._stretch(price, stretch, share)
            price = stretch.target

    def calm(self) -> None:
        """Put every passing fault right."""
        self.desk.clear_faults()
        for fault in self.lasting:
            self.desk.arm_fault(fault)

    def _stretch(self, start: Decimal, stretch: Stretch, kills: int) -> None:
        desk = self.desk
        if stretch.parts:
            fill_parts(desk, stretch)
            self._done.append("parts")
        stops = sorted(self.chance.random() for _ in range(kills - 1))
        marks = [start + (stretch.target - start) * D(str(share)) for share in stops]
        prices = [*(mark.quantize(D("0.01")) for mark in marks), stretch.target]
        for price in prices[:kills]:
            self._kill(price)
            desk.start()
        begun = monotonic()
        desk.move(stretch.target)
        self.calm()
        self._compare()
        self.slowest = max(self.slowest, monotonic() - begun)

    def _kill(self, price: Decimal) -> None:
        kinds: dict[str, Callable[[Decimal], None]] = {
            "some time after fills": self._some_time_after,
            "right after fills": self._right_after,
            "before fills": self._before,
            "while it starts": self._while_it_starts,
            "reply not heard": self._reply_unheard,
            "request under way": self._request_under_way,
            "events held back": self._events_held_back,
            "commit waiting": self._commit_waiting,
        }
        name = self.chance.choices(list(kinds), (3, 3, 2, 3, 3, 3, 1, 5))[0]
        self.kills[name] += 1
        self._done.append(f"{name}, {price}")
        try:
            kinds[name](price)
            self.desk.assert_journalled()
        except AssertionError as violation:
            raise self._told(violation) from violation

    # --- moments -------------------------------------------------------------------------------------

    def _some_time_after(self, price: Decimal) -> None:
        self.desk.move(price)
        self._pause(_LATEST)
        self.desk.kill_running()

    def _right_after(self, price: Decimal) -> None:
        self._pause(_LATEST)
        self.desk.move(price)
        self.desk.kill_running()

    def _before(self, price: Decimal) -> None:
        self.desk.kill_running()
        self.desk.move(price)

    def _while_it_starts(self, price: Decimal) -> None:
        self.desk.kill_running()
        self.desk.move(price)
        self.desk.start()
        self._pause(_LATEST)
        self.desk.kill_running()

    def _reply_unheard(self, price: Decimal) -> None:
        """Kill when the exchange has done something that nobody was told of."""
        self._armed(price, {"route": PLACE, "times": self.chance.randint(1, 3), **self.chance.choice(UNHEARD)})

    def _request_under_way(self, price: Decimal) -> None:
        """Kill before an order arrives, which it does in the life of a successor."""
        seconds = self.chance.uniform(0.0, _HELD)
        times = self.chance.randint(1, 3)
        self._armed(price, {"route": PLACE, "action": "delay", "seconds": seconds, "times": times})

    def _events_held_back(self, price: Decimal) -> None:
        self._armed(price, {"route": "events", "when": "after_reply", "seconds": _HELD, "times": 2})

    def _armed(self, price: Decimal, fault: Fault) -> None:
        desk = self.desk
        desk.arm_fault(fault)
        faults, armed = desk.sandbox.hall.faults, desk.sandbox.hall.faults.armed()
        desk.move(price)
        deadline = monotonic() + _TAKEN_WITHIN
        while faults.armed() == armed and monotonic() < deadline:
            desk.pause(0.002)
        self._pause(0.05)
        desk.kill_running()
        self.calm()

    def _commit_waiting(self, price: Decimal) -> None:
        """Kill while the database's write lock is another's, which may let go of it only when a successor asks."""
        outlasts = self.chance.random() < 0.5
        with self.desk.locked_database():
            self.desk.move(price)
            self._pause(_LATEST / 2)
            self.desk.kill_running()
            if outlasts:
                self.desk.start()
                self._pause(_LATEST / 3)
        if outlasts:
            self.desk.kill()  # it may have given up: the database was out of reach

    # --- what follows --------------------------------------------------------------------------------

    def _pause(self, longest: float) -> None:
        self.desk.pause(self.chance.uniform(0.0, longest))

    def _compare(self) -> None:
        try:
            self.desk.wait_quiet(HEALED)
        except AssertionError as violation:
            raise self._told(violation) from violation

    def _told(self, violation: AssertionError) -> AssertionError:
        return AssertionError(f"{violation}\nafter: {'; '.join(self._done)} ({self.desk.kills} kills in all)")
