"""Questions of those who look on, and their answers."""

from __future__ import annotations

from decimal import Decimal

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
    be left alone.
    """

    pending: int
    put_off: int
    in_flight: int
    unresolved: int
    idle_callers: int
    breaker: BreakerState
    paused: bool


@frozen
class DescribePrices:
    """Ask a price feed for its `PricesDescribed`."""


@frozen
class PricesDescribed:
    """Answer `DescribePrices`: the newest accepted price with its time, None before the first; how the feed is."""

    price: Decimal | None
    time: int | None
    trouble: str | None


@frozen
class DescribeLevel:
    """Ask a level for its `LevelDescribed`."""


@frozen
class DescribeHistory:
    """Ask the reporter for a grid's `GridHistory`."""

    grid: str


@frozen
class DescribeCandles:
    """Ask the reporter for the `Candles` that a grid has seen, None before its first price."""

    grid: str
