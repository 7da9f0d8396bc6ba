"""What the name of an order says: client order ids, read back."""

from __future__ import annotations

import re

from attrs import frozen

from engine.grid_manager import OWN_SLOT
from engine.orders import LONGEST_CLIENT_ORDER_ID
from engine.values import Side

_NUMBER = "0|[1-9][0-9]*"
_NAME = re.compile(
    rf"(?P<run>[0-9a-z]*)-(?P<slot>{OWN_SLOT}|(?:{_NUMBER})b?)-(?P<cycle>{_NUMBER})(?P<side>[bs])(?P<attempt>{_NUMBER})"
)
_SIDES = {"b": Side.BUY, "s": Side.SELL}


@frozen
class OrderName:
    """Say which order this is: of which run of the grid, whose, and which of theirs."""

    run: str
    slot: str
    cycle: int
    side: Side
    attempt: int

    @property
    def level(self) -> int | None:
        """Give the level's index; None for an order of the grid manager's."""
        return None if self.slot == OWN_SLOT else int(self.slot.rstrip("b"))


def read_order_name(prefix: str, client_order_id: str) -> OrderName | None:
    """Read what `client_order_id` wrote for the tag `prefix` and a run; None for anything else."""
    if not client_order_id.startswith(prefix) or len(client_order_id) > LONGEST_CLIENT_ORDER_ID:
        return None
    read = _NAME.fullmatch(client_order_id, len(prefix))
    if read is None:
        return None
    return OrderName(read["run"], read["slot"], int(read["cycle"]), _SIDES[read["side"]], int(read["attempt"]))


def is_newer(run: str, than: str) -> bool:
    """Tell whether one run began after another: runs are named by their time."""
    return (len(run), run) > (len(than), than)
