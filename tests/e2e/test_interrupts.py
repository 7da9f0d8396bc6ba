"""^C at bad moments: while candles are read, in the middle of a run, while files are written."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.desk import HEADER, SOON, Desk

either_host = pytest.mark.parametrize("options", [(), ("--threads",)], ids=["stepped", "threads"])


@contextmanager
def running(desk: Desk, *arguments: str, stderr: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    """Run the command, and leave no process behind."""
    process = subprocess.Popen(  # noqa: S603 - the program itself
        [sys.executable, "-m", "actors", *arguments],
        cwd=desk.folder,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupted(process: subprocess.Popen[str], release: Callable[[], object] = bool) -> tuple[int, str, str]:
    """Send ^C, then let go of what the command waits for: a signal that comes just before a wait does not end it."""
    process.send_signal(signal.SIGINT)
    release()
    out, err = process.communicate(timeout=SOON)
    return process.returncode, out, err


@either_host
def test_while_candles_are_read(desk: Desk, grid: str, options: tuple[str, ...]) -> None:
    (desk.folder / "sol.csv").unlink()
    os.mkfifo(desk.folder / "sol.csv")

    with running(desk, "start", grid, "--results", "results.json", *options) as process:
        feed = os.open(desk.folder / "sol.csv", os.O_WRONLY)  # returns when the command has opened it
        os.write(feed, HEADER.encode())
        code, out, err = interrupted(process, lambda: os.close(feed))

    assert (code, out, err) == (1, "", "interrupted; nothing was written\n")
    assert not (desk.folder / "results.json").exists()
    assert not (desk.folder / "data").exists()


def long_run(desk: Desk) -> str:
    """Configure a run of minutes: few candles, and thousands of orders met in each."""
    rows = [f"{1_700_000_000 + 60 * minute},100,200,100,150,1" for minute in range(20_000)]
    desk.candles(HEADER + "\n".join(rows) + "\n")
    return desk.configure(("grid_strategy.num_grids", 1_000), ("grid_strategy.range", {"bottom": 100, "top": 200}))


@either_host
def test_in_the_middle_of_a_run(desk: Desk, options: tuple[str, ...]) -> None:
    grid = long_run(desk)
    before = set(desk.files())
    terminal, stderr = pty.openpty()

    try:
        with running(desk, "start", grid, "--results", "results.json", *options, stderr=stderr) as process:
            os.close(stderr)
            said = b""
            while not re.search(rb"[1-9]\d*/20000", said):  # the progress bar has left its beginning
                said += os.read(terminal, 65536)
            code, out, _ = interrupted(process)
            said = read_all(terminal)
    finally:
        os.close(terminal)

    assert (code, out) == (1, "")
    assert said.decode().endswith("interrupted; nothing was written\r\n")
    assert b"Traceback" not in said
    assert set(desk.files()) == before


def read_all(file: int) -> bytes:
    """Read until nobody is there any more to write."""
    read = b""
    while True:
        try:
            part = os.read(file, 65536)
        except OSError:  # how a terminal says so on Linux
            part = b""
        if not part:
            return read
        read += part


def test_while_the_report_is_written_tells_what_is_there_already(desk: Desk, grid: str) -> None:
    os.mkfifo(desk.folder / "report.html")

    with running(desk, "start", grid, "--quiet", "--results", "results.json", "--report", "report.html") as process:
        report = os.open(desk.folder / "report.html", os.O_RDONLY)  # returns when the command has opened it
        code, out, err = interrupted(process, lambda: read_all(report))
        os.close(report)

    assert (code, out, err) == (1, "", "interrupted; results.json was written\n")
    assert len(desk.results("results.json")) == 1
