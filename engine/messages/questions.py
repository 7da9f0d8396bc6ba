"""Questions of those who look on, and their answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import field

from engine.freezing import frozen
from engine.gateway.breaker import BreakerState
from engine.messages.wishes import PlaceOrder


@frozen
class DescribeFunds:
    """Ask the ledger for a `FundsDescribed`."""


@frozen
class FundsDescribed:
    """Answer `DescribeFunds`."""

    free_quote: Decimal
    free_base: Decimal
    reserved_quote: Decimal
    reserved_base: Decimal
    waiting: tuple[PlaceOrder, ...]
    other_fees: tuple[tuple[str, Decimal], ...] = ()  # paid in assets that are not the grid's, by asset


@frozen
class DescribeOrders:
    """Ask the order manager for the open orders, a tuple of `OpenOrder`."""


@frozen
class OpenOrder:
    """Show one order; `is_accepted` once the exchange has said that it has it."""

    client_order_id: str
    wish: PlaceOrder
    filled: Decimal
    is_accepted: bool


@frozen
class DescribeGateway:
    """Ask a gateway for its `GatewayDescribed`."""


@frozen
class GatewayDescribed:
    """Answer `DescribeGateway`: how many calls wait their turn, were put off, are being made; how the exchange is.

    `unresolved` orders were sent, and nobody can tell yet whether they arrived. `paused` while the exchange wants to
    be left alone. `trouble` says why the last call that ended found no answer, None when it found one.
    """

    pending: int
    put_off: int
    in_flight: int
    unresolved: int
    idle_callers: int
    breaker: BreakerState
    paused: bool
    trouble: str | None = None


@frozen
class DescribePrices:
    """Ask a price feed for its `PricesDescribed`."""


@frozen
class PricesDescribed:
    """Answer `DescribePrices`: the newest accepted price with its time, None before the first; how the feed is.

    `signs` counts the signs of life that its connections have shown: where it grows, somebody is there.
    """

    price: Decimal | None
    time: int | None
    trouble: str | None
    signs: int = field(default=0, eq=False)  # two feeds that know the same are in the same state


@frozen
class DescribeOrderFeed:
    """Ask an order feed for its `OrderFeedDescribed`."""


@frozen
class OrderFeedDescribed:
    """Answer `DescribeOrderFeed`: how the stream is, None for well; without one (`is_streamed`) orders are polled."""

    trouble: str | None
    is_streamed: bool
    signs: int = field(default=0, eq=False)  # of life, as a price feed counts them


@frozen
class DescribeReconciliation:
    """Ask a reconciler for its `ReconciliationDescribed`."""


@frozen
class ReconciliationDescribed:
    """Answer `DescribeReconciliation`: how often it has compared, and what the account lacks, one line an asset."""

    compared: int
    differences: tuple[str, ...]


@frozen
class DescribeTrades:
    """Ask a journal for all trades of its grid, in the order of booking; None when its store does not answer."""


@frozen
class DescribeJournal:
    """Ask a journal for its `JournalDescribed`."""


@frozen
class JournalDescribed:
    """Answer `DescribeJournal`: how often in a row writing has failed, and how many batches wait to be written."""

    failures: int
    unwritten: int


@frozen
class Answered:
    """Bring the answer to a question whose sender does not wait; None when there is none: nobody there, or an error."""

    by: str
    value: Any


@frozen
class DescribeLevel:
    """Ask a level for its `LevelDescribed`."""


@frozen
class DescribeHistory:
    """Ask the reporter for a grid's `GridHistory`."""

    grid: str


@frozen
class DescribeCandles:
    """Ask the reporter for the `Candles` that a grid has seen, or the `last` so many; None before its first price."""

    grid: str
    last: int | None = None
