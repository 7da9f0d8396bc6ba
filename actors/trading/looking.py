"""Look at running grids: ask their actors, never for long, and make a picture of what they say."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from time import monotonic
from typing import Any

from attrs import define

from actors.display.live_table import Show
from actors.mail import AskError
from actors.post import Post
from actors.trading.console import Console
from engine.addresses import HEALTH_MONITOR, REPORTER
from engine.effects import Address
from engine.grid_level import LevelDescribed
from engine.grid_setup import GridSetup
from engine.live_view import GridAnswers, GridWatch, LiveView
from engine.messages import DescribeFunds, DescribeHistory, DescribeLevel, DescribeOrders, DescribePrices
from engine.messages.vitals import DescribeHealth
from engine.reporter import GridHistory

log = logging.getLogger(__name__)

_LOOK_EVERY = 0.4  # seconds
_LEVELS_KEEP_FOR = 5.0  # seconds
_PATIENCE = 1.0  # seconds; an actor that is busy for longer is shown as it was
_LOOKS_FOR = 2.0  # seconds for all of them together


class Lookout:
    """Make a view of all grids whenever it is asked to."""

    def __init__(self, grids: Sequence[GridSetup], post: Post) -> None:
        """Begin to watch; the first view is the base of price changes."""
        self._grids, self._post = grids, post
        self._started_at = _now_ms()
        self._deadline = 0.0
        self._levels_asked: dict[str, tuple[float, int]] = {}  # when, and how many events had been told then
        self._watches = [
            GridWatch(
                grid.name,
                str(grid.settings.exchange.trading_mode),
                grid.rules,
                grid.settings.trading_settings.initial_balance,
            )
            for grid in grids
        ]

    def look(self, *, is_stopping: bool = False) -> LiveView:
        """Ask everybody and give the picture."""
        self._deadline = monotonic() + _LOOKS_FOR
        pictures = [watch.look(self._answers(grid)) for grid, watch in zip(self._grids, self._watches, strict=True)]
        health = self._ask(HEALTH_MONITOR, DescribeHealth())
        return LiveView(_now_ms(), self._started_at, tuple(pictures), is_stopping, health)

    def _answers(self, grid: GridSetup) -> GridAnswers:
        addresses = grid.addresses
        history = self._ask(REPORTER, DescribeHistory(grid.name))
        levels = self._levels(grid, history) if history is not None and history.plan is not None else ()
        return GridAnswers(
            prices=self._ask(addresses.price_feed, DescribePrices()),
            funds=self._ask(addresses.balance_tracker, DescribeFunds()),
            orders=self._ask(addresses.order_manager, DescribeOrders()),
            levels=levels,
            history=history,
        )

    def _levels(self, grid: GridSetup, history: GridHistory) -> tuple[LevelDescribed, ...]:
        """Ask the levels when something has happened, and now and then: hundreds of answers are work for all."""
        asked_at, told = self._levels_asked.get(grid.name, (float("-inf"), 0))
        if history.events_told == told and monotonic() - asked_at < _LEVELS_KEEP_FOR:
            return ()
        assert history.plan is not None
        self._levels_asked[grid.name] = (monotonic(), history.events_told)
        described = (self._ask(grid.addresses.level(level.slot), DescribeLevel()) for level in history.plan.levels)
        return tuple(level for level in described if level is not None)

    def _ask(self, address: Address[Any], question: object) -> Any:
        patience = min(_PATIENCE, self._deadline - monotonic())
        if patience <= 0 or not self._post.is_alive(address):
            return None
        try:
            return self._post.ask(address, question, patience)
        except AskError:
            return None


@define
class Picture:
    """Show how it goes; a screen that is gone must not end the trading with its orders still open."""

    show: Show | None
    lookout: Lookout
    console: Console
    _view: LiveView | None = None
    _looked_at: float = 0.0

    def draw(self) -> None:
        """Ask everybody, if that was not just done, and show what they say; give up for good when that fails."""
        if self.show is None:
            return
        try:
            if self._view is None or monotonic() - self._looked_at >= _LOOK_EVERY:
                is_stopping = bool(self.console.stop_reason and self.console.running)
                self._view, self._looked_at = self.lookout.look(is_stopping=is_stopping), monotonic()
            self.show(self._view)
        except (Exception, SystemExit) as error:  # noqa: BLE001 rich leaves by SystemExit when a pipe is closed
            self.show = None
            log.warning("nothing is shown any more, trading goes on: %r", error)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
