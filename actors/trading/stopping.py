"""Have running grids take down their orders, as long as that goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic

from actors.mail import AskError
from actors.post import Post
from actors.trading.console import Console
from engine.grid_setup import GridSetup
from engine.messages import DescribeOrders, StopGrid

GRIDS_STOP_WITHIN = 4.5  # seconds, of the ten that a stop may take
GRIDS_STOP_AT_LAST = 60.0  # as long as orders become fewer
LOOK_EVERY = 0.5


def stop_grids(console: Console, grids: Sequence[GridSetup], post: Post, look: Callable[[], None]) -> None:
    """Tell every grid to stop and wait, looking on; what has not stopped in time is left to be swept up."""
    asked = monotonic()
    deadline, last = asked + GRIDS_STOP_WITHIN, asked + GRIDS_STOP_AT_LAST
    _tell(console, grids, post)
    open_orders = _open_orders(console, grids, post)
    while console.running and console.failure is None and monotonic() < deadline:
        look()
        console.hear(min(LOOK_EVERY, deadline - monotonic()))
        _tell(console, grids, post)  # whoever was told may have been restarted since
        left = _open_orders(console, grids, post)
        if left < open_orders:  # hundreds of cancellations take their time: an order more is worse than a second more
            open_orders, deadline = left, min(monotonic() + GRIDS_STOP_WITHIN, last)
    look()


def _tell(console: Console, grids: Sequence[GridSetup], post: Post) -> None:
    for grid in grids:
        if grid.name in console.running:
            post.send(grid.addresses.grid_manager, StopGrid(console.stop_reason or "stopped"))


def _open_orders(console: Console, grids: Sequence[GridSetup], post: Post) -> int:
    """Count the orders of those that have not stopped yet."""
    count = 0
    for grid in grids:
        with suppress(AskError):
            if grid.name in console.running:
                count += len(post.ask(grid.addresses.order_manager, DescribeOrders(), LOOK_EVERY))
    return count
