"""What becomes of a line that somebody entered at the console: an answer, a command, or a question first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from attrs import define, frozen

from actors.commands.wanted import MEANINGS, Part, Wanted, understand
from actors.trading.completing import HELP, split
from engine.errors import BadInput
from engine.messages.steering import Command

_YES = "yes"
_ENDING: Mapping[Part | Command, str] = MappingProxyType(
    {
        Command.STOP: "type yes to stop {grids}, whose position is kept",
        Command.QUIT: "type yes to stop {grids} and end; positions are kept",
    }
)
_PAUSE_EXAMPLES = "pause, pause SOL/USDT, pause for 2h, pause SOL for 90s"


@frozen
class Said:
    """Answer at once, with these lines."""

    lines: tuple[str, ...]
    is_error: bool = False


@define
class Dialogue:
    """Understand lines one after the other; `question` is there while an ending waits for a yes."""

    grids: Sequence[str]
    question: str | None = None
    _pending: Wanted | None = None

    def entered(self, line: str) -> Wanted | Said | None:
        """Give what is to be done, or what to say; None when there is only a question, or nothing, to be shown."""
        if self._pending is not None:
            return self._decided(line)
        try:
            words = split(line)
            if not words:
                return None
            if words[0].casefold() == HELP:
                return Said(help_lines())
            wanted = understand(words, self.grids)
        except BadInput as error:
            return Said(error.problems, is_error=True)
        if (asked := _ENDING.get(wanted.what)) is None:
            return wanted
        self._pending = wanted
        self.question = asked.format(grids=", ".join(wanted.grids or self.grids))
        return None

    def drop(self) -> None:
        """Take back what waits for a yes."""
        self._pending = self.question = None

    def _decided(self, line: str) -> Wanted | Said:
        pending = self._pending
        self.drop()
        if pending is not None and line.strip().casefold() == _YES:
            return pending
        return Said(("nothing was done",))


def help_lines() -> tuple[str, ...]:
    """Tell every command, a line each."""
    width = max(map(len, MEANINGS))
    return (
        *(f"{what:<{width}}  {meaning}" for what, meaning in MEANINGS.items()),
        f"Behind each may stand a grid, or the beginning of its name; without one it is all grids. {_PAUSE_EXAMPLES}.",
        "Tab completes, Up and Down recall, Page Up and Down scroll, Escape clears. Ctrl-C stops everything.",
    )
