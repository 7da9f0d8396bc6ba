"""What the door tells the controller, and how a question there can fail."""

from __future__ import annotations

from attrs import frozen

from engine.live_view import Standing
from engine.messages.steering import Command


@frozen
class DescribeRun:
    """Ask for a `LiveView` of all grids."""


@frozen
class Steer:
    """Have `command` done to `grids`, by name; `seconds` bounds a pause. The reply is a `Steered` for each."""

    command: Command
    grids: tuple[str, ...]
    seconds: float | None
    reason: str


@frozen
class Steered:
    """Say that a grid was told, or why it was not: `text`; `is_done` when there was nothing left to do."""

    grid: str
    standing: Standing | None
    is_refused: bool = False
    is_done: bool = False
    text: str = ""


class AskedInVain(Exception):
    """Say why a question has no answer, or a wish is not followed: one line, and the HTTP status for it."""

    status = 400


class UnknownGrid(AskedInVain):
    """There is no such grid."""

    status = 404


class UnknownPart(AskedInVain):
    """There is no such picture."""

    status = 404


class NobodyAnswers(AskedInVain):
    """The actors have too much to do, or are being restarted."""

    status = 503
