"""Worlds on all cores: worker processes, and who gives them seeds."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from attrs import frozen

from tests.simulation.many.figures import Figures
from tests.simulation.many.worlds import LIVING, Failure

HERE = Path(__file__).resolve().parents[3]
CHUNK = 64  # seeds that a worker is given at once
_LONGEST = 60  # seconds that one world may take


class WorkerDied(Exception):
    """A worker process has ended by itself: the text says in which worlds, and what it said last."""


@frozen
class Report:
    """Hold what a worker has been through since the one before; `done` when it has nothing left to do."""

    figures: Figures
    failures: tuple[Failure, ...]
    done: bool


class Worker:
    """Have a process of its own live through worlds, with the code in `folder`.

    A session of its own keeps Ctrl-C from it: it is ended by this side, or by itself when this side is gone.
    """

    def __init__(self, world: str = LIVING, folder: Path = HERE, longest: int = _LONGEST) -> None:
        self.code: Path | None = None  # where it has the engine from, once it has said so
        self._seeds = range(0)
        self._rest = b""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 closed with the worker
        # Before anything that is installed comes what stands in the folder: `-m` puts it first.
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        self._process = subprocess.Popen(  # noqa: S603 this program itself
            [sys.executable, "-m", "tests.simulation.many.worker", world, str(longest)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """Give what to wait on for its reports."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def live(self, seeds: range, *, keep_going: bool) -> None:
        """Have it go through the worlds of `seeds`, one after the other."""
        self._seeds = seeds
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{json.dumps([seeds.start, len(seeds), keep_going])}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._death() from None

    def reports(self) -> list[Report]:
        """Take what it has said; waits when it has said nothing."""
        got = os.read(self.fileno(), 1 << 20)
        if not got:
            raise self._death()
        *lines, self._rest = (self._rest + got).split(b"\n")
        said = [json.loads(line) for line in lines]
        for one in said:
            if "code" in one:
                self.code = Path(one["code"])
        return [_report(one) for one in said if "code" not in one]

    def close(self) -> None:
        """End it, whatever it is at."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            if stream is not None:
                with suppress(BrokenPipeError):  # what was still to be said is not heard any more
                    stream.close()

    def _death(self) -> WorkerDied:
        code = self._process.wait()
        self._said.seek(0)
        last = self._said.read().decode(errors="replace").strip()[-4000:]
        worlds = f"seeds {self._seeds.start} to {self._seeds[-1]}" if self._seeds else "no world"
        return WorkerDied(f"a worker ended with {code}, at {worlds}: {last or 'it said nothing'}")


def _report(said: dict[str, Any]) -> Report:
    failures = (Failure(**{**failure, "faults": _faults(failure["faults"])}) for failure in said["failures"])
    return Report(Figures.read(said["figures"]), tuple(failures), said["done"])


def _faults(said: list[str] | None) -> tuple[str, ...] | None:
    return None if said is None else tuple(said)


@frozen
class Wanted:
    """Say which worlds are to be run: from `first`, `number` of them, for `seconds`; None for no such bound."""

    first: int
    number: int | None
    seconds: float | None
    workers: int
    keep_going: bool
    world: str = LIVING


def run(wanted: Wanted, tell: Callable[[Report], None]) -> None:
    """Run worlds and tell reports as they come, until all is done, time is up, or one has failed."""
    until = None if wanted.seconds is None else time.monotonic() + wanted.seconds
    chunks = _chunks(wanted)
    workers: list[Worker] = []
    try:
        with selectors.DefaultSelector() as selector:
            for seeds in islice(chunks, wanted.workers):
                workers.append(worker := Worker(wanted.world))
                worker.live(seeds, keep_going=wanted.keep_going)
                selector.register(worker.fileno(), selectors.EVENT_READ, worker)
            while selector.get_map():
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return
                for key, _ in selector.select(left):
                    for report in key.data.reports():
                        tell(report)
                        if report.failures and not wanted.keep_going:
                            return
                        if report.done and (more := next(chunks, None)) is not None:
                            key.data.live(more, keep_going=wanted.keep_going)
                        elif report.done:
                            selector.unregister(key.fd)
    finally:
        for worker in workers:
            worker.close()


def _chunks(wanted: Wanted) -> Iterator[range]:
    """Give the seeds in portions, small enough that all cores are busy to the end."""
    if wanted.number is None:
        yield from (range(first, first + CHUNK) for first in count(wanted.first, CHUNK))
        return
    size = max(1, min(CHUNK, wanted.number // (4 * wanted.workers)))
    end = wanted.first + wanted.number
    yield from (range(first, min(first + size, end)) for first in range(wanted.first, end, size))
