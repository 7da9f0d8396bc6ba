"""A line that somebody types, key by key."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from attrs import define, field

_MOST_TYPED = 200  # characters
_MOST_REMEMBERED = 100  # lines


class Key(Enum):
    """A key that is no character."""

    ENTER = auto()
    BACKSPACE = auto()
    DELETE = auto()
    LEFT = auto()
    RIGHT = auto()
    HOME = auto()
    END = auto()
    UP = auto()
    DOWN = auto()
    PAGE_UP = auto()
    PAGE_DOWN = auto()
    TAB = auto()
    ESCAPE = auto()
    KILL_LINE = auto()
    KILL_WORD = auto()


Complete = Callable[[str], str]  # gives what is typed so far with as much added as is certain


@define
class LineEditor:
    """Take keys, give the line at Enter; `text` is what is typed, `cursor` the place in it, both pure state."""

    complete: Complete = str
    text: str = ""
    cursor: int = 0
    _lines: list[str] = field(factory=list)
    _place: int = 0  # in the lines; behind them all is the one being typed
    _kept: str = ""  # the one being typed, while older ones are looked at

    def press(self, key: Key | str) -> str | None:
        """Take a key, or a character; give the whole line at Enter, None before."""
        if isinstance(key, str):
            self._insert(key)
            return None
        if key is Key.ENTER:
            return self._entered()
        self._edit(key)
        return None

    def clear(self) -> None:
        """Forget what is typed."""
        self._set("")
        self._place = len(self._lines)

    def _insert(self, character: str) -> None:
        if len(self.text) < _MOST_TYPED and character.isprintable():
            self.text = self.text[: self.cursor] + character + self.text[self.cursor :]
            self.cursor += len(character)

    def _edit(self, key: Key) -> None:
        before, after = self.text[: self.cursor], self.text[self.cursor :]
        match key:
            case Key.BACKSPACE:
                self._set(before[:-1], after)
            case Key.DELETE:
                self._set(before, after[1:])
            case Key.KILL_LINE:
                self._set("", after)
            case Key.KILL_WORD:
                self._set(before.rstrip().rpartition(" ")[0] + " " if " " in before.rstrip() else "", after)
            case Key.ESCAPE:
                self.clear()
            case Key.TAB:
                self._set(self.complete(before), after)
            case Key.LEFT | Key.RIGHT | Key.HOME | Key.END:
                self._move(key)
            case Key.UP | Key.DOWN:
                self._recall(self._place + (1 if key is Key.DOWN else -1))
            case _:
                pass

    def _move(self, key: Key) -> None:
        places = {
            Key.LEFT: max(self.cursor - 1, 0),
            Key.RIGHT: min(self.cursor + 1, len(self.text)),
            Key.HOME: 0,
            Key.END: len(self.text),
        }
        self.cursor = places[key]

    def _recall(self, place: int) -> None:
        """Show an older line, or the one that was being typed."""
        if not 0 <= place <= len(self._lines):
            return
        if self._place == len(self._lines):
            self._kept = self.text
        self._place = place
        self._set(self._kept if place == len(self._lines) else self._lines[place])

    def _entered(self) -> str:
        line = self.text.strip()
        if line and line not in self._lines[-1:]:
            self._lines = [*self._lines, line][-_MOST_REMEMBERED:]
        self.clear()
        return line

    def _set(self, before: str, after: str = "") -> None:
        self.text, self.cursor = before + after, len(before)
