"""A process that has imported what `gridactors start` needs, and forks one for every start: a second saved each time.

Reads one JSON object a line and answers each with one:

=====================================================================  ==================================
``{"start": ["start", "grid.json"], "folder", "env", "output"}``       ``{"pid": 123}``
``{"wait": 123, "seconds": 1.5}``                                      ``{"code": 0}``, -9 after a SIGKILL,
                                                                       None if it is still there
=====================================================================  ==================================

What is forked runs the command as the installed script does, and ends as a process of its own. When the input ends, so
does everything that was forked. With ``"kill_at": [3, true]`` it is a `KillPoint` where the process ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from time import monotonic, sleep

from attrs import field, frozen

from tests.e2e.killing.kill_points import KillPoint

_NEEDED = (
    *("actors.start", "actors.opening.opening", "actors.opening.states", "actors.opening.one_writer"),
    *("actors.trading.run", "actors.display.live_table", "actors.store.opening", "actors.price_feed"),
    *("actors.order_feed", "actors.gateway", "actors.streams.price_sources", "rich.console", "actors.display.summary"),
    *("ccxt", "peewee", "websocket", "requests", "cryptography.hazmat.primitives.serialization"),
)
_LOOK_EVERY = 0.005  # seconds


@frozen
class Start:
    """Hold what one process is to run, and with what around it."""

    start: list[str]
    folder: str
    env: dict[str, str] = field(repr=False)
    output: str
    kill_at: tuple[int, bool] | None = None


def serve() -> Start | None:
    """Do what is asked; give what to run in a process that was forked for that, None at the end."""
    children: set[int] = set()
    try:
        for line in sys.stdin:
            asked = json.loads(line)
            if "start" not in asked:
                _answer(code=_wait(asked["wait"], asked["seconds"], children))
            elif pid := _fork():
                children.add(pid)
                _answer(pid=pid)
            else:
                children.clear()
                return Start(**asked)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return None


def _fork() -> int:
    assert threading.active_count() == 1, "a lock that another thread holds would be held for ever after the fork"
    return os.fork()


def _answer(**answer: int | None) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _wait(pid: int, seconds: float, children: set[int]) -> int | None:
    deadline = monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            children.remove(pid)
            return os.waitstatus_to_exitcode(status)
        if monotonic() > deadline:
            return None
        sleep(_LOOK_EVERY)


def become(wanted: Start) -> None:
    """Run the command in this process; raises SystemExit."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    output = os.open(wanted.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for theirs, ours in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(theirs, ours)
    os.environ.update(wanted.env)
    os.chdir(wanted.folder)
    if wanted.kill_at is not None:
        KillPoint(*wanted.kill_at).install()
    sys.argv = ["gridactors", *wanted.start]
    from actors.cli import main

    main()


def _prepare() -> None:
    for name in _NEEDED:
        importlib.import_module(name)
    threads = Path("/proc/self/task")
    assert not threads.exists() or len(list(threads.iterdir())) == 1, "some library has begun a thread"
    gc.collect()
    gc.freeze()  # what is never looked at is never copied


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # its input's end is its own: what it forked must not outlive it
    _prepare()
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    if (to_run := serve()) is not None:
        become(to_run)
