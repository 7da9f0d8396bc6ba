"""Histories as JSON and CSV, written row by row to a stdout that may be closed at any time."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from actors.history.lives import Life
from actors.history.words import stamp


@contextmanager
def while_somebody_reads() -> Iterator[None]:
    """End in silence when nobody reads on, as `head` does."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer has to go somewhere when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_json(lives: Iterable[tuple[Life, Iterable[dict[str, Any]]]], name: str) -> None:
    """Write a list with an object a life, its rows under `name`, a line each."""
    out, before = sys.stdout, "[\n"
    for life, rows in lives:
        head = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in _head(life).items())
        out.write(f"{before} {{\n{head},\n  {json.dumps(name)}: [")
        between = "\n"
        for row in rows:
            out.write(f"{between}    {json.dumps(row)}")
            between = ",\n"
        out.write("]\n }" if between == "\n" else "\n  ]\n }")
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    r"""Write a header and rows as RFC 4180 quotes them, but with ``\n`` at the end of a line, as tools here like it."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def title(life: Life) -> str:
    """Name a life for people."""
    stored = life.stored
    mode = stored.key.mode.replace("_", " ")
    began = f"{stored.key.name}: {stored.key.pair}, {mode}, since {stamp(stored.began_at)}"
    if stored.archived_at is None:
        return began
    why = f" ({stored.archive_reason})" if stored.archive_reason else ""
    return f"{began}, archived {stamp(stored.archived_at)}{why}"


def _head(life: Life) -> dict[str, Any]:
    stored, key = life.stored, life.stored.key
    return {
        "name": key.name,
        "source": key.source,
        "pair": key.pair,
        "mode": key.mode,
        "began_at": stamp(stored.began_at),
        "archived_at": None if stored.archived_at is None else stamp(stored.archived_at),
    }
