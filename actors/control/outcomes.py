"""What came of a command, in words."""

from __future__ import annotations

from typing import Any

from actors.control.questions import Steered
from engine.live_view import Standing
from engine.messages.steering import Command

_DONE = {
    Command.PAUSE: "rests, with no order left",
    Command.RESUME: "goes on",
    Command.RESTART: "has begun again",
    Command.STOP: "is stopped, with no order left",
    Command.QUIT: "is being ended",
}
_UNDER_WAY = {
    Command.PAUSE: "its orders are being taken down",
    Command.RESUME: "its ladder is being put back",
    Command.RESTART: "is beginning again",
    Command.STOP: "its orders are being taken down",
    Command.QUIT: "is being ended",
}


def outcome(
    told: Steered, command: Command, standing: Standing | None = None, *, is_over: bool = True
) -> dict[str, Any]:
    """Say how far a command has come with one grid."""
    words = _DONE if is_over else _UNDER_WAY
    standing = standing or told.standing
    return {
        "name": told.grid,
        "done": is_over,
        "refused": told.is_refused,
        "standing": None if standing is None else str(standing),
        "text": told.text or words[command],
    }
