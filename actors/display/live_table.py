"""Show running grids: a picture that stands still on a terminal, lines elsewhere."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Protocol

from attrs import define
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from actors.display.live_lines import LiveLines
from actors.display.live_screen import draw_screen
from engine.live_view import LiveView

_MOST_HELD_BACK = 500  # log records that are told when the picture is gone

Show = Callable[[LiveView], None]


class Typed(Protocol):
    """Draw what is being typed at the terminal, and what came of it."""

    def lines(self, width: int, most: int = ...) -> list[Text]:
        """Give at most so many lines, none while nothing can be typed."""


@define(eq=False)
class Screen:
    """Show views, to be called about once a second; `is_drawn` is a picture that stands still, else there are lines.

    What is `typed` stands at the foot of a picture.
    """

    show: Show
    is_drawn: bool
    typed: Typed | None = None


@contextmanager
def live_table(console: Console | None = None, door: str | None = None) -> Iterator[Screen]:
    """Give a screen to show views on; the terminal is as before at the end. `door` is where the dashboard is.

    What is logged to the terminal meanwhile is shown at its foot, and written out when the picture is gone.
    """
    console = console or Console()
    if not console.is_terminal or console.is_dumb_terminal:
        lines = LiveLines(lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True), door=door)
        yield Screen(lines.show, is_drawn=False)
        return
    live = Live(console=console, screen=True, auto_refresh=False)
    with _held_back_logs() as notices:

        def show(view: LiveView) -> None:
            width, height = console.size
            foot = [] if screen.typed is None else screen.typed.lines(width, max(1, height // 2))
            picture = draw_screen(view, width, height - len(foot), notices(), door)
            live.update(Group(*picture, *foot), refresh=True)

        screen = Screen(show, is_drawn=True)
        live.start()
        try:
            yield screen
        finally:
            with suppress(OSError):  # the terminal may have been closed
                live.stop()


class _HeldBack(logging.Handler):
    """Keep the newest records in place of a handler that would write over the picture."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__(handler.level)
        self.handler = handler
        self.records: deque[logging.LogRecord] = deque(maxlen=_MOST_HELD_BACK)

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def _held_back_logs() -> Iterator[Callable[[], list[str]]]:
    """Take the root logger's terminals away, and give what they would have written; give them back at the end."""
    root = logging.getLogger()
    held = [_HeldBack(handler) for handler in root.handlers if _is_terminal(handler)]
    for place in held:
        root.removeHandler(place.handler)
        root.addHandler(place)
    try:
        yield lambda: [_notice(record) for place in held for record in list(place.records)[-5:]]
    finally:
        for place in held:
            root.removeHandler(place)
            root.addHandler(place.handler)
            for record in place.records:
                place.handler.handle(record)


def _is_terminal(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.StreamHandler) and handler.stream.isatty()


def _notice(record: logging.LogRecord) -> str:
    first, *_ = record.getMessage().splitlines() or [""]
    return f"{datetime.fromtimestamp(record.created, UTC):%H:%M:%S}  {first}"
