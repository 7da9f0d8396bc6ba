"""One process that lives through worlds: it reads which on stdin, and writes on stdout what they came to, as JSON.

It first says where it has the code from. It ends when nobody speaks to it any more.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import attrs

import engine
from tests.simulation.many.figures import Figures
from tests.simulation.many.worlds import Failure, Live, alarms, load, look

BEAT = 0.25  # seconds between two reports


def main(module: str, longest: int) -> None:
    """Serve until stdin ends; a world that takes more than `longest` seconds is a failure."""
    with os.fdopen(os.dup(1), "w", buffering=1) as out:
        os.dup2(2, 1)  # whatever a world prints is no report

        def say(**what: Any) -> None:
            out.write(f"{json.dumps(what)}\n")

        live = load(module)
        gc.freeze()  # what has been imported stays: no look at it again after every few worlds
        say(code=engine.__file__)
        with alarms():
            for line in sys.stdin:
                first, count, keep_going = json.loads(line)
                _serve(live, range(first, first + count), longest, say, keep_going=keep_going)


def _serve(live: Live, seeds: range, longest: int, say: Callable[..., None], *, keep_going: bool) -> None:
    """Live through worlds, and report now and then; stop at the first failure unless it is to keep going."""
    figures, failures, reported = Figures(), list[Failure](), time.monotonic()
    busy = time.process_time()
    for seed in seeds:
        seen = look(live, seed, longest=longest)
        if seen.verdict is not None:
            figures.count(seen.verdict)
        else:
            figures.worlds += 1
        if seen.failure is not None:
            figures.failures += 1
            failures.append(seen.failure)
        ends = seed == seeds[-1] or (bool(failures) and not keep_going)
        if ends or time.monotonic() - reported > BEAT:
            figures.busy = time.process_time() - busy
            say(figures=figures.written(), failures=[attrs.asdict(failure) for failure in failures], done=ends)
            figures, failures, reported = Figures(), [], time.monotonic()
            busy = time.process_time()
        if ends:
            return


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(1)  # nobody listens any more
