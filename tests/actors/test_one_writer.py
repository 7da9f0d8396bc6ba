from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from actors.opening.one_writer import sole_writers
from engine.errors import BadInput
from tests.engine.configurations import load

SOL = load()
FINER = load(("grid_strategy.num_grids", 9))


def test_a_grid_that_runs_is_not_started_twice_and_its_process_is_named(tmp_path: Path) -> None:
    twice = pytest.raises(BadInput, match=f"runs already, in process {os.getpid()}")
    with sole_writers([SOL], tmp_path), twice, sole_writers([SOL], tmp_path):
        raise AssertionError


def test_other_grids_and_other_state_directories_are_free(tmp_path: Path) -> None:
    with sole_writers([SOL], tmp_path), sole_writers([FINER], tmp_path), sole_writers([SOL], tmp_path / "other"):
        assert len(list(tmp_path.rglob("*.lock"))) == 3


def test_the_lock_ends_with_its_holder_however_that_ended(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from actors.opening.one_writer import sole_writers;"
        "from tests.engine.configurations import load\n"
        "with sole_writers([load()], Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", program, tmp_path], timeout=30, check=False)  # noqa: S603 - itself
    assert killed.returncode == -9
    with sole_writers([SOL], tmp_path):
        (lock,) = tmp_path.rglob("*.lock")
        assert lock.read_text(encoding="utf-8") == f"{os.getpid()}\n"


def test_of_several_grids_all_locks_are_let_go_when_one_is_taken(tmp_path: Path) -> None:
    with sole_writers([FINER], tmp_path):
        with pytest.raises(BadInput, match="runs already"), sole_writers([SOL, FINER], tmp_path):
            raise AssertionError
        with sole_writers([SOL], tmp_path):
            pass


def test_a_state_directory_that_cannot_be_written_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(BadInput, match=r"--state-dir = .*allowed: a folder to write in"), sole_writers([SOL], file):
        raise AssertionError
