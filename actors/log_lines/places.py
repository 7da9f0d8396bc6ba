"""Who logs: the actor by its thread, and the grid, the level and the order that a record is about."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

# ga, the grid's fingerprint, the run - slot - cycle, side, attempt: see `engine.orders.client_order_id`
_ORDER: Final = re.compile(r"\bga[0-9a-f]{8}[0-9A-Za-z]*-[0-9A-Za-z]+-\d+[bs]\d+\b")
_GRID: Final = re.compile(r"(?P<grid>[^/]+/[^/]+)/(?:level/(?P<level>[^/]+)$)?")


class Place(NamedTuple):
    """Say where a thread works: for which grid, at which level (its slot); None where for none."""

    grid: str | None
    level: str | None


@lru_cache(maxsize=4096)
def place_of(thread: str) -> Place:
    """Read the name of an actor's thread, which is its address: ``SOL/USDT/level/7``."""
    found = _GRID.match(thread)
    return Place(found["grid"], found["level"]) if found else Place(None, None)


def order_in(text: str) -> str | None:
    """Find the first client order id of ours in a text."""
    if "ga" not in text:
        return None
    found = _ORDER.search(text)
    return found[0] if found else None
