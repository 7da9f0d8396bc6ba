"""The console at a real terminal: keys go in, commands are carried out, and the terminal is left as it was."""

from __future__ import annotations

import json
import os
import pty
import queue
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import pytest
from attrs import define, field
from rich.text import Text

from actors.trading.line_editor import Key
from actors.trading.terminal import Terminal
from actors.trading.typed_line import ANSWER_LASTS, TypedLine
from tests.commands.api import SOON

WIDTH = 100


@define(eq=False)
class AtTerminal:
    """Hold a process at a terminal of its own, and what it says."""

    process: subprocess.Popen[str]
    keys: int
    terminal: int
    before: list[Any]
    said: queue.SimpleQueue[dict[str, Any] | None] = field(factory=queue.SimpleQueue)
    thread: threading.Thread = field(init=False)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def types(self, keys: str) -> None:
        os.write(self.keys, keys.encode())

    def hears(self, key: str) -> dict[str, Any]:
        """Wait until it says something of this kind."""
        while (told := self.said.get(timeout=SOON)) is not None:
            if key in told:
                return told
        raise AssertionError(f"it ended without a word of {key}")

    def shows(self, text: str) -> list[str]:
        """Wait until its picture has this text."""
        while True:
            lines: list[str] = self.hears("lines")["lines"]
            if any(text in line for line in lines):
                return lines

    @property
    def mode(self) -> list[Any]:
        return termios.tcgetattr(self.terminal)

    @property
    def is_by_key(self) -> bool:
        return not self.mode[3] & (termios.ICANON | termios.ECHO)

    def ends(self) -> int:
        """Wait for its end; the terminal is as before."""
        code = self.process.wait(SOON)
        assert self.mode == self.before
        return code


@contextmanager
def at_terminal(mode: str) -> Iterator[AtTerminal]:
    keys, terminal = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 a module of these tests
        [sys.executable, "-m", "tests.commands.console_child", mode],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal if mode == "printed" else None,
        text=True,
        start_new_session=True,
    )
    child = AtTerminal(process, keys, terminal, termios.tcgetattr(terminal))
    child.thread = threading.Thread(target=child.listen, name="listener")
    child.thread.start()
    try:
        yield child
    finally:
        for one in psutil.Process(process.pid).children() if process.poll() is None else []:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.kill()
        process.wait()
        child.thread.join(SOON)
        assert process.stdout is not None
        process.stdout.close()
        os.close(keys)
        with suppress(OSError):
            os.close(terminal)


# --- at a terminal -----------------------------------------------------------------------------------


def test_command_is_typed_completed_carried_out_and_answered() -> None:
    with at_terminal("plain") as child:
        assert child.shows("> ") == ["> ▏ help lists the commands"]
        assert child.is_by_key
        child.types("pau\tsol for 2h")
        child.shows("> pause sol for 2h▏")
        child.types("\r")

        assert child.hears("steered") == {
            "steered": "pause",
            "grids": ["SOL/USDT"],
            "seconds": 7200,
            "wait": 60.0,
        }
        assert child.shows("as asked")[-2:] == [" SOL/USDT  done  paused    as asked", "> ▏ help lists the commands"]
        child.types("status\r")
        assert child.hears("asked") == {"asked": "status", "grids": [], "limit": None}
        child.types("quit\ryes\r")
        assert child.ends() == 0


def test_answer_that_fails_is_told_and_the_console_goes_on() -> None:
    with at_terminal("plain") as child:
        child.types("health\r")
        assert child.shows("failed:")[0] == "failed: RuntimeError: no health"
        child.types("nonsense\r")
        assert child.shows("is no command")
        child.types("quit\ryes\r")
        assert child.ends() == 0


@pytest.mark.parametrize("mode", ["raise", "at-once"])
def test_terminal_is_as_before_however_the_process_ends(mode: str) -> None:
    with at_terminal(mode) as child:
        child.shows("> ")
        assert child.is_by_key
        child.types("quit\ryes\r")
        assert child.ends() == 1


def test_ctrl_c_is_still_a_signal() -> None:
    with at_terminal("plain") as child:
        child.hears("ready")  # it has begun to wait, and ends the listening when it is interrupted
        child.shows("> ")
        child.types("\x03")
        assert child.ends() != 0


def test_terminal_that_is_closed_ends_the_listening_alone() -> None:
    with at_terminal("lines") as child:
        child.hears("ready")
        child.types("\x04")
        assert child.hears("lines") == {"lines": []}
        assert child.process.poll() is None


def test_without_a_picture_lines_are_read_and_answers_printed() -> None:
    with at_terminal("lines") as child:
        child.hears("ready")
        child.types("status\n")
        assert child.hears("asked")["asked"] == "status"
        assert child.hears("printed")["printed"][0].startswith("gridactors 0.1.0, process 4711")
        child.types("quit\n")
        assert child.hears("printed") == {"printed": ["type yes to stop SOL/USDT and end; positions are kept:"]}
        assert child.mode == child.before
        child.types("yes\n")
        assert child.ends() == 0


def test_answers_are_printed_at_the_terminal_where_only_stdout_is_a_file() -> None:
    with at_terminal("printed") as child:
        child.hears("ready")
        child.types("help\n")
        seen = b""
        while b"Ctrl-C stops everything." not in seen:
            seen += os.read(child.keys, 1024)
        assert b"status   how each grid stands" in seen
        assert child.said.empty(), "something went to stdout"
        child.types("quit\nyes\n")
        assert child.ends() == 0


def test_process_in_the_background_leaves_the_terminal_alone_until_it_is_its_own() -> None:
    with at_terminal("shell") as child:
        pid = child.hears("ready")["ready"]
        child.types("typed for the shell\n")  # which hands the terminal over then
        assert child.shows("> ") == ["> ▏ help lists the commands"]
        assert psutil.Process(pid).status() != psutil.STATUS_STOPPED
        child.types("quit\ryes\r")
        assert child.hears("steered")["steered"] == "quit"
        assert child.ends() == 0


def test_terminal_that_is_another_processs_is_neither_read_nor_set() -> None:
    keys, handle = pty.openpty()
    before = termios.tcgetattr(handle)
    terminal = Terminal(handle, by_key=True)
    try:
        os.write(keys, b"status\n")
        assert terminal.look(0.0) == b""
        terminal.restore()
        assert termios.tcgetattr(handle) == before
        assert os.read(handle, 100) == b"status\n"
    finally:
        terminal.close()
        os.close(keys)
        os.close(handle)


def test_process_whose_terminal_is_taken_while_it_reads_is_not_stopped() -> None:
    with at_terminal("shell-of-snatched") as child:
        child.types("for the shell\n")
        told = child.hears("looked")

        assert told == {"looked": ""}
        assert child.mode == child.before


# --- what a picture shows of it ----------------------------------------------------------------------


@define
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> TypedLine:
    return TypedLine(("SOL/USDT",), clock, is_heard=True)


def shown(line: TypedLine, width: int = WIDTH, most: int = 12) -> list[str]:
    drawn = [one.plain for one in line.lines(width, most)]
    assert len(drawn) <= most
    assert all(len(one) <= width for one in drawn)
    return drawn


def test_answer_goes_after_a_while_or_at_escape(line: TypedLine, clock: Clock) -> None:
    line.answer([Text("first")])
    clock.now = ANSWER_LASTS - 1
    assert shown(line)[0] == "first"
    clock.now = ANSWER_LASTS
    assert len(shown(line)) == 1
    line.answer([Text("second")])
    line.press(Key.ESCAPE)
    assert len(shown(line)) == 1


def test_answer_that_is_under_way_stays_until_the_next(line: TypedLine, clock: Clock) -> None:
    line.answer([Text("pause …")], stays=True)
    clock.now = 10 * ANSWER_LASTS
    assert shown(line)[0] == "pause …"
    line.answer([Text("done")])
    assert shown(line)[0] == "done"


def test_long_answer_is_scrolled_by_pages_and_no_further(line: TypedLine) -> None:
    line.answer([Text(f"row {place}") for place in range(30)])
    assert shown(line) == [
        *(f"row {place}" for place in range(10)),
        "lines 1 to 10 of 30: Page Up, Page Down, Escape",
        "> ▏ help lists the commands",
    ]
    for _ in range(9):
        line.press(Key.PAGE_DOWN)
    assert shown(line)[0] == "row 20"
    for _ in range(9):
        line.press(Key.PAGE_UP)
    assert shown(line)[0] == "row 0"


@pytest.mark.parametrize("most", [0, 1, 2, 3, 40])
@pytest.mark.parametrize("width", [10, 40, 200])
def test_console_keeps_to_the_lines_and_columns_it_is_given(line: TypedLine, width: int, most: int) -> None:
    line.answer([Text("x" * 300)] * 20)
    for character in "pause " * 60:
        line.press(character)
    shown(line, width, most)


def test_question_takes_the_place_of_the_prompt_and_escape_takes_it_back(line: TypedLine) -> None:
    for key in (*"stop", Key.ENTER):
        assert line.press(key) is None
    assert shown(line) == ["type yes to stop SOL/USDT, whose position is kept: ▏"]
    line.press(Key.ESCAPE)
    assert shown(line) == ["> ▏ help lists the commands"]


def test_tab_shows_what_is_possible_where_it_is_not_certain(line: TypedLine) -> None:
    for key in ("s", "t", Key.TAB):
        line.press(key)
    assert shown(line) == ["status  stop", "> st▏"]


def test_nothing_is_shown_while_nobody_is_heard(line: TypedLine) -> None:
    line.is_heard = False
    assert shown(line) == []
