"""An order while it lives: what it wants, what it has got, what it keeps locked."""

from __future__ import annotations

from decimal import Decimal

from attrs import define

from engine.values import ZERO
from engine.venue.values import OrderRecord, OrderSide, OrderStatus, OrderType, SymbolRules, TimeInForce


@define(eq=False)
class Order:
    """Keep one order of one account; `reserved` is what it has locked, of quote for a buy, else of base."""

    order_id: int
    account: str
    client_order_id: str
    rules: SymbolRules
    side: OrderSide
    type: OrderType
    time_in_force: TimeInForce
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    reserved: Decimal
    time: int
    update_time: int
    executed: Decimal = ZERO
    cumulative_quote: Decimal = ZERO
    status: OrderStatus = "NEW"
    expiry_reason: str | None = None

    @property
    def is_buy(self) -> bool:
        """Tell whether it buys."""
        return self.side == "BUY"

    @property
    def is_open(self) -> bool:
        """Tell whether it can fill further."""
        return self.status in {"NEW", "PARTIALLY_FILLED"}

    @property
    def remaining(self) -> Decimal:
        """Give the quantity that is not filled."""
        return self.quantity - self.executed

    @property
    def pays(self) -> str:
        """Name the asset that it gives."""
        return self.rules.quote if self.is_buy else self.rules.base

    @property
    def receives(self) -> str:
        """Name the asset that it gets."""
        return self.rules.base if self.is_buy else self.rules.quote

    def reserved_for(self, price: Decimal, quantity: Decimal) -> Decimal:
        """Give what was locked for a fill: a limit buy locks at its own price, whatever it then pays."""
        if not self.is_buy:
            return quantity
        return quantity * (price if self.type == "MARKET" else self.price)

    def fill(self, price: Decimal, quantity: Decimal, now: int) -> None:
        """Book one fill."""
        self.reserved -= self.reserved_for(price, quantity)
        self.executed += quantity
        self.cumulative_quote += price * quantity
        self.status = "PARTIALLY_FILLED" if self.remaining else "FILLED"
        self.update_time = now

    def record(self) -> OrderRecord:
        """Show it as it stands."""
        return OrderRecord(
            order_id=self.order_id,
            client_order_id=self.client_order_id,
            symbol=self.rules.symbol,
            side=self.side,
            type=self.type,
            time_in_force=self.time_in_force,
            price=self.price,
            quantity=self.quantity,
            quote_quantity=self.quote_quantity,
            executed=self.executed,
            cumulative_quote=self.cumulative_quote,
            status=self.status,
            time=self.time,
            update_time=self.update_time,
            expiry_reason=self.expiry_reason,
        )
