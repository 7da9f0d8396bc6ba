"""What came of a command that took longer than the process waits at once."""

from __future__ import annotations

from threading import Event
from time import monotonic

from actors.commands.answering import Answers, Json
from actors.commands.process import MOST_WAIT
from actors.commands.wanted import Wanted
from actors.control.steering import is_done
from engine.live_view import Standing
from engine.messages.steering import Command

_LOOK_EVERY = 0.5  # seconds
_AT_WORK = (Standing.RUNNING, Standing.ARMING, Standing.WAITING)


def steer(wanted: Wanted, answers: Answers, wait: float) -> Json:
    """Have it done, and give what came of it within `wait` seconds; the command is sent once."""
    command = Command(wanted.what)
    end = monotonic() + wait
    outcome = answers.steer(command, wanted.grids, wanted.seconds, min(wait, MOST_WAIT))
    if command is Command.QUIT:
        return outcome
    left = {grid["name"]: grid for grid in outcome["grids"] if not grid["done"] and not grid.get("refused")}
    # One that has yet to hear of it may stand as if it had: its standing counts once it was seen to be another one.
    sure = {name for name, grid in left.items() if not _seems_done(command, grid["standing"])}
    while left and monotonic() < end:
        Event().wait(min(_LOOK_EVERY, max(0.0, end - monotonic())))
        for seen in answers.get("status", tuple(left))["grids"]:
            name, standing = seen["name"], Standing(seen["standing"])
            left[name]["standing"] = str(standing)
            if not _seems_done(command, standing):
                sure.add(name)
            elif name in sure:
                left.pop(name).update(done=True, text="")
    return outcome


def _seems_done(command: Command, standing: str | None) -> bool:
    if standing is None:
        return False
    return standing in _AT_WORK if command is Command.RESTART else is_done(command, Standing(standing))
