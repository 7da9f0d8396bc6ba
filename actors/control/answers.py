"""Every question and every wish that comes in at the door, answered in the thread of whoever asks."""

from __future__ import annotations

import importlib.metadata
import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any

from actors.control import pictures
from actors.control.bulletin import Bulletin
from actors.control.extras import Extras
from actors.control.outcomes import outcome
from actors.control.presence import missing
from actors.control.questions import AskedInVain, DescribeRun, NobodyAnswers, Steer, Steered, UnknownGrid, UnknownPart
from actors.control.steering import facts_of, is_done
from actors.mail import AskError
from actors.post import Post
from engine.addresses import CONTROLLER, REPORTER
from engine.candles import Candles
from engine.grid_setup import GridSetup
from engine.live_view import LiveGrid, LiveView
from engine.messages import DescribeCandles
from engine.messages.steering import Command
from engine.messages.vitals import HealthDescribed, Level

Json = dict[str, Any]

PATIENCE = 5.0  # seconds that the controller may take
LONGEST_WAIT = 60.0  # seconds
LONGEST_PAUSE = 10 * 366 * 86_400.0  # seconds
LONGEST_LIST = 1000
_LIMITS: Mapping[str, int] = {"trades": 100, "events": 100, "days": 400, "candles": 300}
_CANDLES_AGE = 2.0  # seconds; the reporter copies all that it has
_WAITERS = 4  # who may wait for what becomes of a wish; others are told at once that it goes on

PARTS = ("status", "levels", "orders", "balance", "trades", "events", "days", "candles")


class Answers:
    """Answer for `grids`; safe to use from any thread but the controller's, which is asked."""

    def __init__(self, grids: Sequence[GridSetup], post: Post, extras: Extras | None = None) -> None:
        """Ask nobody yet; `bulletin` is where the controller says what became of grids."""
        self.grids, self.post, self.bulletin = tuple(grids), post, Bulletin()
        self.extras = extras or Extras()
        self.version = importlib.metadata.version("gridactors")
        self._names = tuple(grid.name for grid in grids)
        self._lock = threading.Lock()
        self._candles: dict[str, tuple[float, Candles | None]] = {}
        self._waiters = threading.BoundedSemaphore(_WAITERS)

    @property
    def names(self) -> tuple[str, ...]:
        """Name the grids."""
        return self._names

    # --- what is there -------------------------------------------------------------------------------

    def get(self, part: str, grids: Sequence[str] = (), limit: int | None = None) -> Json:
        """Give one part of the picture as JSON, of all grids when none is named.

        Raises `UnknownPart`, `UnknownGrid`, `NobodyAnswers`, and `AskedInVain` for a `limit` that is none.
        """
        names = self._known(grids)
        count = _limit(part, limit)
        if part == "candles":
            return {"grids": [self._seen_candles(grid, count) for grid in self.grids if grid.name in names]}
        if part == "health":
            view = self.view()
            return pictures.health(_health(view) or HealthDescribed(view.time, Level.UNKNOWN, ()))
        if part == "status":
            return self._status(names)
        return {"grids": self._each(names, self._painter(part, count))}

    def view(self) -> LiveView:
        """Have the controller look, or give what it saw a moment ago; raise `NobodyAnswers`."""
        view: LiveView = self._ask(DescribeRun())
        return view

    def not_ready(self) -> str | None:
        """Say what is missing before the process is of use, None when nothing is."""
        view = self.view()
        return missing(view, self.grids, self.post) or self.extras.readiness(view)

    def not_alive(self) -> str | None:
        """Say why the process should be restarted, None when it should not."""
        try:
            return self.extras.liveness(self.view())
        except NobodyAnswers as nobody:
            return str(nobody)

    def metrics(self) -> bytes:
        """Give the measures as Prometheus text; raise `NobodyAnswers` where there are none."""
        if self.extras.metrics is None:
            raise NobodyAnswers("there are no measures")
        return self.extras.metrics(self.view())

    # --- what is to be done --------------------------------------------------------------------------

    def steer(
        self,
        command: Command,
        grids: Sequence[str] = (),
        seconds: float | None = None,
        wait: float = 30.0,
    ) -> Json:
        """Have a command done, to all grids when none is named, and say how far it has come within `wait` seconds.

        `seconds` bounds a pause. Each grid in the answer has `name`, `done`, `refused`, `standing` and `text`.
        Raises `UnknownGrid`, `NobodyAnswers`, and `AskedInVain` for times that are none.
        """
        names = self._known(grids)
        if seconds is not None and (command is not Command.PAUSE or not 0 < seconds <= LONGEST_PAUSE):
            raise AskedInVain(f"seconds = {seconds!r}: allowed, of a pause alone: above 0, at most ten years")
        if not math.isfinite(wait) or not 0 <= wait <= LONGEST_WAIT:
            raise AskedInVain(f"wait = {wait!r}: allowed: 0 to {LONGEST_WAIT:g} seconds")
        reason = "its owner" if command is Command.STOP else "its owner wants it"
        mark = self.bulletin.mark
        told: tuple[Steered, ...] = self._ask(Steer(command, names, seconds, reason))
        if command is Command.QUIT:
            return {"grids": [outcome(Steered(grid.name, grid.standing), command) for grid in self.view().grids]}
        pending = [one.grid for one in told if not one.is_refused and not one.is_done]
        done = self._wait(dict.fromkeys(pending, facts_of(command)), mark, wait) if pending else set()
        return {"grids": self._outcomes(command, told, done)}

    def _wait(self, wanted: Mapping[str, Any], mark: int, seconds: float) -> set[str]:
        if not self._waiters.acquire(blocking=False):
            return self.bulletin.wait(wanted, mark, 0)
        try:
            return self.bulletin.wait(wanted, mark, seconds)
        finally:
            self._waiters.release()

    def _outcomes(self, command: Command, told: Sequence[Steered], done: set[str]) -> list[Json]:
        """Say how each stands by now; where nobody can tell, how it stood."""
        try:
            standings = {grid.name: grid.standing for grid in self.view().grids}
        except NobodyAnswers:
            standings = {}
        outcomes = []
        for one in told:
            standing = standings.get(one.grid, one.standing)
            # One that still stands where it stood may not have heard of it.
            has_moved = standing is not None and standing is not one.standing and is_done(command, standing)
            is_over = one.is_done or one.grid in done or has_moved
            outcomes.append(outcome(one, command, standing, is_over=is_over and not one.is_refused))
        return outcomes

    # --- pictures ------------------------------------------------------------------------------------

    def _status(self, names: Sequence[str]) -> Json:
        view = self.view()
        health = _health(view)
        return {
            "version": self.version,
            "pid": os.getpid(),
            "time": view.time,
            "started_at": view.started_at,
            "is_stopping": view.is_stopping,
            "grids": [pictures.status(grid) for grid in view.grids if grid.name in names],
            "health": None if health is None else pictures.health(health),
        }

    def _each(self, names: Sequence[str], paint: Callable[[LiveGrid], Json]) -> list[Json]:
        return [paint(grid) for grid in self.view().grids if grid.name in names]

    @staticmethod
    def _painter(part: str, limit: int) -> Callable[[LiveGrid], Json]:
        match part:
            case "orders":
                return pictures.orders
            case "balance":
                return pictures.balance
            case "trades":
                return partial(pictures.trades, limit=limit)
            case "events":
                return partial(pictures.events, limit=limit)
            case "levels":
                return pictures.levels
            case "days":
                return partial(pictures.days, limit=limit)
            case _:
                raise UnknownPart(f"there is no {part!r}; allowed: {', '.join((*PARTS, 'health'))}")

    def _seen_candles(self, grid: GridSetup, limit: int) -> Json:
        timeframe = grid.settings.trading_settings.timeframe_ms
        with self._lock:
            asked_at, seen = self._candles.get(grid.name, (-math.inf, None))
        if monotonic() - asked_at > _CANDLES_AGE:
            try:
                seen = self.post.ask(REPORTER, DescribeCandles(grid.name, LONGEST_LIST), PATIENCE)
            except AskError as error:
                raise NobodyAnswers(f"the candles of {grid.name} are not known: {error}") from error
            with self._lock:
                self._candles[grid.name] = monotonic(), seen
        return pictures.candles(grid.name, timeframe, seen, limit)

    # --- asking --------------------------------------------------------------------------------------

    def _known(self, grids: Sequence[str]) -> tuple[str, ...]:
        for name in grids:
            if name not in self._names:
                raise UnknownGrid(f"there is no grid {name!r}; allowed: {', '.join(self._names)}")
        return tuple(name for name in self._names if not grids or name in grids)

    def _ask(self, question: DescribeRun | Steer) -> Any:
        try:
            return self.post.ask(CONTROLLER, question, PATIENCE)
        except AskError as error:
            raise NobodyAnswers(f"nobody answers now: {error}") from error


def _health(view: LiveView) -> HealthDescribed | None:
    """Give what the last look has found, None before the first."""
    return view.health if view.health is not None and view.health.time else None


def _limit(part: str, limit: int | None) -> int:
    usual = _LIMITS.get(part)
    if limit is None:
        return usual or LONGEST_LIST
    if usual is None:
        raise AskedInVain(f"limit = {limit}: bounds only {', '.join(_LIMITS)}")
    if not 1 <= limit <= LONGEST_LIST:
        raise AskedInVain(f"limit = {limit}: allowed: 1 to {LONGEST_LIST}")
    return limit
