"""Whether grids are up: seen at least once, and their core there now."""

from __future__ import annotations

from collections.abc import Sequence

from actors.post import Post
from engine.grid_setup import GridSetup
from engine.live_view import LiveView, Standing


def missing(view: LiveView, grids: Sequence[GridSetup], post: Post) -> str | None:
    """Name the first grid that is not up, and what of it; None when all are."""
    for picture, grid in zip(view.grids, grids, strict=True):
        if picture.standing is Standing.STOPPED:
            continue
        if picture.funds is None or picture.price is None:
            return f"{grid.name}: {'its ledger has' if picture.funds is None else 'its price has'} not been heard of"
        for address in (grid.addresses.balance_tracker, grid.addresses.order_manager, grid.addresses.grid_manager):
            if not post.is_alive(address):
                return f"{address} is not there"
    return None
