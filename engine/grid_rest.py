"""A grid at rest: no orders, everything else kept; it goes on by beginning again from its journal."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import After, Effect, Send
from engine.messages import HaltTrading
from engine.messages.steering import (
    GridPaused,
    GridResumed,
    PauseBegun,
    PauseGrid,
    PauseOver,
    RestartAll,
    RestartGrid,
    ResumeGrid,
    TellAgain,
)
from engine.values import ZERO


class Rest:
    """Have the orders taken down, wait until none is left, and have the core begin again when it is time.

    A pause is written down before the first order goes, so that it outlives the process. A restart is not: should the
    process end in the middle of one, its next start is the rest of it.
    """

    def __init__(self, addresses: GridAddresses) -> None:
        """Begin at work."""
        self._addresses = addresses
        self._pause: PauseGrid | None = None
        self._pauses = 0
        self._going_on: str | None = None  # why the core is to begin again as soon as no order is left
        self._is_clear = self._has_begun_again = False
        self._held = (ZERO, ZERO)

    @property
    def is_wanted(self) -> bool:
        """Tell whether the grid rests, or is on its way there or back."""
        return self._pause is not None or self._going_on is not None

    def handle(self, wish: PauseGrid | RestartGrid | ResumeGrid | PauseOver) -> list[Effect]:
        """Move on by one wish of its owner."""
        match wish:
            case PauseGrid():
                return self._pause_grid(wish)
            case RestartGrid():
                return self._go_on(wish.reason) if self.is_wanted else self._take_down(wish.reason)
            case ResumeGrid():
                return self._go_on(wish.reason)
            case PauseOver():
                return self._go_on("its time was over") if wish.ticket == self._pauses else []
            case _:
                assert_never(wish)

    def go_on(self, reason: str, until: int | None, now: int) -> list[Effect]:
        """Go on resting, as the journal says; `until` and `now` are epoch ms."""
        seconds = None if until is None else max(until - now, 0) / 1000
        self._pause = PauseGrid(reason, until, seconds)
        return [*self._remind(seconds), self._halt()]

    def keep(self, reason: str) -> list[Effect]:
        """Have it written down that the next life of the grid is to rest, too."""
        return self._note(PauseBegun(self._addresses.grid, reason, None))

    def cleared(self, quote: Decimal, base: Decimal) -> list[Effect]:
        """Learn that no order is left, and what is held."""
        self._is_clear, self._held = True, (quote, base)
        return self._tell() if self._going_on is None else self.begin_again(self._going_on)

    def begin_again(self, reason: str) -> list[Effect]:
        """Have the whole core rebuilt from the journal, once."""
        if self._has_begun_again:
            return []
        self._has_begun_again = True
        resumed = GridResumed(self._addresses.grid, reason)
        return [*self._note(resumed), Send(self._addresses.core, RestartAll(reason))]

    def _pause_grid(self, wish: PauseGrid) -> list[Effect]:
        """Take the orders down; of a grid that rests already, only the time changes."""
        was_wanted, self._going_on = self.is_wanted, None
        if self._has_begun_again:
            return []
        if wish == self._pause:
            return self._tell_again(wish) if self._is_clear else []
        self._pause = wish
        effects = [*self._note(PauseBegun(self._addresses.grid, wish.reason, wish.until)), *self._remind(wish.seconds)]
        if self._is_clear:
            return [*effects, *self._tell()]
        return effects if was_wanted else [*effects, self._halt()]

    def _take_down(self, reason: str) -> list[Effect]:
        self._going_on = reason
        return [self._halt()]

    def _go_on(self, reason: str) -> list[Effect]:
        if not self.is_wanted:
            return []
        self._going_on = reason
        return self.begin_again(reason) if self._is_clear else []

    def _halt(self) -> Send:
        return Send(self._addresses.balance_tracker, HaltTrading())

    def _remind(self, seconds: float | None) -> list[Effect]:
        self._pauses += 1
        return [] if seconds is None else [After(seconds, PauseOver(self._pauses))]

    def _tell(self) -> list[Effect]:
        assert self._pause is not None, "without a pause it goes on"
        return self._note(self._paused(self._pause))

    def _paused(self, pause: PauseGrid) -> GridPaused:
        return GridPaused(self._addresses.grid, pause.reason, pause.until, *self._held)

    def _tell_again(self, pause: PauseGrid) -> list[Effect]:
        """Answer one who may not have heard of it."""
        return self._note(TellAgain(self._paused(pause)))

    def _note(self, fact: PauseBegun | GridPaused | TellAgain | GridResumed) -> list[Effect]:
        """Have it written down, and then told."""
        assert self._addresses.journal is not None, "a grid without a journal does not rest"
        return [Send(self._addresses.journal, fact)]
