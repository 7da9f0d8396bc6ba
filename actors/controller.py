"""The controller, as an actor: the one who looks at the grids for those at the door, and steers them."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, assert_never

from attrs import frozen

from actors.control.answers import Answers
from actors.control.door import Door
from actors.control.questions import DescribeRun, Steer, Steered
from actors.control.steering import Fact, Telling, is_answer, judged, message_for
from actors.mail import AskError
from actors.trading.looking import Lookout
from engine.addresses import CONSOLE, CONTROLLER, REPORTER
from engine.effects import After, Effect, Reply, Send
from engine.grid_setup import GridSetup
from engine.live_view import LiveView
from engine.messages import DescribeHistory, GridArmed, GridStopped
from engine.messages.steering import Command, GridPaused, GridResumed, QuitAsked
from engine.reporter import GridHistory
from engine.supervision import ChildSpec

if TYPE_CHECKING:
    from actors.control.house import House

_LOOK_EVERY = 0.5  # seconds
_REPEAT_EVERY = 0.5  # seconds; a grid manager that is just being built does not hear
_REPEATS = 120
_PATIENCE = 1.0  # seconds that the reporter may take

log = logging.getLogger(__name__)


@frozen
class RepeatDue:
    """Remind the controller that the wish called `ticket` may have gone unheard."""

    grid: str
    ticket: int


@frozen
class _Wish:
    command: Command
    message: Telling
    ticket: int
    repeats: int = _REPEATS


ControllerInbox = DescribeRun | Steer | Fact | QuitAsked | RepeatDue


def spec(answers: Answers, door: Door | None) -> ChildSpec:
    """Describe the controller of the grids that `answers` are about; without a `door` it serves no HTTP."""
    return ChildSpec(CONTROLLER, lambda: Controller(answers, door))


class Controller:
    """Own a lookout, wishes that have not been followed yet, and what listens at the door."""

    def __init__(self, answers: Answers, door: Door | None) -> None:
        """Look at nothing yet."""
        self._answers, self._post = answers, answers.post
        self._grids: Mapping[str, GridSetup] = {grid.name: grid for grid in answers.grids}
        self._lookout = Lookout(answers.grids, answers.post)
        self._door = door
        self._house: House | None = None
        self._view: LiveView | None = None
        self._looked_at = 0.0
        self._wishes: dict[str, _Wish] = {}
        self._tickets = 0
        self._is_stopping = False

    def start(self) -> list[Effect]:
        """Open the door."""
        self._answers.bulletin.open()
        if self._door is not None:
            from actors.control.house import House  # Flask and all: nobody else need wait for them

            self._house = House.open(self._door, self._answers)
        return []

    def close(self) -> None:
        """Close the door; whoever waits inside is sent home."""
        self._answers.bulletin.close()
        if self._house is not None:
            self._house.close()

    def handle(self, message: ControllerInbox) -> list[Effect]:
        """Answer, steer, or note a fact."""
        match message:
            case DescribeRun():
                return [Reply(self._look())]
            case Steer():
                return self._steer(message)
            case GridArmed() | GridPaused() | GridResumed() | GridStopped():
                self._note(message)
            case QuitAsked():
                self._is_stopping, self._view = True, None
            case RepeatDue():
                return self._repeat(message)
            case _:
                assert_never(message)
        return []

    def _look(self) -> LiveView:
        now = time.monotonic()
        if self._view is None or now - self._looked_at >= _LOOK_EVERY:
            self._view = self._lookout.look(is_stopping=self._is_stopping)
            self._looked_at = time.monotonic()
        return self._view

    def _note(self, fact: Fact) -> None:
        wish = self._wishes.get(fact.grid)
        if wish is not None and is_answer(fact, wish.command, wish.message):
            del self._wishes[fact.grid]
        self._view = None
        self._answers.bulletin.post(fact)

    def _steer(self, steer: Steer) -> list[Effect]:
        if steer.command is Command.QUIT:
            self._is_stopping, self._view = True, None
            return [Send(CONSOLE, QuitAsked(steer.reason)), Reply(())]
        outcomes = [judged(steer.command, grid, self._history(grid)) for grid in steer.grids]
        message = message_for(steer, time.time_ns() // 1_000_000)
        effects: list[Effect] = []
        for outcome in outcomes:
            effects += self._tell(outcome, steer.command, message)
        self._view = None
        return [*effects, Reply(tuple(outcomes))]

    def _tell(self, outcome: Steered, command: Command, message: Telling) -> list[Effect]:
        if outcome.is_refused or outcome.text:
            return []
        send = Send(self._grids[outcome.grid].addresses.grid_manager, message)
        if outcome.is_done:
            return [send]
        self._tickets += 1
        self._wishes[outcome.grid] = _Wish(command, message, self._tickets)
        log.info("%s: %s, as %s", outcome.grid, command, message.reason)
        return [send, After(_REPEAT_EVERY, RepeatDue(outcome.grid, self._tickets))]

    def _repeat(self, due: RepeatDue) -> list[Effect]:
        """Say a wish again that may have come while nobody could hear it."""
        wish = self._wishes.get(due.grid)
        if wish is None or wish.ticket != due.ticket:
            return []
        if not wish.repeats:
            del self._wishes[due.grid]
            log.warning("%s: nothing has come of %s", due.grid, wish.command)
            return []
        self._wishes[due.grid] = _Wish(wish.command, wish.message, wish.ticket, wish.repeats - 1)
        return [Send(self._grids[due.grid].addresses.grid_manager, wish.message), After(_REPEAT_EVERY, due)]

    def _history(self, grid: str) -> GridHistory | None:
        try:
            history: GridHistory | None = self._post.ask(REPORTER, DescribeHistory(grid), _PATIENCE)
        except AskError:
            return None
        return history
