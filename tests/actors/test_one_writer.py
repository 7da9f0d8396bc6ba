"""Who may run a grid, told apart by real processes."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.opening.one_writer import Holder, holder, sole_writers
from engine.errors import BadInput
from tests.engine.configurations import load

SOL = load()
FINER = load(("grid_strategy.num_grids", 9))
SOON = 30.0  # seconds
HOLD = """
import subprocess, sys
from pathlib import Path
from actors.opening.one_writer import sole_writers
from tests.engine.configurations import load
with sole_writers([load()], Path(sys.argv[1])):
    if "child" in sys.argv:
        subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], close_fds=False)
    print("holds", flush=True)
    sys.stdin.readline()
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start processes that run the grid until they are told something, or killed."""
    processes: list[subprocess.Popen[str]] = []

    def run(*more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - itself
            [sys.executable, "-c", HOLD, str(tmp_path), *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()  # with its end, its child's input ends too


def lock_of(folder: Path) -> Path:
    (lock,) = folder.rglob("*.lock")
    return lock


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as refused, sole_writers([SOL], folder):
        raise AssertionError
    return str(refused.value)


# --- held --------------------------------------------------------------------------------------------


def test_a_grid_that_runs_in_another_process_is_refused_and_that_process_named(start: Start, tmp_path: Path) -> None:
    process = start()
    told = re.escape("config/x.toml: this grid runs already, in process ") + str(process.pid)
    assert re.fullmatch(
        told + r" since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; allowed: one process for each grid", refusal(tmp_path)
    )


def test_the_same_process_does_not_run_a_grid_twice_either(tmp_path: Path) -> None:
    with sole_writers([SOL], tmp_path):
        assert f"in process {os.getpid()} since" in refusal(tmp_path)
        assert f"in process {os.getpid()} since" in refusal(tmp_path)


@pytest.mark.parametrize(
    "words",
    ["", "123\n", "{", "[]", '{"pid": 1}', '{"pid": "x", "since": 0}', '{"pid": 1, "since": 1e999}', "\x00\xff" * 9],
)
def test_a_holder_that_has_written_nothing_to_be_understood_is_another_process(tmp_path: Path, words: str) -> None:
    with sole_writers([SOL], tmp_path):
        lock_of(tmp_path).write_bytes(words.encode("latin-1"))
        assert "this grid runs already, in another process; allowed" in refusal(tmp_path)
        assert holder(SOL, tmp_path) == Holder()


def test_other_grids_and_other_state_directories_are_free(tmp_path: Path) -> None:
    with sole_writers([SOL], tmp_path), sole_writers([FINER], tmp_path), sole_writers([SOL], tmp_path / "other"):
        assert len(list(tmp_path.rglob("*.lock"))) == 3


def test_of_several_grids_all_locks_are_let_go_when_one_is_taken(tmp_path: Path) -> None:
    with sole_writers([FINER], tmp_path):
        with pytest.raises(BadInput, match="runs already"), sole_writers([SOL, FINER], tmp_path):
            raise AssertionError
        with sole_writers([SOL], tmp_path):
            pass


# --- let go ------------------------------------------------------------------------------------------


def test_after_an_orderly_end_the_grid_is_free_and_nobody_is_said_to_have_been_killed(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    process = start()
    process.communicate("\n", SOON)
    assert (process.returncode, lock_of(tmp_path).read_text()) == (0, "")
    with sole_writers([SOL], tmp_path):
        assert json.loads(lock_of(tmp_path).read_text())["pid"] == os.getpid()
    assert lock_of(tmp_path).read_text() == ""
    assert caplog.messages == []


def test_a_failure_lets_go_in_order_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), sole_writers([SOL], tmp_path):
        raise ZeroDivisionError
    assert lock_of(tmp_path).read_text() == ""


@pytest.mark.parametrize("more", [(), ("child",)], ids=["alone", "outlived by a child"])
def test_a_process_that_is_killed_is_taken_over_from(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture, more: tuple[str, ...]
) -> None:
    caplog.set_level(logging.INFO)
    process = start(*more)
    process.kill()
    process.wait(SOON)
    assert holder(SOL, tmp_path) is None
    with sole_writers([SOL], tmp_path):
        assert json.loads(lock_of(tmp_path).read_text())["pid"] == os.getpid()
    told = f"config/x.toml: took over from process {process.pid}, which ended without letting go"
    assert [(record.levelname, record.message) for record in caplog.records] == [("INFO", told)]


def test_words_that_mean_nothing_are_no_obstacle(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with sole_writers([SOL], tmp_path):
        pass
    lock_of(tmp_path).write_bytes(b"\xff\x00 garbage")
    with sole_writers([SOL], tmp_path):
        assert json.loads(lock_of(tmp_path).read_text())["pid"] == os.getpid()
    assert caplog.messages == ["config/x.toml: took over from another process, which ended without letting go"]


# --- looking on --------------------------------------------------------------------------------------


def test_who_runs_a_grid_can_be_told_by_anybody(start: Start, tmp_path: Path) -> None:
    before = time.time_ns() // 1_000_000_000 * 1_000
    assert holder(SOL, tmp_path) is None
    process = start()
    found = holder(SOL, tmp_path)
    assert found is not None
    assert found.pid == process.pid
    assert found.since is not None
    assert before <= found.since <= time.time_ns() // 1_000_000
    assert holder(FINER, tmp_path) is None
    process.communicate("\n", SOON)
    assert holder(SOL, tmp_path) is None


def test_looking_leaves_no_trace(tmp_path: Path) -> None:
    assert holder(SOL, tmp_path / "nowhere") is None
    assert list(tmp_path.iterdir()) == []


def test_looking_all_the_time_keeps_nobody_from_starting(tmp_path: Path) -> None:
    look = (
        "import sys; from pathlib import Path; from actors.opening.one_writer import holder;"
        "from tests.engine.configurations import load\nsol = load(); print('looks', flush=True)\n"
        "while True: holder(sol, Path(sys.argv[1]))"
    )
    with sole_writers([SOL], tmp_path):
        pass
    with subprocess.Popen([sys.executable, "-c", look, str(tmp_path)], stdout=subprocess.PIPE) as onlooker:  # noqa: S603 - itself
        try:
            assert onlooker.stdout is not None
            assert onlooker.stdout.readline() == b"looks\n"
            for _ in range(300):
                with sole_writers([SOL], tmp_path):
                    pass
        finally:
            onlooker.kill()


# --- what cannot be --------------------------------------------------------------------------------


def test_a_state_directory_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(BadInput, match=r"--state-dir = .*allowed: a folder to write in"), sole_writers([SOL], file):
        raise AssertionError


def test_a_lock_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    with sole_writers([SOL], tmp_path):
        lock = lock_of(tmp_path)
    lock.unlink()
    lock.symlink_to("/dev/full")
    assert re.search(rf"--state-dir = .*{lock.name} cannot be written: .*; allowed: a folder", refusal(tmp_path))
