"""Where the log goes, and that it stays small, whole and out of everybody's way."""

from __future__ import annotations

import logging
import os
import pty
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors import logs
from actors.log_lines import file_handler
from actors.log_lines.bounded_file import BoundedFile
from engine.errors import BadInput
from tests.actors.log_files import files_in, own_log, records_in

log = logging.getLogger("actors.x")


@pytest.fixture(autouse=True)
def log_of_its_own() -> Iterator[None]:
    with own_log():
        yield


def test_log_goes_to_stderr_from_its_level_on(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.WARNING, None)

    log.info("unheard")
    log.warning("heard")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.endswith(" WARNING actors.x: heard\n")
    assert "unheard" not in printed.err


def test_log_goes_to_the_file_too_and_its_folders_are_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "data" / "logs" / "x.jsonl"
    logs.set_up(logging.DEBUG, file)

    log.info("größer")
    (record,) = records_in(file)
    assert (record["severity"], record["logger"], record["message"]) == ("INFO", "actors.x", "größer")
    assert capsys.readouterr().err.endswith(" INFO actors.x: größer\n")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("level", "quiet", "heard"),
    [
        (logging.DEBUG, False, ["debug", "info", "warning", "error"]),
        (logging.DEBUG, True, ["warning", "error"]),
        (logging.INFO, False, ["warning", "error"]),
        (logging.ERROR, False, ["error"]),
    ],
)
def test_terminal_hears_warnings_and_everything_only_when_debugging(
    *, level: int, quiet: bool, heard: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(level, None, quiet=quiet)

    for word in ("debug", "info", "warning", "error"):
        getattr(log, word)(word)
    assert [line.rsplit(" ")[-1] for line in capsys.readouterr().err.splitlines()] == heard


def test_record_that_no_handler_wants_is_not_made() -> None:
    logs.set_up(logging.INFO, None)
    assert not log.isEnabledFor(logging.INFO)


def test_setting_up_again_replaces_what_was_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.INFO, None)
    logs.set_up(logging.INFO, None)

    log.warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_file_that_cannot_be_opened_is_refused_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(BadInput, match=r"^logging.log_to_file = true: .*data/x.log cannot be written: .*; allowed: "):
        logs.set_up(logging.INFO, tmp_path / "data" / "x.log")


def test_library_is_not_heard_on_connections_that_a_signal_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.DEBUG, None)

    logging.getLogger("urllib3.connectionpool").warning("Connection pool is full, discarding connection")
    assert capsys.readouterr().err == ""


# --- the file ----------------------------------------------------------------------------------------


def test_file_is_appended_to_and_its_thread_ends(tmp_path: Path) -> None:
    for word in ("one", "two"):
        logs.set_up(logging.INFO, tmp_path / "x.jsonl")
        log.info("%s", word)

    assert [record["message"] for record in records_in(tmp_path / "x.jsonl")] == ["one", "two"]
    logs.close()
    assert "log" not in {thread.name for thread in threading.enumerate()}


def test_half_a_line_that_a_crash_left_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"time":"2026-')
    logs.set_up(logging.INFO, file)

    log.info("whole")
    logs.flush()
    torn, whole = file.read_text().splitlines()
    assert torn == '{"time":"2026-'
    assert whole.endswith('"message":"whole"}')


def test_threads_that_log_at_once_leave_whole_lines_in_files_that_cannot_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_FILE_BYTES", 20_000)
    logs.set_up(logging.INFO, tmp_path / "x.jsonl")
    together = threading.Barrier(8)

    def hammer(number: int) -> None:
        together.wait(10)
        for turn in range(200):
            log.info("%d.%d %s", number, turn, "ü" * 40)

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    logs.flush()
    files = files_in(tmp_path)
    newest_last = [*sorted(files[1:], reverse=True), files[0]]
    said = [record["message"].split()[0] for record in records_in(*newest_last)]
    assert [file.name for file in files] == ["x.jsonl", *(f"x.jsonl.{number}" for number in range(1, 6))]
    assert max(file.stat().st_size for file in files) <= 20_000
    for number in range(8):  # what is there is the end, in its order, and nothing is missing in between
        turns = [int(turn) for thread, turn in (word.split(".") for word in said) if int(thread) == number]
        assert turns == list(range(200 - len(turns), 200))
    assert logs.lost() == 0


def test_second_process_has_a_file_of_its_own_and_a_third_takes_over_who_ended(tmp_path: Path) -> None:
    wanted = tmp_path / "x.jsonl"
    first = file_handler.FileHandler(wanted, 1_000, 2)
    second = file_handler.FileHandler(wanted, 1_000, 2)
    names = [first.path.name, second.path.name]
    first.close()
    third = file_handler.FileHandler(wanted, 1_000, 2)
    names.append(third.path.name)
    second.close()
    third.close()

    assert names == ["x.jsonl", "x-2.jsonl", "x.jsonl"]


def test_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "x.jsonl"
    logs.set_up(logging.INFO, file)
    log.info("before")
    logs.flush()
    (tmp_path / "logs").rename(tmp_path / "moved")
    log.info("after")

    assert [record["message"] for record in records_in(file)] == ["after"]
    assert [record["message"] for record in records_in(tmp_path / "moved" / "x.jsonl")] == ["before"]


def test_full_disk_costs_records_and_one_note_and_fails_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.jsonl"
    file.symlink_to("/dev/full")
    logs.set_up(logging.INFO, file)
    for number in range(1000):
        log.info("%d", number)
        if number % 100 == 0:
            logs.flush()
    logs.flush()
    assert logs.lost() == 1000
    assert capsys.readouterr().err == (
        f"the log cannot be written to {file}: No space left on device; all else goes on without it\n"
    )

    file.unlink()  # there is room again
    log.info("well again")
    gap, well = records_in(file)
    assert gap["message"].startswith("1000 records before this one were lost")
    assert well["message"] == "well again"
    assert logs.lost() == 1000


def test_half_a_line_that_a_full_disk_took_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = BoundedFile(tmp_path / "x", 1_000, 1)
    file.write([b"one\n"])
    write, is_full = os.write, True

    def fill_up(number: int, content: bytes) -> int:
        if not is_full:
            return write(number, content)
        if len(content) < len(b"two\n"):
            raise OSError(28, "No space left on device")
        return write(number, content[:2])

    monkeypatch.setattr(os, "write", fill_up)
    with pytest.raises(OSError, match="No space"):
        file.write([b"two\n"])
    is_full = False
    file.write([b"three\n"])
    file.close()

    assert (tmp_path / "x").read_bytes() == b"one\nthree\n"
    assert file.written == 2


def test_file_that_cannot_be_put_aside_does_not_grow(tmp_path: Path) -> None:
    (tmp_path / "x.1" / "in the way").mkdir(parents=True)
    file = BoundedFile(tmp_path / "x", 10, 1)
    file.write([b"123456789\n"])
    with pytest.raises(OSError, match="x"):
        file.write([b"more\n"])
    file.close()

    assert (tmp_path / "x").read_bytes() == b"123456789\n"


def test_more_than_a_slow_disk_takes_is_counted_and_waits_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_handler, "_MOST_WAITING", 50)
    goes_on, is_writing = threading.Event(), threading.Event()
    write = BoundedFile.write

    def hang(self: BoundedFile, lines: list[bytes]) -> None:
        is_writing.set()
        assert goes_on.wait(10)
        write(self, lines)

    monkeypatch.setattr(BoundedFile, "write", hang)
    logs.set_up(logging.INFO, tmp_path / "x.jsonl")
    log.info("first")
    assert is_writing.wait(10)
    for number in range(200):
        log.info("%d", number)
    assert logs.lost() == 150
    goes_on.set()
    said = [record["message"] for record in records_in(tmp_path / "x.jsonl")]
    assert said[0] == "first"
    assert said[1].startswith("150 records before this one were lost")
    assert said[2:] == [str(number) for number in range(50)]


# --- whoever logs --------------------------------------------------------------------------------------


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("message", "argument", "shown"),
    [("%d", "three", "'%d' ('three',)"), ("%s", Unspeakable(), "a message that cannot be shown (RuntimeError)")],
)
def test_call_that_does_not_fit_is_told_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], message: str, argument: object, shown: str
) -> None:
    logs.set_up(logging.INFO, tmp_path / "x.jsonl")
    log.warning(message, argument)

    assert [record["message"] for record in records_in(tmp_path / "x.jsonl")] == [shown]
    assert capsys.readouterr().err.endswith(f"actors.x: {shown}\n")


def test_terminal_that_is_gone_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    gone = os.fdopen(writer, "w", buffering=1)
    monkeypatch.setattr(sys, "stderr", gone)
    logs.set_up(logging.INFO, None)
    (terminal,) = logging.getLogger().handlers

    log.warning("to nobody")
    with pytest.raises(BrokenPipeError):  # it was tried
        gone.close()
    log.warning("to nobody at all")
    logging.getLogger().removeHandler(terminal)


def test_terminal_that_is_held_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as held, os.fdopen(ours, "rb", buffering=0) as seen:
        monkeypatch.setattr(sys, "stderr", held)
        logs.set_up(logging.INFO, None)
        termios.tcflow(theirs, termios.TCOOFF)  # as by Ctrl-S
        for _ in range(3):
            log.warning("unseen")
        termios.tcflow(theirs, termios.TCOON)
        log.warning("seen")
        text = seen.read(10_000).decode()
        logging.getLogger().handlers.clear()

    assert "unseen" not in text
    assert text.endswith(" WARNING actors.x: seen\r\n(3 records before this one could not be shown)\r\n")
