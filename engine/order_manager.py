"""From a funded wish to an order to its fills, each exactly once."""

from __future__ import annotations

from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import Effect, Reply, Send
from engine.messages import (
    CancelAllOrders,
    CancelOrder,
    DescribeOrders,
    OrderCancelled,
    OrderEnded,
    OrderFilled,
    OrderManagerInbox,
    PlaceOrder,
    SubmitOrder,
    TradeBooked,
)
from engine.orders import Order, client_order_id

FIRST_ATTEMPT = 0


class OrderManager:
    """Turn wishes into orders, and the exchange's reports into trades that count once."""

    def __init__(self, tag: str, addresses: GridAddresses) -> None:
        """Begin with no order; every client order id will start with `tag`."""
        self._tag = tag
        self._exchange = addresses.exchange
        self._ledger = addresses.balance_tracker
        self._reporter = addresses.reporter
        self._open: dict[str, Order] = {}

    def handle(self, message: OrderManagerInbox) -> list[Effect]:
        """Take a wish from the ledger, or a report from the exchange."""
        match message:
            case OrderFilled():
                return self._filled(message)
            case PlaceOrder():
                return self._place(message)
            case OrderCancelled():
                return self._cancelled(message.client_order_id)
            case CancelAllOrders():
                return [Send(self._exchange, CancelOrder(name)) for name in self._open]
            case DescribeOrders():
                return [Reply(tuple(order.wish for order in self._open.values()))]
            case _:
                assert_never(message)

    def _place(self, wish: PlaceOrder) -> list[Effect]:
        name = client_order_id(self._tag, wish.owner.slot, wish.cycle, wish.side, FIRST_ATTEMPT)
        if name in self._open:
            return []  # the same wish, told again
        self._open[name] = Order(name, wish)
        return [Send(self._exchange, SubmitOrder(name, wish.side, wish.kind, wish.price, wish.quantity))]

    def _filled(self, fill: OrderFilled) -> list[Effect]:
        order = self._open.get(fill.client_order_id)
        if order is None or fill.trade_id in order.trade_ids:
            return []  # told before
        complete = order.fill(fill.trade_id, fill.quantity)
        if complete:
            del self._open[fill.client_order_id]
        wish = order.wish
        trade = TradeBooked(
            fill.trade_id,
            fill.client_order_id,
            wish.owner,
            fill.time,
            wish.side,
            wish.kind,
            fill.price,
            fill.quantity,
            fill.fee,
            fill.fee_asset,
            complete,
        )
        # The ledger first: it must know of the trade before it hears the owner's answer.
        return [Send(self._ledger, trade), Send(self._reporter, trade), Send(wish.owner.address, trade)]

    def _cancelled(self, name: str) -> list[Effect]:
        order = self._open.pop(name, None)
        if order is None:
            return []
        order.cancel()
        return [Send(self._ledger, OrderEnded(order.wish.owner))]
