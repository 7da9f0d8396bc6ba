"""What a simulated world offers to those who run many of them, and one look at one world."""

from __future__ import annotations

import importlib
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Protocol

from attrs import field, frozen

from tests.simulation.living.verdict import Verdict

LIVING = "tests.simulation.living.world"
NEVER_ENDED = "a world ends"  # the law that one breaks which takes longer than `patience` allows


class Told(Protocol):
    """Hold one delivery, call, price move or fault; `time` in virtual seconds."""

    @property
    def time(self) -> float: ...
    @property
    def sender(self) -> str: ...
    @property
    def receiver(self) -> str: ...
    @property
    def message(self) -> object: ...


class Live(Protocol):
    """Live through the world of a seed; with `only`, nothing goes wrong but these faults."""

    def __call__(
        self, seed: int, *, only: frozenset[str] | None = None, teller: Callable[[Told], None] | None = None
    ) -> Verdict: ...


@frozen
class Failure:
    """Hold why a world is wrong: a law that it broke, or what the simulation itself raised (`trace`).

    `at` is in virtual seconds, None where nobody knows; so are `faults` of a world that raised, unless the exception
    has an attribute of that name.
    """

    seed: int
    law: str
    what: str
    at: float | None = None
    faults: tuple[str, ...] | None = ()
    trace: str = field(default="", repr=False)


@frozen
class Look:
    """Hold what one world came to: a verdict, unless it raised; a failure, unless all was well."""

    verdict: Verdict | None
    failure: Failure | None


def load(module: str) -> Live:
    """Import the world to run; what is wrong in it is raised as it is."""
    live: Live = importlib.import_module(module).live
    return live


def expected(module: str) -> frozenset[str]:
    """Give what is to be reached at all, as the table beside the world says; nothing where there is none."""
    tables = f"{module.rpartition('.')[0]}.tables"
    with suppress(ModuleNotFoundError, AttributeError):
        known: Iterable[str] = importlib.import_module(tables).EXPECTED
        return frozenset(known)
    return frozenset()


def look(
    live: Live,
    seed: int,
    only: frozenset[str] | None = None,
    teller: Callable[[Told], None] | None = None,
    longest: int = 0,
) -> Look:
    """Live through one world; whatever it raises is a failure of it, and so is to last, within `alarms`, too long.

    `longest` is in seconds, 0 for any time.
    """
    try:
        signal.alarm(longest)
        verdict = live(seed, only=only, teller=teller)
    except (Exception, WorldTooLong) as raised:  # noqa: BLE001 whatever it is, it is told, and the next world is tried
        law = NEVER_ENDED if isinstance(raised, WorldTooLong) else f"no {type(raised).__name__}"
        faults = getattr(raised, "faults", None)
        known = None if faults is None else tuple(faults)
        return Look(None, Failure(seed, law, str(raised), None, known, traceback.format_exc()))
    finally:
        signal.alarm(0)
    violation = verdict.violation
    if violation is None:
        return Look(verdict, None)
    return Look(verdict, Failure(seed, violation.law, violation.what, violation.at, tuple(verdict.faults)))


class WorldTooLong(BaseException):
    """A world does not end. No `Exception`, so that nothing in it takes this for the crash of one of its actors."""


@contextmanager
def alarms() -> Iterator[None]:
    """Have alarms interrupt a world that takes too long; for the main thread."""

    def too_long(_: int, __: FrameType | None) -> None:
        raise WorldTooLong("it took too long")

    before = signal.signal(signal.SIGALRM, too_long)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)
