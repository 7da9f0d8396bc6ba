"""Keys, out of the bytes that a terminal sends for them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType

from actors.trading.line_editor import Key

_ESCAPE = "\x1b"
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^\[O\x1b])", re.DOTALL)
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?")
_LONGEST_BEGUN = 32  # characters; what is longer is no key of any terminal
_CONTROLS: Mapping[str, Key] = MappingProxyType(
    {
        "\r": Key.ENTER,
        "\n": Key.ENTER,
        "\x7f": Key.BACKSPACE,
        "\x08": Key.BACKSPACE,
        "\t": Key.TAB,
        "\x15": Key.KILL_LINE,
        "\x17": Key.KILL_WORD,
        "\x01": Key.HOME,
        "\x05": Key.END,
        "\x02": Key.LEFT,
        "\x06": Key.RIGHT,
        "\x10": Key.UP,
        "\x0e": Key.DOWN,
    }
)
_SEQUENCES: Mapping[str, Key] = MappingProxyType(
    {
        "[A": Key.UP,
        "OA": Key.UP,
        "[B": Key.DOWN,
        "OB": Key.DOWN,
        "[C": Key.RIGHT,
        "OC": Key.RIGHT,
        "[D": Key.LEFT,
        "OD": Key.LEFT,
        "[H": Key.HOME,
        "OH": Key.HOME,
        "[1~": Key.HOME,
        "[F": Key.END,
        "OF": Key.END,
        "[4~": Key.END,
        "[3~": Key.DELETE,
        "[5~": Key.PAGE_UP,
        "[6~": Key.PAGE_DOWN,
    }
)


class KeyReader:
    """Take bytes as they come, in pieces of any size; what is no key of ours is passed over."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._left = ""

    @property
    def is_waiting(self) -> bool:
        """Tell whether an escape has come that may yet become another key."""
        return bool(self._left)

    def feed(self, piece: bytes) -> list[Key | str]:
        """Give the keys that are certain by now."""
        self._left += self._decoder.decode(piece)
        keys: list[Key | str] = []
        while self._left:
            size, key = self._next()
            if not size:
                break
            self._left = self._left[size:]
            keys += [] if key is None else [key]
        return keys

    def flush(self) -> list[Key | str]:
        """Take what has waited for more in vain: an escape alone is the key Escape."""
        alone, self._left = self._left == _ESCAPE, ""
        return [Key.ESCAPE] if alone else []

    def _next(self) -> tuple[int, Key | str | None]:
        """Give the length of what comes first and the key that it is; length 0 for what is not all there yet."""
        first = self._left[0]
        if first != _ESCAPE:
            return 1, _CONTROLS.get(first, first if first.isprintable() else None)
        if (whole := _SEQUENCE.match(self._left)) is not None:
            return whole.end(), _SEQUENCES.get(whole[0][1:])
        begun = _BEGUN.fullmatch(self._left)
        if begun is not None and len(self._left) <= _LONGEST_BEGUN:
            return 0, None
        return 1, Key.ESCAPE
