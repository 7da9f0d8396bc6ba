"""What happened on the exchange, in that order, as every call that changes something returns it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from engine.freezing import frozen
from engine.venue.values import Balance, OrderRecord, TradeRecord

Execution = Literal["NEW", "TRADE", "CANCELED", "EXPIRED"]


@frozen
class OrderChanged:
    """Report one step in an order's life; `order` is how it stands after it.

    `trade` belongs to a TRADE, `cancel_id` (the id of the request to cancel) to a CANCELED.
    """

    account: str
    execution: Execution
    order: OrderRecord
    trade: TradeRecord | None
    cancel_id: str | None
    execution_id: int
    time: int


@frozen
class BalancesChanged:
    """Report the assets of an account that may have changed, after all order changes of the same action."""

    account: str
    time: int
    balances: tuple[Balance, ...]


@frozen
class BalanceTransferred:
    """Report a deposit (`delta` above 0) or a withdrawal."""

    account: str
    asset: str
    delta: Decimal
    time: int


@frozen
class PublicTrade:
    """Report a trade to everybody, the house's own included.

    Trades of one taker at one price share the `aggregate_id`, and follow each other in one list of events.
    """

    symbol: str
    trade_id: int
    aggregate_id: int
    price: Decimal
    quantity: Decimal
    time: int
    buyer_is_maker: bool


@frozen
class BookChanged:
    """Report that prices or sizes in a symbol's book may have changed."""

    symbol: str
    time: int


Event = OrderChanged | BalancesChanged | BalanceTransferred | PublicTrade | BookChanged
