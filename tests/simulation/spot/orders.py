"""One order of the account, and what there is to say about it."""

from __future__ import annotations

from decimal import Decimal

from engine.calls import FoundOrder, OrderReport, TradeReport
from engine.messages import OrderReported
from engine.values import ZERO, Kind, Side


class SpotOrder:
    """Keep one order as the exchange's books have it; `price` is 0 for a sell at market."""

    __slots__ = (
        "changed_at",
        "client_order_id",
        "filled",
        "is_buy",
        "is_open",
        "kind",
        "order_id",
        "placed_at",
        "price",
        "quantity",
        "rank",
        "side",
        "trades",
    )

    def __init__(
        self, client_order_id: str, number: int, side: Side, kind: Kind, price: Decimal, quantity: Decimal, now: int
    ) -> None:
        """Open the `number`th order of the account, at `now` in epoch milliseconds."""
        self.client_order_id = client_order_id
        self.order_id = str(number)
        self.side = side
        self.is_buy = side is Side.BUY
        self.kind = kind
        self.price = price
        self.quantity = quantity
        self.filled = ZERO
        self.is_open = True
        self.placed_at = now
        self.changed_at = now
        self.trades: list[TradeReport] = []
        self.rank = (-price if self.is_buy else price, number)  # the lowest of a side trades first

    def __repr__(self) -> str:
        state = "open" if self.is_open else "ended"
        size = f"{self.filled}/{self.quantity}@{self.price}"
        return f"<{self.order_id} {self.client_order_id} {self.side} {size} {state}>"

    @property
    def left(self) -> Decimal:
        """Give the quantity that is not filled."""
        return self.quantity - self.filled

    @property
    def lock(self) -> Decimal:
        """Give what it keeps locked: quote at its own price for a buy, base for a sell."""
        return self.left * self.price if self.is_buy else self.left

    def report(self) -> OrderReport:
        """Say how it stands, to who asks."""
        return OrderReport(self.client_order_id, self.order_id, self.filled, self.is_open)

    def told(self) -> OrderReported:
        """Say how it stands, to who listens."""
        return OrderReported(self.client_order_id, self.filled, self.is_open, self.order_id)

    def found(self) -> FoundOrder:
        """Say all about it."""
        return FoundOrder(
            self.client_order_id,
            self.order_id,
            self.side,
            self.kind,
            self.price,
            self.quantity,
            self.filled,
            self.is_open,
            self.placed_at,
            self.changed_at,
        )
