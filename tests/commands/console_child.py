"""A process at a terminal of its own, with the console and made-up answers: `python -m … MODE`.

It writes what happens to its standard output, a line of JSON each. As a shell it starts itself in the background.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from actors.commands.printing import terminal_printer
from actors.trading.terminal import Terminal
from actors.trading.typed import typed_commands
from actors.trading.typed_line import TypedLine
from engine.messages.steering import Command
from tests.commands.answers import outcome, status

WIDTH = 100
_GRID = "SOL/USDT"


def say(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class MadeUpAnswers:
    """Answer at once, and say what was asked; a quit ends the process."""

    def __init__(self) -> None:
        self.is_over = threading.Event()

    def get(self, part: str, grids: Sequence[str] = (), limit: int | None = None) -> dict[str, Any]:
        say(asked=part, grids=grids, limit=limit)
        if part == "health":
            raise RuntimeError("no health")
        return status()

    def steer(self, command: Command, grids: Sequence[str], seconds: float | None, wait: float) -> dict[str, Any]:
        say(steered=command, grids=grids, seconds=seconds, wait=wait)
        if command is Command.QUIT:
            self.is_over.set()
        return outcome((_GRID, True, "paused", "as asked"))


def run(mode: str) -> None:
    """Listen until somebody quits, and end as `mode` says."""
    answers, lines = MadeUpAnswers(), list[TypedLine]()

    def changed() -> None:
        say(lines=[line.plain for one in lines for line in one.lines(WIDTH)])

    def print_lines(printed: Sequence[Text]) -> None:
        say(printed=[line.plain for line in printed])

    prints = {"lines": print_lines, "printed": terminal_printer()}
    with typed_commands(answers, [_GRID], changed, prints.get(mode)) as line:
        assert line is not None
        lines.append(line)
        say(ready=os.getpid())
        answers.is_over.wait()
        if mode == "raise":
            raise RuntimeError("as a fault would")
        if mode == "at-once":
            line.restore()
            os._exit(1)


class Snatched(Terminal):
    """Believe that the terminal is ours until it is read from, as when somebody takes it in that moment."""

    beliefs = 2

    @property
    def is_ours(self) -> bool:
        self.beliefs -= 1
        return self.beliefs >= 0


def be_a_shell(mode: str) -> None:
    """Start the console in the background, and hand it the terminal when a line is typed."""
    command = [sys.executable, "-m", "tests.commands.console_child", mode]
    with subprocess.Popen(command, process_group=0) as child:  # noqa: S603 this module
        try:
            if mode == "plain":
                sys.stdin.readline()  # from here on the terminal is the child's
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                os.tcsetpgrp(0, child.pid)
            child.wait()
        finally:
            child.kill()


def main(mode: str) -> None:
    """Do what `mode` says."""
    if os.getsid(0) == os.getpid():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if mode == "shell":
        be_a_shell("plain")
    elif mode == "shell-of-snatched":
        be_a_shell("snatched")
    elif mode == "snatched":
        looked = Snatched(0, by_key=False).look(5.0)
        say(looked=None if looked is None else looked.decode())
    else:
        run(mode)


if __name__ == "__main__":
    main(sys.argv[1])
