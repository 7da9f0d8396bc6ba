"""A world to try the tools on: what happens in it depends on the seed alone, in a way that can be told in advance."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from attrs import frozen

from engine.plain import plain
from tests.simulation.living.verdict import Verdict, Violation
from tests.simulation.many.mutant import Mutant
from tests.simulation.many.worlds import Told

KINDS = ("kill", "stream lost", "price")
_FIRST = int(os.environ.setdefault("TOY_WORLD_FIRST", str(os.getpid())))  # who imported this before all others
# Seeds of worlds with a fault of their own.
BROKEN, RAISES, CHATTERS, NEVER_ENDS, DIES, WAVERS, SLEEPS = range(1000, 8000, 1000)


@frozen
class PriceSeen:
    """Stand for any message."""

    time: int
    price: Decimal
    who: str = ""


@frozen
class ToyTold:
    """Tell one thing that happened."""

    time: float
    sender: str
    receiver: str
    message: object


class WithFaults(Exception):
    """Be raised by a world that says what went wrong in it."""

    def __init__(self, text: str, faults: tuple[str, ...]) -> None:
        super().__init__(text)
        self.faults = faults


def live(seed: int, *, only: frozenset[str] | None = None, teller: Callable[[Told], None] | None = None) -> Verdict:
    """Have twenty things go wrong; two of them together break a law in the world of `BROKEN`."""
    _trouble(seed)
    random = Random(seed)
    drawn = [f"{KINDS[random.randrange(3)]}@{number}" for number in range(18)]
    faults = tuple(fault for fault in [*drawn, "kill@20", "disorder@21"] if only is None or fault in only)
    told: list[Any] = [(place, fault) for place, fault in enumerate(faults)]
    if teller is not None:
        for place, fault in told:
            teller(ToyTold(place / 2, "chance", "", fault))
            for second in range(4):
                seen = PriceSeen(1000 * second, Decimal("163.20"))
                teller(ToyTold(place / 2, "SOL/USDT/price_feed", "SOL/USDT/level/7", seen))
    harmful = {"kill@20", "disorder@21"} <= set(faults)
    if harmful and seed == RAISES:
        raise WithFaults("a bug of the simulation", faults)
    violation = None
    if harmful and seed == BROKEN:
        what = f"{len(faults)} faults, 2 of them at once"
        violation = Violation(law="two do not meet", what=what, at=len(faults) / 2)
    if seed % 3 == 0 and plain(Decimal("1.50")) != "1.5":
        violation = Violation(law="money is written plainly", what=plain(Decimal("1.50")), at=1.0)
    reached = {"level: READY -> WAITING": 2, f"order: seed {seed % 2}": 1}
    return Verdict(
        seed=seed, violation=violation, faults=faults, reached=reached, messages=5 * len(faults), seconds=10.0
    )


def _trouble(seed: int) -> None:
    """Be a world that is hard on those who run it."""
    match seed:
        case _ if seed == CHATTERS:
            os.write(1, b"not a report\n")
        case _ if seed == NEVER_ENDS:
            while True:
                time.sleep(0.01)
        case _ if seed == WAVERS and os.getpid() != _FIRST:
            raise ValueError("only in another process")
        case _ if seed == DIES:
            os._exit(7)
        case _ if seed >= SLEEPS:
            time.sleep(0.02)


_PLAIN = 'text = text.rstrip("0").rstrip(".")'
CAUGHT = Mutant("leave zeros at the end", "engine/plain.py", _PLAIN, "pass")
SURVIVES = Mutant("leave the point at the end of round numbers", "engine/plain.py", _PLAIN, 'text = text.rstrip("0")')
MUTANTS = (
    CAUGHT,
    SURVIVES,
    Mutant("change what is not there", "engine/plain.py", "text = text.strip()", "pass"),
    Mutant("write what does not run", "engine/plain.py", _PLAIN, "text ="),
)
