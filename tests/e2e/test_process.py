"""The command as a process of its own: its two names, its exit codes, its streams."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.desk import SOON, Desk

SCRIPT = Path(sys.executable).with_name("gridactors")


def test_module_runs_a_grid_and_writes_its_results(desk: Desk, grid: str) -> None:
    outcome = desk.run_process("start", grid, "--results", "results.json", "--no-report")

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Backtest")
    assert outcome.out.endswith("\nResults: results.json\n")
    assert "\x1b" not in outcome.out
    assert len(desk.results("results.json")) == 1


@pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed beside this Python")
@pytest.mark.parametrize("arguments", [("--help",), ("start", "grid.json", "--no-report"), ("start", "gone.toml")])
@pytest.mark.usefixtures("grid")
def test_script_and_module_are_the_same_command(desk: Desk, arguments: tuple[str, ...]) -> None:
    assert desk.run_process(*arguments, command=(str(SCRIPT),)) == desk.run_process(*arguments)


def test_bad_input_is_exit_code_2_without_a_traceback(desk: Desk) -> None:
    outcome = desk.run_process("start", "gone.toml")

    assert (outcome.code, outcome.out, outcome.err) == (2, "", "error: gone.toml: does not exist\n")


def test_threads_end_with_the_run_and_give_the_same_bytes(desk: Desk, grid: str) -> None:
    threaded = desk.run_process("start", grid, "--threads", "--json", "--no-report")
    stepped = desk.run_process("start", grid, "--json", "--no-report")

    assert (threaded.code, threaded.err) == (0, "")
    assert threaded == stepped
    assert json.loads(threaded.out)[0]["cycles"] > 5


def test_reader_that_has_seen_enough_is_no_trouble(desk: Desk, grid: str) -> None:
    with subprocess.Popen(  # noqa: S603 - the program itself
        [sys.executable, "-m", "actors", "check", grid],
        cwd=desk.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(SOON)


def test_version_is_told(desk: Desk) -> None:
    outcome = desk.run("--version")

    assert (outcome.code, outcome.err) == (0, "")
    assert re.fullmatch(r"gridactors, version \d+\.\d+\.\d+\n", outcome.out)


def test_help_names_the_commands_without_cutting_them_off(desk: Desk) -> None:
    outcome = desk.run("--help")

    assert outcome.code == 0
    commands = outcome.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in commands] == [
        *("balance", "check", "dashboard", "events", "fetch", "health", "journal", "levels", "notify-test", "orders"),
        *("pause", "ping", "quit", "restart", "resume", "sandbox", "start", "status", "stop", "trades"),
    ]
    assert all(line.endswith(".") and not line.endswith("...") for line in commands)
