"""One process for each grid: whoever runs it holds a lock, which ends with its holder however that ends.

The lock's file says who holds it, as JSON: ``{"pid": 123, "since": 1795355250000}``. After an orderly end it is empty;
words that nobody holds are those of a process that was killed.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from attrs import frozen

from actors.opening.states import StoreOutOfReach, keeps_nothing, key_of, place_of
from actors.store.server_lock import LockedByAnother, server_lock
from engine.candles.times import show_time
from engine.errors import BadInput
from engine.journal.store import StoreUnavailable
from engine.settings import Settings

log = logging.getLogger(__name__)

_LOOKS, _LOOK_AGAIN_AFTER = 10, 0.01  # in seconds: somebody may look who holds it, for some microseconds
_REFUSAL = "this grid runs already, in {}; allowed: one process for each grid"
_SECOND = 1_000_000_000  # nanoseconds
_LONGEST_WORDS = 1_000  # characters


@frozen
class Holder:
    """Name the process that runs a grid, since when in epoch milliseconds; None for what it has not written down."""

    pid: int | None = None
    since: int | None = None

    def __str__(self) -> str:
        """Name it in a sentence."""
        if self.pid is None:
            return "another process"
        return f"process {self.pid}" if self.since is None else f"process {self.pid} since {show_time(self.since)}"


@contextmanager
def sole_writers(configurations: Sequence[Settings], state_dir: Path) -> Iterator[None]:
    """Hold the locks of all grids; raise `BadInput` when another process runs one of them."""
    with ExitStack() as stack:
        for settings in configurations:
            stack.enter_context(_locked(settings, state_dir))
            stack.enter_context(_locked_on_server(settings, state_dir))
        yield


@contextmanager
def sole_writer_of_earlier(settings: Settings, fingerprint: str, state_dir: Path) -> Iterator[None]:
    """Hold the lock of what a grid was before its configuration changed; raise `BadInput` when that still runs."""
    refusal = "this grid still runs as it was before it was changed, in {}; allowed: to start it when that has ended"
    with _held(settings, _path_of(settings, fingerprint, state_dir), state_dir, refusal):
        yield


def holder(settings: Settings, state_dir: Path) -> Holder | None:
    """Tell who runs a grid, None when nobody does; that keeps nobody from starting it."""
    try:
        file = _path(settings, state_dir).open(encoding="utf-8", errors="replace")
    except OSError:
        return None  # whoever ran the grid would have made it
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _written(file) or Holder()
        return None


def _locked(settings: Settings, state_dir: Path) -> AbstractContextManager[None]:
    return _held(settings, _path(settings, state_dir), state_dir, _REFUSAL)


@contextmanager
def _locked_on_server(settings: Settings, state_dir: Path) -> Iterator[None]:
    """Keep other machines away, too, from a grid whose database they reach; a file is nobody else's."""
    if keeps_nothing(settings):
        yield
        return
    try:
        with server_lock(place_of(settings, state_dir), key_of(settings)):
            yield
    except LockedByAnother as who:
        raise BadInput(f"{settings.source}: {_REFUSAL.format(who)}") from None
    except StoreUnavailable as error:
        raise StoreOutOfReach(f"{settings.source}: {error}") from error


@contextmanager
def _held(settings: Settings, path: Path, state_dir: Path, refusal: str) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not inheritable, as Python opens files: a child that outlived us would go on holding the lock.
        file = path.open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise _unwritable(path, state_dir, error) from error
    with file:
        try:
            _lock(file, settings, refusal)
            before = _written(file)
            _write(file, json.dumps({"pid": os.getpid(), "since": time.time_ns() // _SECOND * 1_000}))
        except OSError as error:
            raise _unwritable(path, state_dir, error) from error
        if before is not None:
            named = Holder(before.pid)
            log.info("%s: took over from %s, which ended without letting go", settings.source, named)
        try:
            yield
        finally:
            with suppress(OSError):  # a later holder will say that we were killed: better than to fail here
                _write(file, "")


def _path(settings: Settings, state_dir: Path) -> Path:
    return _path_of(settings, settings.fingerprint(), state_dir)


def _path_of(settings: Settings, fingerprint: str, state_dir: Path) -> Path:
    pair = settings.pair
    return state_dir / f"{pair.base_currency}_{pair.quote_currency}" / f"grid_{fingerprint[:8]}.lock"


def _lock(file: TextIO, settings: Settings, refusal: str) -> None:
    for look in range(_LOOKS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if look + 1 < _LOOKS:
                time.sleep(_LOOK_AGAIN_AFTER)
        else:
            return
    who = _written(file) or Holder()
    raise BadInput(f"{settings.source}: {refusal.format(who)}")


def _written(file: TextIO) -> Holder | None:
    """Read what a holder has written down, as far as it can be understood; None when there is nothing."""
    file.seek(0)
    words = file.read(_LONGEST_WORDS).strip()
    if not words:
        return None
    try:
        said = json.loads(words)
        found = Holder(int(said["pid"]), int(said["since"]))
        show_time(int(said["since"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return Holder()
    return found


def _write(file: TextIO, words: str) -> None:
    os.ftruncate(file.fileno(), 0)
    os.write(file.fileno(), words.encode())  # at once, for whoever reads it meanwhile


def _unwritable(path: Path, state_dir: Path, error: OSError) -> BadInput:
    return BadInput(
        f"--state-dir = {str(state_dir)!r}: {path} cannot be written: {error.strerror or error}; "
        "allowed: a folder to write in"
    )
