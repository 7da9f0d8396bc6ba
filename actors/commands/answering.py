"""Whoever can be asked about running grids and told what to do with them: the process itself, or its API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from engine.messages.steering import Command

Json = dict[str, Any]


class Answers(Protocol):
    """Answer in the JSON that the API, the page and the commands speak; without a name it is about all grids."""

    def get(self, part: str, grids: Sequence[str] = (), limit: int | None = None) -> Json:
        """Tell one part about some grids; the newest `limit` rows where there are many."""

    def steer(self, command: Command, grids: Sequence[str], seconds: float | None, wait: float) -> Json:
        """Have grids do something, and wait for it up to `wait` seconds."""
