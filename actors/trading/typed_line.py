"""What a picture shows of its console: the line being typed, and the last answer above it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from attrs import define, field
from rich.text import Text

from actors.commands.wanted import Wanted
from actors.trading.completing import choices, completed
from actors.trading.dialogue import Dialogue, Said
from actors.trading.line_editor import Key, LineEditor

ANSWER_LASTS = 30.0  # seconds
MOST_LINES = 12
_CURSOR = "▏"
_PROMPT = "> "


def _nothing() -> None:
    pass


@define(eq=False)
class TypedLine:
    """Hold what is typed and answered, for one thread that types, one that draws and any that answer.

    `is_heard` while the keys of the terminal are for this process; `clock` counts seconds. `restore` leaves the
    terminal as it was, for whoever ends the process without an end of Python's.
    """

    grids: Sequence[str]
    clock: Callable[[], float]
    is_heard: bool = False
    restore: Callable[[], None] = _nothing
    _editor: LineEditor = field(init=False)
    _dialogue: Dialogue = field(init=False)
    _answer: Sequence[Text] = ()
    _until: float | None = None  # when the answer goes, None for one that stays
    _first: int = 0  # line of the answer that is shown
    _page: int = MOST_LINES - 2
    _lock: threading.Lock = field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self._editor = LineEditor(lambda line: completed(line, self.grids))
        self._dialogue = Dialogue(self.grids)

    @property
    def question(self) -> str | None:
        """Say what a yes is waited for."""
        return self._dialogue.question

    def press(self, key: Key | str) -> Wanted | Said | None:
        """Take a key; give what is to be done or said, if that was the last one of a line."""
        with self._lock:
            if key is Key.ESCAPE:
                self._answer = ()
                self._dialogue.drop()
            if key in {Key.PAGE_UP, Key.PAGE_DOWN}:
                self._scroll(self._page if key is Key.PAGE_DOWN else -self._page)
                return None
            if key is Key.TAB:
                self._offer()
            line = self._editor.press(key)
            return None if line is None else self._enter(line)

    def enter(self, line: str) -> Wanted | Said | None:
        """Take a whole line."""
        with self._lock:
            return self._enter(line)

    def answer(self, lines: Sequence[Text], *, stays: bool = False) -> None:
        """Show an answer for a while, or until the next one."""
        with self._lock:
            self._show(lines, stays=stays)

    def lines(self, width: int, most: int = MOST_LINES) -> list[Text]:
        """Draw the last answer and the line being typed, in at most so many lines; none while nobody is heard."""
        with self._lock:
            if not self.is_heard or most < 1:
                return []
            if self._until is not None and self.clock() >= self._until:
                self._answer, self._until = (), None
            return [_cut(line, width) for line in (*self._shown(most - 1), self._prompt(width))]

    def _enter(self, line: str) -> Wanted | Said | None:
        self._answer = ()
        return self._dialogue.entered(line)

    def _offer(self) -> None:
        """Show what the word before the cursor may become, if that is not certain."""
        before = self._editor.text[: self._editor.cursor]
        found = choices(before, self.grids)
        if len(found) > 1 and completed(before, self.grids) == before:
            self._show([Text("  ".join(found), "dim")])

    def _show(self, lines: Sequence[Text], *, stays: bool = False) -> None:
        self._answer, self._first = lines, 0
        self._until = None if stays else self.clock() + ANSWER_LASTS

    def _scroll(self, lines: int) -> None:
        self._first = max(0, min(self._first + lines, len(self._answer) - self._page))
        if self._until is not None:
            self._until = self.clock() + ANSWER_LASTS

    def _shown(self, room: int) -> list[Text]:
        if len(self._answer) <= room:
            self._page, self._first = max(room, 1), 0
            return list(self._answer)
        self._page = max(room - 1, 1)
        if room < 1:
            return []
        shown = list(self._answer[self._first : self._first + self._page])
        last = self._first + len(shown)
        more = Text(f"lines {self._first + 1} to {last} of {len(self._answer)}: Page Up, Page Down, Escape", "dim")
        return [*shown, more][-room:]

    def _prompt(self, width: int) -> Text:
        question = self._dialogue.question
        prompt = Text(_PROMPT, "bold") if question is None else Text(f"{question}: ", "bold yellow")
        text, cursor = self._editor.text, self._editor.cursor
        if not text and question is None:
            return prompt.append(_CURSOR).append(" help lists the commands", "dim")
        room = max(width - prompt.cell_len - 1, 8)
        first = max(0, cursor - room + 1)
        before, after = text[first:cursor], text[cursor : first + room]
        return prompt.append(before).append(_CURSOR).append(after)


def _cut(line: Text, width: int) -> Text:
    line = line.copy()
    line.truncate(width, overflow="ellipsis")
    line.no_wrap = True
    return line
