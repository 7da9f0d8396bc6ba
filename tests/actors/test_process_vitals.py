"""This process, as the system tells of it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import psutil
import pytest

from actors.gateways import process_vitals
from actors.gateways.process_vitals import ProcessVitals

MB = 10**6


def test_all_figures_of_this_process_are_told(tmp_path: Path) -> None:
    vitals = ProcessVitals(tmp_path).read()
    assert vitals.cpu_seconds is not None
    assert 0 < vitals.cpu_seconds <= sum(os.times()[:2]) + 1
    assert vitals.memory is not None
    assert 10 * MB < vitals.memory < psutil.virtual_memory().total
    assert vitals.machine_memory is not None
    assert 0 < vitals.machine_memory <= 100
    assert vitals.disk_total is not None
    assert vitals.disk_free is not None
    assert 0 <= vitals.disk_free <= vitals.disk_total
    assert vitals.state == 0
    assert vitals.threads is not None
    assert vitals.threads >= 1
    assert vitals.files_limit is not None
    assert vitals.files is not None
    assert 0 < vitals.files <= vitals.files_limit


def test_figures_follow_what_the_process_does(tmp_path: Path) -> None:
    vitals = ProcessVitals(tmp_path)
    before = vitals.read()
    assert before.threads is not None
    assert before.files is not None
    assert before.cpu_seconds is not None
    assert before.memory is not None
    until = before.cpu_seconds + 0.05
    while sum(os.times()[:2]) < until:
        pass
    over = threading.Event()
    threads = [threading.Thread(target=over.wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    with (tmp_path / "a").open("wb") as one, (tmp_path / "b").open("wb"):
        one.write(bytes(3_000))
        one.flush()
        memory = bytearray(os.urandom(1)) * (50 * MB)
        after = vitals.read()
    over.set()
    for thread in threads:
        thread.join()
    assert (after.threads, after.files) == (before.threads + 3, before.files + 2)
    assert after.cpu_seconds is not None
    assert after.cpu_seconds > before.cpu_seconds
    assert after.memory is not None
    assert after.memory - before.memory > len(memory) / 2
    assert after.state == 3_000


def test_files_of_folders_below_count(tmp_path: Path) -> None:
    (tmp_path / "logs" / "old").mkdir(parents=True)
    (tmp_path / "grid.db").write_bytes(bytes(100))
    (tmp_path / "logs" / "old" / "log").write_bytes(bytes(20))
    (tmp_path / "logs" / "loop").symlink_to(tmp_path)
    (tmp_path / "logs" / "loop").lstat()
    size = ProcessVitals(tmp_path).read().state
    assert size == 120 + (tmp_path / "logs" / "loop").lstat().st_size


def test_state_of_too_many_files_is_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_vitals, "_MOST_FILES", 2)
    for name in "abc":
        (tmp_path / name).touch()
    assert ProcessVitals(tmp_path).read().state is None


def test_disk_of_a_state_that_is_not_there_yet_is_that_above_it(tmp_path: Path) -> None:
    vitals = ProcessVitals(tmp_path / "not" / "there").read()
    assert vitals.state is None
    assert vitals.disk_total == ProcessVitals(tmp_path).read().disk_total


def test_what_the_system_does_not_tell_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vitals = ProcessVitals(tmp_path)

    def refuse(*_: object) -> object:
        raise psutil.AccessDenied

    monkeypatch.setattr(vitals._process, "num_fds", refuse)
    monkeypatch.setattr(vitals, "_machine", refuse)
    told = vitals.read()
    assert (told.files, told.machine_memory) == (None, None)
    assert told.threads is not None
