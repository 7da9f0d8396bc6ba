"""What is told to the journal alone; the rest of what it writes down it hears like everybody else."""

from __future__ import annotations

from decimal import Decimal

from engine.freezing import frozen
from engine.values import Side


@frozen
class OrderAccepted:
    """Note that the exchange has an order, and by which id; empty when it has not said."""

    client_order_id: str
    order_id: str


@frozen
class CaughtUp:
    """Note that every trade of the account up to this one has been told."""

    trade_id: str


@frozen
class LevelWaited:
    """Note that a level's wish waits for funds; or that no money can serve it (`too_small`)."""

    slot: str
    side: Side
    too_small: bool


@frozen
class InventoryBought:
    """Note that the initial purchase is over, whatever it came to."""


@frozen
class LevelsArmed:
    """Note that every level has been told to wish its first order."""


@frozen
class LiquidationBegun:
    """Note that all base is to be sold, near `price`, for `reason`, and nothing else is to be done any more."""

    reason: str
    price: Decimal


@frozen
class OrdersRecovered:
    """Note that a grid goes on: of `orders` that were live when it was last heard of, so many are `still_open`."""

    orders: int
    still_open: int


@frozen
class CommitDue:
    """Remind the journal to write what it holds back; `is_retry` after it could not be written."""

    is_retry: bool = False
