"""Random faults on a randomly moving market, again and again: whenever all has healed, nothing may differ.

Chance decides what goes wrong and in which order, and how the price moves; how the threads meet is up to the machine,
so that a seed gives the same troubles again, and not always the same outcome.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from attrs import define, field

from actors.mail import AskError
from engine.venue.values import Refused
from tests.e2e.live_desk import SOL, grid_document
from tests.e2e.quick_desk import QuickDesk
from tests.e2e.reply_faults import CANCEL, PLACE, QUERIES, REPLIES, armed
from tests.e2e.soak_figures import Figures, Size

D = Decimal
HEALED = 90.0  # seconds; a level whose orders were refused again and again may wait for a minute
TOLD_EVERY = 30.0  # seconds
_LATEST = 0.35  # seconds by which events come late, and a little
_SLOW = 10.0  # seconds of healing that are told
_LONGEST_PAUSE = 0.3  # seconds in which troubles may be met
_LOWEST, _HIGHEST = D(78), D(122)  # beyond the ladder on both sides
_SWING = D("0.08")  # of the price within one burst: more at once would not be believed
_MOST_THREADS_MORE = 20
_BUDGET_A_LEVEL = 100  # quote

Fault = dict[str, Any]
Tell = Callable[[str], None]

CONNECTION_FAULTS: tuple[Fault, ...] = (
    {"action": "drop"},
    {"action": "close", "code": 1001},
    {"action": "close", "code": 1008},
    {"action": "shutdown", "seconds": 0.2},
    {"action": "silence", "seconds": 0.0},
    {"action": "no_pings"},
    {"action": "unanswered_pings"},
    {"action": "max_age", "seconds": 0.5},
    {"action": "refuse", "times": 2},
)
EVENT_FAULTS: tuple[Fault, ...] = (
    {"action": "lose", "times": 3},
    {"action": "lose", "times": 0},
    {"action": "duplicate", "times": 5},
    {"action": "late", "seconds": 0.2, "times": 5},
    {"action": "lose", "times": 2, "execution": "TRADE"},
    {"action": "late", "seconds": 0.3, "times": 2, "execution": "TRADE"},
    {"action": "lose", "times": 2, "execution": "NEW"},
)
SWITCHES: tuple[Fault, ...] = (
    {"route": "clock", "skew_ms": -4000},
    {"route": "clock", "skew_ms": 4000},
    {"route": "limits", "action": "ban", "seconds": 1},
    {"route": "limits", "orders_10s": 3},
    {"route": "keys", "action": "revoke"},
    {"route": "market", "action": "halt"},
    {"route": "fills", "action": "split", "parts": 3, "times": 5},
    {"route": "events", "when": "before_reply", "seconds": 0.1, "times": 2},
    {"route": "events", "when": "after_reply", "seconds": 0.1, "times": 2},
)


class SoakFailed(Exception):
    """Say what was violated, and what had been done before."""


@define
class Soak:
    """Trouble one grid for a while."""

    desk: QuickDesk
    chance: Random
    figures: Figures
    tell: Tell
    _price: Decimal = SOL.price
    _recent: list[str] = field(factory=list)  # what was done in this burst

    def run(self, seconds: float) -> None:
        """Raise SoakFailed at the first violation."""
        begun = told = monotonic()
        self._checked(self.desk.wait_quiet)
        self.figures.first = Size.now()
        while monotonic() - begun < seconds:
            self._burst()
            self._heal()
            self.figures.seconds = monotonic() - begun
            if monotonic() - told > TOLD_EVERY:
                told = monotonic()
                self.tell("; ".join(self.figures.lines()[:4]))
        self._recent = ["stop"]
        self._checked(self._stop)

    # --- trouble -------------------------------------------------------------------------------------

    def _burst(self) -> None:
        self._recent.clear()
        middle = self._price
        for _ in range(self.chance.randint(2, 10)):
            kind = self.chance.choices(
                (self._reply, self._connection, self._events, self._switch, self._order, self._pause),
                (4, 2, 2, 1, 1, 2),
            )[0]
            kind()
            self._move(middle)
        self._pause()

    def _arm(self, name: str, *faults: Fault) -> None:
        self.figures.faults[name] += 1
        self._recent.append(name)
        self.desk.arm(*faults)

    def _reply(self) -> None:
        name, route = self.chance.choice(list(REPLIES)), self.chance.choice((PLACE, PLACE, CANCEL, *QUERIES))
        self._arm(f"reply {name}", *armed(name, (route,), self.chance.randint(1, 3)))

    def _connection(self) -> None:
        fault, route = self.chance.choice(CONNECTION_FAULTS), self.chance.choice(("user", "stream"))
        self._arm(f"{route} {fault['action']}", {**fault, "route": route})

    def _events(self) -> None:
        fault, route = self.chance.choice(EVENT_FAULTS), self.chance.choice(("user", "user", "stream"))
        self._arm(f"{route} events {fault['action']}", {**fault, "route": route})

    def _switch(self) -> None:
        fault = self.chance.choice(SWITCHES)
        self._arm(f"{fault['route']} {fault.get('action', fault.get('when', 'changed'))}", fault)

    def _order(self) -> None:
        """Let something happen to one of the orders that no call of ours asked for."""
        # A near one: a fill elsewhere would be a price that nobody believes.
        near = sorted(self.desk.exchange_orders(), key=lambda order: abs(order.price - self._price))[:3]
        if not near:
            return
        name = self.chance.choice(near).client_order_id
        acts: dict[str, Callable[[], None]] = {
            "order filled in part": lambda: self.desk.fill_part(name, D(self.chance.randint(1, 9)) / 10),
            "order cancelled outside": lambda: self.desk.cancel_outside(name),
            "order expired": lambda: self.desk.expire(name),
        }
        what = self.chance.choices(list(acts), (4, 1, 1))[0]
        try:
            acts[what]()
        except Refused:
            return  # it has just ended
        self.figures.faults[what] += 1
        self._recent.append(f"{what} {name}")

    def _pause(self) -> None:
        threading.Event().wait(self.chance.uniform(0.0, _LONGEST_PAUSE))

    def _move(self, middle: Decimal) -> None:
        share = D(self.chance.randint(-100, 100)) / 100 * _SWING
        self._price = min(max(middle * (1 + share), _LOWEST), _HIGHEST).quantize(D("0.01"))
        self._go()

    def _go(self) -> None:
        self._recent.append(f"price {self._price}")
        self.figures.moves += 1
        self.desk.move(self._price)

    # --- healing -------------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Put everything right, show the price once more, and see that nothing differs."""
        begun = monotonic()
        self.desk.clear_faults()
        if any(done.endswith("late") for done in self._recent):
            threading.Event().wait(_LATEST)  # a price that comes behind newer ones would be taken for the newest
        self._go()
        self._checked(self._compare)
        took = monotonic() - begun
        self.figures.slowest_healing = max(self.figures.slowest_healing, took)
        if took > _SLOW:
            self.tell(f"healing took {took:.1f} s after: {', '.join(self._recent)}")
        self.figures.quiet_moments += 1
        self._count()

    def _compare(self) -> None:
        self.desk.wait_quiet(HEALED)
        self.desk.assert_agrees()
        threads = threading.active_count() - self.figures.first.threads
        assert threads <= _MOST_THREADS_MORE, f"{threads} more threads than at first"

    def _stop(self) -> None:
        self.desk.stop(timeout=HEALED)
        self.desk.assert_agrees()
        assert not self.desk.exchange_orders()
        self._count()

    def _checked(self, check: Callable[[], None]) -> None:
        try:
            check()
        except (AssertionError, AskError) as violation:
            raise AssertionError(f"{violation}\nafter: {', '.join(self._recent)}") from violation

    def _count(self) -> None:
        self.figures.last = Size.now()
        self.figures.fills = len(self.desk.exchange_trades())
        self.figures.outcomes = Counter(self.desk.outcomes)
        self.figures.openings = Counter(self.desk.openings)


def soak(folder: Path, seconds: float, seed: int, levels: int, tell: Tell) -> Figures:
    """Run a grid of so many prices through troubles; raise SoakFailed for a violation."""
    document = grid_document(
        ("grid_strategy.num_grids", levels),
        ("trading_settings.initial_balance", levels * _BUDGET_A_LEVEL),
        ("execution.order_polling_interval", 1.0),
    )
    figures = Figures()
    try:
        with QuickDesk(folder, document) as desk:
            Soak(desk, Random(seed), figures, tell).run(seconds)
    except (AssertionError, AskError) as violation:
        raise SoakFailed(f"{violation}\n{'; '.join(figures.lines()[:4])}") from violation
    return figures
