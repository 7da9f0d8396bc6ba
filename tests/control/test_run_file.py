from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from actors.control.private_files import narrow, write_private
from actors.control.run_file import Running, read_run, remove_run, write_run
from engine.errors import BadInput

SECRET = "the-token-that-nobody-may-see"  # noqa: S105 it opens nothing
RUNNING = Running(
    pid=os.getpid(), url="http://127.0.0.1:1", token=SECRET, version="1", grids=("SOL/USDT",), started_at=5
)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def gone() -> int:
    """Give the id of a process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_what_is_written_is_read_again_by_its_owner_alone(tmp_path: Path) -> None:
    write_run(tmp_path / "new", RUNNING)
    assert read_run(tmp_path / "new") == RUNNING
    assert stat.S_IMODE((tmp_path / "new" / "run.json").stat().st_mode) == 0o600
    assert names_in(tmp_path / "new") == ["run.json"]


def test_the_file_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    write_run(tmp_path, evolve(RUNNING, certificate="/c.pem"))
    assert json.loads((tmp_path / "run.json").read_text()) == {
        "pid": os.getpid(),
        "url": "http://127.0.0.1:1",
        "token": SECRET,
        "version": "1",
        "grids": ["SOL/USDT"],
        "started_at": 5,
        "certificate": "/c.pem",
    }


def test_a_file_that_others_could_read_is_replaced_by_one_that_they_cannot(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text("{}")
    path.chmod(0o644)
    write_run(tmp_path, RUNNING)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_there_is_no_running_process(tmp_path: Path) -> None:
    assert read_run(tmp_path) is None
    assert read_run(tmp_path / "nowhere") is None


def test_a_process_that_is_gone_is_none_that_runs(tmp_path: Path) -> None:
    write_run(tmp_path, evolve(RUNNING, pid=gone()))
    assert read_run(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"pid": "x"}', "\0" * 9, '{"pid": ' + "9" * 30 + "}"])
def test_what_nobody_wrote_is_refused_by_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(BadInput, match=r"run\.json"):
        read_run(tmp_path)


@pytest.mark.parametrize("pid", [0, -1, 10**30])
def test_an_impossible_process_does_not_run(tmp_path: Path, pid: int) -> None:
    write_run(tmp_path, evolve(RUNNING, pid=pid))
    assert read_run(tmp_path) is None


def test_a_link_that_somebody_left_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_run(other, RUNNING)
    (tmp_path / "run.json").symlink_to(other / "run.json")
    with pytest.raises(BadInput, match="cannot be read"):
        read_run(tmp_path)


def test_a_process_takes_back_its_own_file_alone(tmp_path: Path) -> None:
    write_run(tmp_path, RUNNING)
    remove_run(tmp_path, os.getpid() + 1)
    assert read_run(tmp_path) == RUNNING
    remove_run(tmp_path, os.getpid())
    assert names_in(tmp_path) == []
    remove_run(tmp_path, os.getpid())


def test_the_token_is_in_no_picture_of_it() -> None:
    assert SECRET not in f"{RUNNING!r} {RUNNING}"


def test_nothing_is_left_behind_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(BadInput, match=r"run\.json: cannot be written"):
        write_run(tmp_path, RUNNING)
    assert names_in(tmp_path) == ["run.json"]


def test_a_file_is_narrowed_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, "x")
    assert not narrow(path)
    path.chmod(0o640)
    assert narrow(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
