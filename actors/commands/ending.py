"""Wait for another process to be gone."""

from __future__ import annotations

from threading import Event
from time import monotonic

from engine.errors import RunFailed

_LOOK_EVERY = 0.1  # seconds


def wait_for_end(pid: int, seconds: float) -> None:
    """Wait until the process is gone; raise `RunFailed` when it is still there after so long."""
    end = monotonic() + seconds
    while not _is_gone(pid):
        if monotonic() >= end:
            raise RunFailed(f"process {pid} has not ended within {seconds:g} s; it was told to, and goes on with that")
        Event().wait(_LOOK_EVERY)


def _is_gone(pid: int) -> bool:
    """Tell whether there is no such process, or only what its parent has not yet taken note of."""
    import psutil

    try:
        return psutil.Process(pid).status() in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
