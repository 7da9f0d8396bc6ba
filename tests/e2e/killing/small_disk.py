"""A disk so small that a test can fill it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import frozen

_SIZE = 2_000_000  # bytes
_BLOCK = 4096


@frozen
class SmallDisk:
    """Hold where it is mounted."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte on it."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (_BLOCK, 1):
                while _written(ballast.fileno(), bytes(size)):
                    pass

    def free(self) -> None:
        """Leave space again."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


def _written(descriptor: int, content: bytes) -> int:
    try:
        return os.write(descriptor, content)
    except OSError:
        return 0


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount one at `folder`; skip the test where that is not allowed."""
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603 nothing of it is a user's
        pytest.skip("no disk may be mounted here")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607 the system's own
