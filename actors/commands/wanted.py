"""What somebody wants of a running process, in the words of the command line and of the console alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

from attrs import define, frozen

from actors.commands.naming import grid_meant
from actors.durations import seconds_of
from engine.errors import BadInput
from engine.messages.steering import Command


class Part(StrEnum):
    """What can be looked at."""

    STATUS = "status"
    ORDERS = "orders"
    BALANCE = "balance"
    LEVELS = "levels"
    TRADES = "trades"
    EVENTS = "events"
    HEALTH = "health"


MEANINGS: Mapping[Part | Command, str] = MappingProxyType(
    {
        Part.STATUS: "how each grid stands",
        Part.ORDERS: "the open orders",
        Part.BALANCE: "what each grid has, free and reserved",
        Part.LEVELS: "every level, and why it has no order",
        Part.TRADES: "the last trades, the newest first",
        Part.EVENTS: "what happened last, the newest first",
        Part.HEALTH: "how the process is",
        Command.PAUSE: "take all orders down and rest",
        Command.RESUME: "put the ladder back",
        Command.RESTART: "take all orders down and put the ladder back",
        Command.STOP: "take all orders down and end; the position is kept",
        Command.QUIT: "stop every grid and end the process; positions are kept",
    }
)
WORDS = tuple(str(what) for what in MEANINGS)
_COUNTED = (Part.TRADES, Part.EVENTS)
_EVERY = "all"
_FOR = ("for", "--for")


@frozen
class Wanted:
    """Hold one command, understood; no `grids` are all, `seconds` is how long a pause lasts, None for no end."""

    what: Part | Command
    grids: tuple[str, ...] = ()
    seconds: float | None = None
    limit: int | None = None

    def __str__(self) -> str:
        return " ".join((self.what, *self.grids))


@define
class _Rest:
    """Take what is behind a command, word by word."""

    words: list[str]
    grids: list[str]
    duration: str | None = None
    limit: int | None = None

    def take(self, what: Part | Command, running: Sequence[str]) -> None:
        word = self.words.pop(0)
        if what is Command.PAUSE and word.casefold() in _FOR:
            if not self.words:
                raise BadInput("pause for: a duration is missing; allowed: 90s, 15m, 8h or 2d, for example")
            self.duration = self.words.pop(0)
        elif what in _COUNTED and word.isascii() and word.isdigit():
            self.limit = int(word)
        elif what is Command.QUIT:
            raise BadInput(f"quit ends the whole process and takes no {word!r}; `stop` ends one grid")
        elif word.casefold() != _EVERY:
            self.grids.append(grid_meant(word, running))


def understand(words: Sequence[str], running: Sequence[str]) -> Wanted:
    """Understand ``pause SOL/USDT for 2h`` and the like; raise `BadInput` that says what is allowed."""
    first, *others = words
    what = _what(first)
    rest = _Rest(others, [])
    while rest.words:
        rest.take(what, running)
    if rest.limit == 0:
        raise BadInput(f"{what} 0: allowed is a number from 1 on")
    return Wanted(what, tuple(dict.fromkeys(rest.grids)), seconds_of(rest.duration, "pause for"), rest.limit)


def _what(word: str) -> Part | Command:
    folded = word.casefold()
    for what in MEANINGS:
        if what == folded:
            return what
    near = get_close_matches(folded, WORDS, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise BadInput(f"{word!r} is no command{meant}; allowed: {', '.join(WORDS)}")
