"""`gridactors journal`: every event of a grid, a line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from actors.history.asked import HistoryOptions, understand
from actors.history.lives import Life, lives_of
from actors.history.output import title, while_somebody_reads, write_csv, write_json
from actors.history.pages import event_pages
from actors.history.words import harmless, short_stamp, shown, stamp
from actors.store.columns import to_event
from engine.grid_manager import OWN_SLOT
from engine.journal.rows import EventRow

HEADER: Final = ("time", "event", "level", "order", "details", "pair", "grid", "mode")
_KIND, _LEVEL, _ORDER = 23, 6, 27  # columns for the longest that are usual
_SPECIAL: Final = frozenset(' "=')


def show_journal(options: HistoryOptions) -> None:
    """Print the events of every grid, oldest first; raise `BadInput`, `StoreOutOfReach`."""
    asked = understand(options)
    with (
        while_somebody_reads(),
        lives_of(asked, lambda connection, grid_id: event_pages(connection, grid_id, asked.since)) as lives,
    ):
        if options.as_json:
            write_json(((life, map(_object, _events(life))) for life in lives), "events")
        elif options.as_csv:
            write_csv(HEADER, (_cells(life, event) for life in lives for event in _events(life)))
        else:
            for life in lives:
                _print(life)


def _events(life: Life) -> Iterator[EventRow]:
    return (to_event(tuple(row)) for row in life.rows())


def _level(event: EventRow) -> str | None:
    """Give the slot, None for the grid's own orders at market."""
    return None if event.slot == OWN_SLOT else event.slot


def _object(event: EventRow) -> dict[str, Any]:
    return {
        "time": stamp(event.time),
        "event": event.kind,
        "level": _level(event),
        "order": event.client_order_id,
        "details": dict(event.details),
    }


def _cells(life: Life, event: EventRow) -> list[str]:
    key = life.stored.key
    details = json.dumps(dict(event.details), separators=(",", ":")) if event.details else ""
    texts = (event.kind, _level(event), event.client_order_id, details, key.pair, key.name, key.mode)
    return [stamp(event.time), *map(harmless, texts)]


def _print(life: Life) -> None:
    """Print a line an event, as a log has it: there may be very many."""
    sys.stdout.write(f"{shown(title(life))}\n")
    sys.stdout.write(f"{_line('Time (UTC)', 'Event', 'Level', 'Order', 'Details')}\n" if life.count else "no events\n")
    for event in _events(life):
        details = " ".join(f"{key}={_worded(value)}" for key, value in event.details)
        cells = short_stamp(event.time), event.kind, _level(event) or "", event.client_order_id or "", details
        sys.stdout.write(f"{_line(*map(shown, cells))}\n")


def _line(time: str, kind: str, level: str, order: str, details: str) -> str:
    return f"{time:<23}  {kind:<{_KIND}}  {level:<{_LEVEL}}  {order:<{_ORDER}}  {details}".rstrip()


def _worded(value: str) -> str:
    """Quote what would not read as one value."""
    return json.dumps(value, ensure_ascii=False) if not value or _SPECIAL & set(value) else value
