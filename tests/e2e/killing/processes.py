"""Processes to kill: of a zygote, which start quickly, or of the command itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from attrs import astuple, define, field, frozen

from tests.e2e.killing.kill_points import KillPoint

_ROOT = Path(__file__).parents[3]
_ENDS_WITHIN = 10.0  # seconds, of whatever gets a SIGKILL


class Process(Protocol):
    """What can be signalled, and waited for."""

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it is there."""

    def wait(self, seconds: float) -> int | None:
        """Give its exit code, negative for the signal that ended it; None if it is there after so long."""


class Starter(Protocol):
    """What starts `gridactors` with arguments."""

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        output: Path,
        kill_at: KillPoint | None = None,
    ) -> Process:
        """Start it in `folder`, with `env` beside what is there, and all that it writes appended to `output`."""


class Zygote:
    """Fork a process for each start; a context manager, which ends all that it forked."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.killing.zygote"],
            cwd=_ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        output: Path,
        kill_at: KillPoint | None = None,
    ) -> Process:
        there: dict[str, Any] = {"folder": str(folder), "output": str(output)}
        if kill_at is not None:
            there["kill_at"] = astuple(kill_at)
        return Forked(self.ask({"start": list(arguments), "env": dict(env), **there})["pid"], self)

    def ask(self, question: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@define
class Forked:
    """A process of a zygote, which keeps its number until the zygote has seen its end."""

    pid: int
    _zygote: Zygote = field(repr=False)
    _code: int | None = None

    def send(self, number: signal.Signals) -> None:
        if self._code is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> int | None:
        if self._code is None:
            self._code = self._zygote.ask({"wait": self.pid, "seconds": seconds})["code"]
        return self._code


@frozen
class Command:
    """Start the command as a user does, in a process of its own."""

    command: tuple[str, ...] = (sys.executable, "-m", "actors")

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        output: Path,
        kill_at: KillPoint | None = None,
    ) -> Process:
        assert kill_at is None, "only what is forked has kill points"
        with output.open("ab") as written:
            return Spawned(
                subprocess.Popen(  # noqa: S603 the program itself
                    [*self.command, *arguments],
                    cwd=folder,
                    env={**os.environ, **env},
                    stdin=subprocess.DEVNULL,
                    stdout=written,
                    stderr=written,
                    start_new_session=True,
                )
            )


@frozen
class Spawned:
    """A process of its own."""

    process: subprocess.Popen[bytes]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def end(process: Process) -> int:
    """Kill it, as nothing can help against; give its exit code, which is another one if it had ended before."""
    process.send(signal.SIGKILL)
    code = process.wait(_ENDS_WITHIN)
    assert code is not None, "a process outlived SIGKILL"
    return code
