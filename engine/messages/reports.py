"""What became of orders: as the exchange reports it, and as it is told on."""

from __future__ import annotations

from decimal import Decimal

from engine.calls import Refusal
from engine.freezing import frozen
from engine.messages.wishes import Owner
from engine.values import Kind, Side


@frozen
class OrderFilled:
    """Report one trade of one order; `order_id` is the exchange's own, empty if it has not said it."""

    client_order_id: str
    trade_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time: int
    order_id: str = ""


@frozen
class OrderReported:
    """Report how an order stands: `filled` in all, and whether it can fill further.

    Its trades may be told before or after. `order_id` is the exchange's own, empty if it has not said it.
    """

    client_order_id: str
    filled: Decimal
    is_open: bool
    order_id: str = ""


@frozen
class OrderRejected:
    """Report that an order was not taken and never will be; `text` is the exchange's."""

    client_order_id: str
    reason: Refusal
    text: str


@frozen
class OpenOrdersListed:
    """Report every open order that is known to be the grid's, as of a moment after the `CatchUp` was sent."""

    orders: tuple[OrderReported, ...]


@frozen
class OrdersUnobserved:
    """Report that reports may have been missed since the last catch-up: it is time for one."""


@frozen
class TradeBooked:
    """Tell one trade, counted once: to the ledger, to its owner, to the reporter.

    `complete` when the order has no more to fill.
    """

    trade_id: str
    client_order_id: str
    owner: Owner
    time: int
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    complete: bool
    order_id: str = ""


@frozen
class OrderEnded:
    """Tell ledger and owner that an order ended before it was complete, with `filled` in all, each trade told before.

    `last_trade` is the id of the last one, empty for none. `refusal` says why it was refused; None when it was
    cancelled or expired.
    """

    owner: Owner
    side: Side
    filled: Decimal
    last_trade: str
    refusal: Refusal | None = None
    text: str = ""
