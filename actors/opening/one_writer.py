"""One process for each grid: whoever runs it holds a lock, which ends with its holder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from engine.errors import BadInput
from engine.settings import Settings


@contextmanager
def sole_writers(configurations: Sequence[Settings], state_dir: Path) -> Iterator[None]:
    """Hold the locks of all grids; raise `BadInput` when another process runs one of them."""
    with ExitStack() as stack:
        for settings in configurations:
            stack.enter_context(_locked(settings, state_dir))
        yield


def _locked(settings: Settings, state_dir: Path) -> IO[str]:
    pair = settings.pair
    folder = state_dir / f"{pair.base_currency}_{pair.quote_currency}"
    path = folder / f"grid_{settings.fingerprint()[:8]}.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"--state-dir = {str(state_dir)!r}: {path} cannot be written: {error.strerror or error}; "
            "allowed: a folder to write in"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "of unknown number"
        file.close()
        raise BadInput(
            f"{settings.source}: this grid runs already, in process {holder}; allowed: one process for each grid"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file
