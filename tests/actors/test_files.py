"""Files written whole or not at all, and paths refused before a run is lost to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from actors.gateways.files import ensure_writable, is_special, write_whole
from engine.errors import BadInput

TEXT = "Größe\n"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- writing -----------------------------------------------------------------------------------------


def test_text_is_written_as_utf8_and_nothing_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", TEXT)

    assert (tmp_path / "a.txt").read_bytes() == TEXT.encode()
    assert names(tmp_path) == ["a.txt"]


def test_folders_are_made_on_the_way(tmp_path: Path) -> None:
    write_whole(tmp_path / "one" / "two" / "a.txt", TEXT)

    assert names(tmp_path / "one" / "two") == ["a.txt"]


def test_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("something longer than what follows")

    write_whole(path, TEXT)
    assert path.read_text(encoding="utf-8") == TEXT


def test_longest_name_that_a_file_can_have_is_no_trouble(tmp_path: Path) -> None:
    write_whole(tmp_path / ("a" * 255), TEXT)

    assert names(tmp_path) == ["a" * 255]


def test_file_is_as_readable_as_others_of_its_user(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_whole(tmp_path / "a.txt", TEXT)

    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_link_stays_a_link_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "far" / "a.txt")

    write_whole(tmp_path / "link", TEXT)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "far" / "a.txt").read_text(encoding="utf-8") == TEXT


def test_pipe_takes_the_text_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, TEXT)
        assert os.read(reader, 100) == TEXT.encode()
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_text_that_cannot_be_encoded_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "before"
    assert names(tmp_path) == ["a.txt"]


def test_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadInput, match=r"file/a\.txt: cannot be written: "):
        write_whole(tmp_path / "file" / "a.txt", TEXT)
    assert names(tmp_path) == ["file"]


# --- looking before ----------------------------------------------------------------------------------


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        ensure_writable(path, "--results")
    return str(caught.value)


def test_directory_is_refused_by_the_name_of_its_option(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"--results = {str(tmp_path)!r}: is a directory; allowed: a file"


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert f"{tmp_path / 'file'} is not a writable directory" in refusal(tmp_path / "file" / "deep" / "a.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert f"{tmp_path} is not a writable directory" in refusal(tmp_path / "deep" / "a.txt")


@pytest.mark.parametrize("name", ["a.txt", "one/two/a.txt", "there.txt"])
def test_path_that_can_be_written_passes_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.txt").touch()

    ensure_writable(tmp_path / name, "--results")
    assert names(tmp_path) == ["there.txt"]


def test_pipe_passes_whatever_folder_the_system_keeps_it_in() -> None:
    reader, writer = os.pipe()
    try:
        ensure_writable(Path(f"/dev/fd/{writer}"), "--results")
    finally:
        os.close(reader)
        os.close(writer)


def test_pipes_and_devices_are_special_and_files_are_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    paths = (tmp_path / "pipe", Path(os.devnull), tmp_path / "file", tmp_path, tmp_path / "absent")

    assert [is_special(path) for path in paths] == [True, True, False, False, False]
