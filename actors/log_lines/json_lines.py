"""One record, one line of JSON: for programs that search logs, and for `jq`.

```
{"time":"2026-01-31T10:00:00.123Z","severity":"INFO","logger":"actors.x","actor":"SOL/USDT/level/7",
 "grid":"SOL/USDT","level":"7","order":"ga0123456789-7-0b0","message":"…","trace":"…"}
```

`level` is that of a grid, as everywhere in this program; how grave a record is, is its `severity`. What is not known
is left out. `actor` is the thread's name, which is an actor's address where it is an actor's thread.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Final, NamedTuple

from actors.log_lines.places import order_in, place_of
from actors.log_lines.records import clean, message_of

_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))
_LONGEST: Final = 20_000  # characters of a message or a trace; the disk is not for what a stranger sends


class Line(NamedTuple):
    """Hold what a line is made of, taken while the record was fresh; with secrets still in it."""

    created: float
    severity: str
    logger: str
    actor: str
    grid: str | None
    level: str | None
    order: str | None
    message: str
    trace: str


def line_of(record: logging.LogRecord) -> Line:
    """Take what is to be written of a record; its own `grid`, `level`, `order` count before what can be found out."""
    said, actor = vars(record), record.threadName or ""
    place = place_of(actor)
    message = message_of(record)
    order = said["order"] if "order" in said else order_in(message)
    return Line(
        record.created,
        record.levelname,
        record.name,
        actor,
        _text(said.get("grid", place.grid)),
        _text(said.get("level", place.level)),
        _text(order),
        message,
        _trace_of(record),
    )


def to_json(line: Line) -> bytes:
    """Write a line, with its end; all of it is ASCII, so that no reader can stumble over it."""
    fields = {
        "severity": line.severity,
        "logger": line.logger,
        "actor": line.actor,
        "grid": line.grid,
        "level": line.level,
        "order": line.order,
        "message": line.message,
        "trace": line.trace,
    }
    said = {key: value for key, value in fields.items() if value}
    together = " ".join(said.values())
    if clean(together) != together or len(together) > _LONGEST:  # one look for all of them, as most have no need
        said = {key: _short(clean(value)) for key, value in said.items()}
    return _ENCODER.encode({"time": _iso(line.created), **said}).encode("ascii") + b"\n"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _trace_of(record: logging.LogRecord) -> str:
    trace = record.exc_text or ""
    if not trace and record.exc_info:
        trace = logging.Formatter().formatException(record.exc_info)
    return "\n".join(filter(None, (trace, record.stack_info)))


def _iso(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _short(text: str) -> str:
    """Cut the middle out of what is too long: the end of a trace says what happened."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters more … {text[-half:]}"
