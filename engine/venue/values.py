"""What goes into the exchange and what it tells: rules, orders, trades, balances, refusals.

Money is Decimal, times are epoch milliseconds, and texts are spelt as Binance Spot spells them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from engine.freezing import frozen

OrderSide = Literal["BUY", "SELL"]
OrderType = Literal["LIMIT", "MARKET", "LIMIT_MAKER"]
TimeInForce = Literal["GTC", "IOC", "FOK"]
OrderStatus = Literal["NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "REJECTED"]


@frozen
class SymbolRules:
    """Say what may be traded and how finely; a limit of 0 is off.

    A tick times a step must be a multiple of 1e-8, so that every amount of quote is.
    `percent_up` and `percent_down` bound a limit price to multiples of the market price.
    """

    symbol: str
    base: str
    quote: str
    price_tick: Decimal
    amount_step: Decimal
    min_price: Decimal
    max_price: Decimal
    min_amount: Decimal
    max_amount: Decimal
    min_notional: Decimal
    max_open_orders: int = 200
    base_precision: int = 8
    quote_precision: int = 8
    percent_up: Decimal = Decimal(5)
    percent_down: Decimal = Decimal("0.2")


@frozen
class OrderRequest:
    """Ask for an order; `client_order_id` None lets the exchange make one."""

    symbol: str
    side: OrderSide
    type: OrderType
    quantity: Decimal | None = None
    price: Decimal | None = None
    quote_quantity: Decimal | None = None
    time_in_force: TimeInForce | None = None
    client_order_id: str | None = None


@frozen
class OrderRecord:
    """Show an order as it stood at one moment.

    `price` is 0 for a market order; `quote_quantity` is 0 unless the order was sized in quote.
    """

    order_id: int
    client_order_id: str
    symbol: str
    side: OrderSide
    type: OrderType
    time_in_force: TimeInForce
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    executed: Decimal
    cumulative_quote: Decimal
    status: OrderStatus
    time: int
    update_time: int
    expiry_reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether it can fill further."""
        return self.status in {"NEW", "PARTIALLY_FILLED"}


@frozen
class TradeRecord:
    """Show one account's side of one match; both sides of a match share the trade id."""

    trade_id: int
    symbol: str
    order_id: int
    client_order_id: str
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    is_buyer: bool
    is_maker: bool


@frozen
class Balance:
    """Show what an account holds of one asset."""

    asset: str
    free: Decimal
    locked: Decimal


@frozen
class Placed:
    """Answer an order: how it stands at once, and what it traded on arrival."""

    order: OrderRecord
    trades: tuple[TradeRecord, ...]


class Refused(Exception):
    """Refuse a request, with the exchange's code and exact text."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(code, message)
