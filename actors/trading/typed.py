"""Commands at the console of a foreground `start`: a line that is typed, carried out while trading goes on."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from attrs import define, field
from rich.text import Text

from actors.commands.answering import Answers
from actors.commands.carrying_out import answer_to, drawn, undone
from actors.commands.printing import Print
from actors.commands.wanted import Wanted
from actors.control.questions import AskedInVain
from actors.trading.dialogue import Said
from actors.trading.key_codes import KeyReader
from actors.trading.terminal import Terminal
from actors.trading.typed_line import TypedLine
from engine.errors import BadInput, RunFailed

log = logging.getLogger(__name__)

WAITS = 60.0  # seconds for a command to be done
_LOOKS_EVERY = 0.5  # seconds; whether the terminal is ours may change without a word
_ESCAPE_WITHIN = 0.05  # seconds in which the rest of a key's bytes follow its first one
_MOST_AT_ONCE = 4  # commands under way
_ENDS_WITHIN = 1.0  # seconds


@contextmanager
def typed_commands(
    answers: Answers, grids: Sequence[str], changed: Callable[[], None], print_lines: Print | None = None
) -> Iterator[TypedLine | None]:
    """Listen at the terminal on stdin as long as the context lasts; None where there is none.

    Give the line for a picture to draw at its foot, `changed` tells when to draw it anew, from any thread. With
    `print_lines` there is no such picture: the terminal shows itself what is typed, and answers are printed.
    """
    if not _is_terminal():
        yield None
        return
    terminal = Terminal(sys.stdin.fileno(), by_key=print_lines is None)
    line = TypedLine(grids, monotonic)
    console = _Console(terminal, line, answers, changed, print_lines)
    thread = threading.Thread(target=console.listen, name="console", daemon=True)
    line.restore = terminal.restore
    atexit.register(terminal.restore)
    try:
        thread.start()
        yield line
    finally:
        terminal.wake()
        thread.join(_ENDS_WITHIN)
        terminal.restore()
        if not thread.is_alive():
            terminal.close()
        atexit.unregister(terminal.restore)


@define(eq=False)
class _Console:
    """Read from the terminal in one thread, and carry out in others."""

    terminal: Terminal
    line: TypedLine
    answers: Answers
    changed: Callable[[], None]
    print_lines: Print | None
    _places: threading.Semaphore = field(factory=lambda: threading.Semaphore(_MOST_AT_ONCE))

    def listen(self) -> None:
        """Listen until it is woken, or the terminal is gone; a fault here ends the listening and nothing else."""
        try:
            self._read_lines() if self.print_lines else self._read_keys()
        except Exception:
            log.exception("nobody listens at the console any more; trading goes on")
        finally:
            self.line.is_heard = False
            self.terminal.restore()
            self.changed()

    def _read_keys(self) -> None:
        reader = KeyReader()
        while (piece := self.terminal.look(_ESCAPE_WITHIN if reader.is_waiting else _LOOKS_EVERY)) is not None:
            was_heard, self.line.is_heard = self.line.is_heard, self.terminal.is_ours
            keys = reader.feed(piece) if piece else reader.flush()
            for key in keys:
                self._do(self.line.press(key))
            if keys or self.line.is_heard != was_heard:
                self.changed()

    def _read_lines(self) -> None:
        left = b""
        while (piece := self.terminal.look(_LOOKS_EVERY)) is not None:
            *whole, left = (left + piece).split(b"\n")
            for line in whole:
                self._do(self.line.enter(line.decode("utf-8", "replace")))
                if (question := self.line.question) is not None:
                    self._tell([Text(f"{question}:")])

    def _do(self, what: Wanted | Said | None) -> None:
        if isinstance(what, Said):
            self._tell([Text(line, "red" if what.is_error else "") for line in what.lines])
        elif what is not None and not self._places.acquire(blocking=False):
            self._tell([Text("busy with earlier commands", "yellow")])
        elif what is not None:
            self._tell([Text(f"{what} …", "dim")], is_under_way=True)
            threading.Thread(target=self._carry_out, args=(what,), name=f"console: {what}", daemon=True).start()

    def _carry_out(self, wanted: Wanted) -> None:
        try:
            answer = answer_to(wanted, self.answers, WAITS)
            lines = drawn(wanted, answer)
            if (left := undone(wanted, answer)) is not None:
                lines.append(Text(left, "yellow"))
        except BadInput as error:
            lines = [Text(problem, "red") for problem in error.problems]
        except (RunFailed, AskedInVain) as error:
            lines = [Text(f"failed: {error}", "red")]
        except Exception as error:
            log.exception("%s at the console", wanted)
            lines = [Text(f"failed: {type(error).__name__}: {error}", "red")]
        finally:
            self._places.release()
        self._tell(lines)

    def _tell(self, lines: Sequence[Text], *, is_under_way: bool = False) -> None:
        if self.print_lines is None:
            self.line.answer(lines, stays=is_under_way)
            self.changed()
        elif not is_under_way:
            self.print_lines(lines)


def _is_terminal() -> bool:
    try:
        return sys.stdin.isatty()
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False
