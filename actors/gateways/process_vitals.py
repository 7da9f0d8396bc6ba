"""What this process uses of its machine, by psutil; what a system does not tell is None."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from engine.health.process import Vitals

_MOST_FILES = 1_000  # of the state directory that are looked at; candles of years may lie there

T = TypeVar("T")


class ProcessVitals:
    """Read what this process uses, in about a millisecond; the state is kept in `state_dir`."""

    def __init__(self, state_dir: Path) -> None:
        """Take hold of this process."""
        import psutil

        self._process = psutil.Process()
        self._machine = psutil.virtual_memory
        self._state_dir = state_dir

    def read(self) -> Vitals:
        """Give what is used now."""
        process = self._process
        with process.oneshot():
            cpu = _told(process.cpu_times)
            memory = _told(process.memory_info)
            threads = _told(process.num_threads)
        machine = _told(self._machine)
        disk = _told(self._disk)
        return Vitals(
            cpu_seconds=None if cpu is None else cpu.user + cpu.system,
            memory=None if memory is None else memory.rss,
            machine_memory=None if machine is None else machine.percent,
            disk_free=None if disk is None else disk[0],
            disk_total=None if disk is None else disk[1],
            state=_told(lambda: _size(self._state_dir)),
            threads=threads,
            files=_told(process.num_fds),
            files_limit=_told(_files_limit),
        )

    def _disk(self) -> tuple[int, int]:
        """Give what is free for this user where the state is kept, or will be, and what the disk holds; in bytes."""
        place = self._state_dir.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        disk = os.statvfs(place)
        return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize


def _files_limit() -> int | None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def _size(folder: Path) -> int | None:
    """Add up the files below a folder, in bytes; None when there are too many to look at all the time."""
    total, seen, folders = 0, 0, [str(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                seen += 1
                if seen > _MOST_FILES:
                    return None
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def _told(ask: Callable[[], T]) -> T | None:
    """Give what the system answers, None when it does not."""
    import psutil

    try:
        return ask()
    except (OSError, psutil.Error):
        return None
