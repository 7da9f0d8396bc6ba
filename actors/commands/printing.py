"""Print drawn lines: at a terminal in its colours, plainly elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

from rich.console import Console
from rich.text import Text

Print = Callable[[Sequence[Text]], None]


def show(lines: Sequence[Text], console: Console | None = None) -> None:
    """Print lines to stdout, or to another console; what is too long for one goes on in the next."""
    console = console or Console(highlight=False)
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)


def terminal_printer() -> Print | None:
    """Give what prints where somebody at a terminal sees it, and in no file: on stderr or stdout; None for neither."""
    for stream in (sys.stderr, sys.stdout):
        if stream.isatty():  # rich takes a file for one, too, where colours are forced
            return partial(show, console=Console(file=stream))
    return None
