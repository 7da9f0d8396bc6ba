"""Runs that outlive their terminal: started, told about, or refused with what went wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from actors.control.run_file import read_run
from actors.detaching import start_detached
from engine.errors import BadInput
from tests.commands.api import SOON, PlayedApi
from tests.engine.configurations import changed

START = (
    "import sys; from pathlib import Path; from actors.detaching import detach;"
    "detach([sys.executable, '-m', 'tests.commands.stand_in', *sys.argv[1:]], Path(sys.argv[1]), float(sys.argv[3]))"
)


def started(state_dir: Path, how: str, up_within: float = SOON) -> subprocess.CompletedProcess[str]:
    """Detach a stand-in from a process of its own, which ends."""
    command = [sys.executable, "-c", START, str(state_dir), how, str(up_within)]
    return subprocess.run(command, capture_output=True, text=True, timeout=3 * SOON, check=False)  # noqa: S603 ours


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    running = read_run(tmp_path)
    if running is not None:
        os.kill(running.pid, signal.SIGKILL)


def test_run_that_is_up_is_told_about_and_outlives_its_starter(state_dir: Path) -> None:
    result = started(state_dir, "up")
    running = read_run(state_dir)

    assert (result.returncode, result.stderr) == (0, "")
    assert running is not None
    at = f"--state-dir {state_dir}"
    assert result.stdout.splitlines() == [
        f"Process {running.pid} trades SOL/USDT, ETH/USDT, ETH/EUR; it outlives this terminal.",
        f"Look:   gridactors status {at}, or gridactors dashboard {at}",
        f"End:    gridactors quit {at}, or kill {running.pid}",
        f"Output: {state_dir / 'logs' / 'detached.log'}",
    ]
    process = psutil.Process(running.pid)
    assert os.getsid(running.pid) == running.pid
    assert process.terminal() is None
    process.terminate()
    process.wait(SOON)
    assert (state_dir / "logs" / "detached.log").read_text(encoding="utf-8") == "begun\n"


@pytest.mark.parametrize("code", [1, 2])
def test_run_that_fails_shows_its_errors_and_has_its_own_exit_code(state_dir: Path, code: int) -> None:
    (state_dir / "logs").mkdir()
    (state_dir / "logs" / "detached.log").write_text("of an earlier run\n", encoding="utf-8")
    result = started(state_dir, str(code))

    assert result.returncode == code
    assert (result.stdout, result.stderr) == ("", "begun\nerror: grid.toml: nothing is right\n")


def test_run_that_is_not_up_in_time_is_told_and_goes_on(state_dir: Path) -> None:
    result = started(state_dir, "up", 0.0)

    assert result.returncode == 1
    assert "is not up after 0 s, and goes on trying" in result.stderr
    pid = int(result.stderr.split("process ")[1].split()[0])
    psutil.Process(pid).kill()


def test_file_that_grows_large_is_put_aside_and_output_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "detached.log"
    code = (
        "import os, sys; from pathlib import Path; from actors.detached import BoundedOutput;"
        "out = BoundedOutput(Path(sys.argv[1]), 100);"
        "[out.write(b'%09d\\n' % n) for n in range(25)]; os.write(2, b'by its descriptor\\n')"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], timeout=SOON, check=True)  # noqa: S603 ours

    assert path.read_text(encoding="utf-8").splitlines() == [*(f"{n:09}" for n in range(20, 25)), "by its descriptor"]
    assert path.with_name("detached.log.1").read_text(encoding="utf-8").splitlines()[0] == f"{10:09}"
    assert path.stat().st_mode & 0o077 == 0


def test_full_disk_is_nothing_to_a_run(tmp_path: Path) -> None:
    code = (
        "import sys, io; from pathlib import Path; from actors.detached import BoundedOutput;"
        "out = io.TextIOWrapper(io.BufferedWriter(BoundedOutput(Path('/dev/full'))));"
        "print('lost', file=out, flush=True);"
        "sys.exit(7)"
    )
    ended = subprocess.run([sys.executable, "-c", code], timeout=SOON, check=False, cwd=tmp_path)  # noqa: S603 ours
    assert ended.returncode == 7


def test_command_line_is_run_with_its_output_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "detached.log"
    result = subprocess.run(
        [sys.executable, "-m", "actors.detached", "check", "missing.toml"],
        env=os.environ | {"GRIDACTORS_OUTPUT": str(path)},
        capture_output=True,
        timeout=SOON,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (2, b"", b"")
    assert path.read_text(encoding="utf-8").startswith("error: missing.toml: ")


@pytest.mark.parametrize(
    ("mode", "as_json", "told"),
    [
        ("backtest", False, 'exchange.trading_mode = "backtest" with --detach: a backtest ends by itself; allowed: '),
        ("paper_trading", True, "--json with --detach: nobody would see it; allowed: --results PATH"),
    ],
)
def test_what_makes_no_sense_detached_is_bad_input(tmp_path: Path, mode: str, as_json: bool, told: str) -> None:  # noqa: FBT001 a table's
    path = tmp_path / "grid.json"
    path.write_text(json.dumps(changed(("exchange.trading_mode", mode)), default=float), encoding="utf-8")
    with pytest.raises(BadInput, match=re.escape(told)):
        start_detached([path], tmp_path / "data", ["start", str(path), "--detach"], as_json=as_json)
    assert not (tmp_path / "data").exists()


def test_second_run_in_one_directory_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "grid.json"
    path.write_text(json.dumps(changed(("exchange.trading_mode", "paper_trading")), default=float), encoding="utf-8")
    with PlayedApi() as api:
        api.runs(tmp_path, pid=os.getppid())
        with pytest.raises(BadInput, match=f"process {os.getppid()} runs there already"):
            start_detached([path], tmp_path, ["start", str(path), "--detach"], as_json=False)
    (tmp_path / "run.json").unlink()
    assert not (tmp_path / "logs").exists()
