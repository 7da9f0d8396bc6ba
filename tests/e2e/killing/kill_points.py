"""A process that kills itself at one of its commits: at the instant that no clock could hit."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from itertools import count
from typing import Any

from attrs import frozen


@frozen
class KillPoint:
    """Name one commit of a process, counted from 1: die `before` it, or right behind it."""

    commit: int
    before: bool

    def install(self) -> None:
        """Have this process die there."""
        from actors.store.connection import Connection

        run, commits = Connection.run, count(1)

        def counted(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> int:
            is_last = sql == "COMMIT" and next(commits) == self.commit
            if is_last and self.before:
                _die()
            changed = run(connection, sql, parameters)
            if is_last:
                _die()
            return changed

        Connection.run = counted  # type: ignore[method-assign, assignment]  # what is patched is this process's alone


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
