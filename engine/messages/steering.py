"""How a running grid is steered: paused, put back, begun again, ended."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from engine.freezing import frozen


class Command(StrEnum):
    """What the owner of a running grid may want."""

    PAUSE = "pause"
    RESUME = "resume"
    RESTART = "restart"
    STOP = "stop"
    QUIT = "quit"


@frozen
class PauseGrid:
    """Take all orders down and rest, until `until` (epoch ms, `seconds` from now) or until somebody says otherwise.

    Take-profit and stop-loss go on being watched.
    """

    reason: str
    until: int | None = None
    seconds: float | None = None


@frozen
class ResumeGrid:
    """Put the ladder of a paused grid back, or begin again with a stopped one."""

    reason: str


@frozen
class RestartGrid:
    """Take all orders down and put the ladder back, from what is written down."""

    reason: str


@frozen
class PauseOver:
    """Remind the grid that the pause called `ticket` was to last until now."""

    ticket: int


@frozen
class PauseBegun:
    """Note that a grid is to rest, and until when (epoch ms, None for as long as nobody says otherwise)."""

    grid: str
    reason: str
    until: int | None


@frozen
class GridPaused:
    """Report that a grid rests: no order is left, and it holds `quote` and `base`."""

    grid: str
    reason: str
    until: int | None
    quote: Decimal
    base: Decimal


@frozen
class TellAgain:
    """Have it told once more that a grid rests, behind all that has yet to be written down."""

    paused: GridPaused


@frozen
class GridResumed:
    """Report that a grid that rested or had been stopped goes on."""

    grid: str
    reason: str


@frozen
class RestartAll:
    """Have a supervisor stop all its children and start them again; that is no failure."""

    reason: str


@frozen
class QuitAsked:
    """Ask whoever started all this to end it, in order."""

    reason: str
