"""Which grid somebody means."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import BadInput


def grid_meant(written: str, running: Sequence[str]) -> str:
    """Give the grid of this name, or the only one whose name begins so, whatever the case; raise `BadInput`."""
    folded = written.casefold()
    exact = [name for name in running if name.casefold() == folded]
    begun = exact or [name for name in running if folded and name.casefold().startswith(folded)]
    if len(begun) == 1:
        return begun[0]
    trouble = f"is the beginning of {', '.join(begun)}" if begun else "is no grid that runs"
    raise BadInput(f"grid {written!r} {trouble}; allowed: {', '.join(running) or 'none, as no grid runs'}")
