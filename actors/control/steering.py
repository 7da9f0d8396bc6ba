"""What a command means to a grid as it stands: what is sent to it, or why nothing is."""

from __future__ import annotations

from actors.control.questions import Steer, Steered
from engine.live_view import Standing
from engine.messages import GridArmed, GridStopped, StopGrid
from engine.messages.steering import Command, GridPaused, GridResumed, PauseGrid, RestartGrid, ResumeGrid
from engine.plain import ending
from engine.reporter import GridHistory

FINAL = ("take_profit", "stop_loss", "trailing_stop_loss")  # a grid that ended so has done what it was for
Telling = PauseGrid | ResumeGrid | RestartGrid | StopGrid
Fact = GridArmed | GridPaused | GridResumed | GridStopped


def standing_of(history: GridHistory) -> Standing:
    """Tell where a grid stands from its history alone."""
    if history.stop_reason is not None:
        return Standing.STOPPED
    if history.pause is not None:
        return Standing.PAUSED if history.pause.is_resting else Standing.PAUSING
    return Standing.WAITING if history.armed_at is None else Standing.RUNNING


def judged(command: Command, grid: str, history: GridHistory | None) -> Steered:
    """Say whether a grid with this history, None where nobody knows it now, can be told to do this."""
    if history is None:
        return Steered(grid, None)
    standing = standing_of(history)
    if standing is Standing.STOPPED:
        return _judged_at_end(command, grid, history.stop_reason or "")
    if command is Command.RESUME and history.pause is None:
        waits = "waits for the price to enter its range" if standing is Standing.WAITING else "is running"
        return Steered(grid, standing, is_refused=True, text=f"{waits}; there is nothing to resume")
    return Steered(grid, standing)  # one that rests, too, has to hear for how long: its time may be over any moment


def message_for(steer: Steer, now: int) -> Telling:
    """Write what a grid manager is told; `now` in epoch ms."""
    match steer.command:
        case Command.PAUSE:
            until = None if steer.seconds is None else now + round(steer.seconds * 1000)
            return PauseGrid(steer.reason, until, steer.seconds)
        case Command.RESUME:
            return ResumeGrid(steer.reason)
        case Command.RESTART:
            return RestartGrid(steer.reason)
        case Command.STOP:
            return StopGrid(steer.reason, lasts=True)
        case Command.QUIT:
            raise ValueError("quitting is nothing that a grid does")


def facts_of(command: Command) -> tuple[type[Fact], ...]:
    """List the facts by which a command is done."""
    match command:
        case Command.PAUSE:
            return (GridPaused,)
        case Command.RESUME | Command.RESTART:
            return (GridResumed, GridArmed)
        case Command.STOP | Command.QUIT:
            return (GridStopped,)


def is_answer(fact: Fact, command: Command, message: Telling) -> bool:
    """Tell whether a fact shows that a grid has heard this, and nothing earlier; its end answers everything."""
    if isinstance(fact, GridPaused) and isinstance(message, PauseGrid) and fact.until != message.until:
        return False
    return isinstance(fact, (*facts_of(command), GridStopped))


def is_done(command: Command, standing: Standing) -> bool:
    """Tell from where a grid stands whether a command is done."""
    match command:
        case Command.PAUSE:
            return standing is Standing.PAUSED
        case Command.RESUME:
            return standing not in (Standing.PAUSING, Standing.PAUSED, Standing.STOPPED)
        case Command.STOP | Command.QUIT:
            return standing is Standing.STOPPED
        case Command.RESTART:
            return False  # it stands where it stood


def _judged_at_end(command: Command, grid: str, reason: str) -> Steered:
    ended = f"was stopped by {ending(reason)}"
    match command:
        case Command.STOP:
            return Steered(grid, Standing.STOPPED, is_done=True, text=ended)
        case Command.RESUME if reason not in FINAL:
            return Steered(grid, Standing.STOPPED)
        case Command.RESUME:
            remedy = "it does not resume; start it with --fresh to begin anew with what it holds"
        case Command.RESTART if reason not in FINAL:
            remedy = "resume begins again with it"
        case _:
            remedy = f"there is nothing to {command}"
    return Steered(grid, Standing.STOPPED, is_refused=True, text=f"{ended}; {remedy}")
