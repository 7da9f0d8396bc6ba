"""What a line at the console may go on with."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import takewhile

from actors.commands.wanted import WORDS
from engine.errors import BadInput

HELP = "help"


def split(line: str) -> list[str]:
    """Split a line into words, as a shell does: a name with a blank in it stands in quotes."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise BadInput(f"{line}: a quote is open") from error


def completed(line: str, grids: Sequence[str]) -> str:
    """Add to a line what is certain: a command first, then names of grids; with a blank behind what is whole."""
    before, word = _last(line)
    found = [one for one in _possible(before, grids) if one.casefold().startswith(word.casefold())]
    if not found:
        return line
    if len(found) == 1:
        return f"{before}{shlex.quote(found[0]) if ' ' in found[0] else found[0]} "
    columns = zip(*(one.casefold() for one in found), strict=False)
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    whole, _, _ = found[0][:shared].partition(" ")
    return before + whole if len(whole) > len(word) else line


def choices(line: str, grids: Sequence[str]) -> list[str]:
    """Give what the last word may become."""
    before, word = _last(line)
    return [one for one in _possible(before, grids) if one.casefold().startswith(word.casefold())]


def _last(line: str) -> tuple[str, str]:
    before, blank, word = line.rpartition(" ")
    return before + blank, word


def _possible(before: str, grids: Sequence[str]) -> Sequence[str]:
    return (*WORDS, HELP) if not before.strip() else grids
