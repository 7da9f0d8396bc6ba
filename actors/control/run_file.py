"""What a running process leaves in its state directory, so that commands find it: ``run.json``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cattrs
from attrs import field, frozen

from actors.control.private_files import read_private, write_private
from engine.errors import BadInput

RUN_FILE = "run.json"


@frozen(kw_only=True)
class Running:
    """Say where a process can be reached; `started_at` in epoch ms, `certificate` the path of its own, if any."""

    pid: int
    url: str
    token: str = field(repr=False)
    version: str
    grids: tuple[str, ...]
    started_at: int
    certificate: str | None = None


def read_run(state_dir: Path) -> Running | None:
    """Give the process that runs there, None for none; raise `BadInput` where its file cannot be read."""
    path = state_dir / RUN_FILE
    try:
        text = read_private(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror or error}") from error
    running = _parsed(path, text)
    return running if _is_alive(running.pid) else None


def write_run(state_dir: Path, running: Running) -> None:
    """Tell that this process runs; raise `BadInput` that names the path when that cannot be written."""
    told: dict[str, Any] = cattrs.unstructure(running)
    write_private(state_dir / RUN_FILE, json.dumps(told, indent=1) + "\n")


def remove_run(state_dir: Path, pid: int) -> None:
    """Take back what the process `pid` told, and nobody else's."""
    path = state_dir / RUN_FILE
    try:
        if _parsed(path, read_private(path)).pid == pid:
            path.unlink()
    except (OSError, BadInput):
        pass  # it is gone, or nothing of ours


def _parsed(path: Path, text: str) -> Running:
    try:
        told = json.loads(text)
        return Running(
            pid=int(told["pid"]),
            url=str(told["url"]),
            token=str(told["token"]),
            version=str(told["version"]),
            grids=tuple(str(name) for name in told["grids"]),
            started_at=int(told["started_at"]),
            certificate=None if told["certificate"] is None else str(told["certificate"]),
        )
    except (ValueError, TypeError, KeyError):
        raise BadInput(f"{path}: is not what a running process writes; remove it") from None


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    except OverflowError:
        return False
    return True
