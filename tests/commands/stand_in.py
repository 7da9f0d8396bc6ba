"""A stand-in for a run that was detached: `python -m … STATE_DIR HOW`.

It is up like a real one and runs until it is told to end, or fails with the exit code HOW.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import click

from tests.commands.api import PlayedApi


def main(state_dir: Path, how: str) -> None:
    """Be up, or fail."""
    click.echo("begun")
    if how != "up":
        click.echo("error: grid.toml: nothing is right", err=True)
        sys.exit(int(how))
    with PlayedApi({"GET /livez": (200, {"ok": True, "why": None})}) as api:
        api.runs(state_dir, pid=os.getpid())
        signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main(Path(sys.argv[1]), sys.argv[2])
