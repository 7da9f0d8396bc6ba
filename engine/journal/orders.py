"""Live orders rebuilt from the journal, and as the way to the exchange is told of them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.addresses import GridAddresses
from engine.journal.rows import OrderRow
from engine.journal.wishes import wish_of
from engine.messages import RecalledOrder, SubmitOrder, TradeBooked
from engine.orders import Order


def rebuilt(rows: Iterable[OrderRow], trades: Iterable[TradeBooked], addresses: GridAddresses) -> dict[str, Order]:
    """Give the orders of `rows` by name, with those of their trades that have been told."""
    orders = {
        row.client_order_id: Order(row.client_order_id, wish_of(row, addresses), row.state, order_id=row.order_id)
        for row in rows
    }
    for trade in trades:
        order = orders[trade.client_order_id]
        order.filled += trade.quantity
        order.trade_ids.append(trade.trade_id)
    return orders


def recalled(order: Order) -> RecalledOrder:
    """Tell of an order what an exchange's side must know to find it."""
    wish = order.wish
    submit = SubmitOrder(order.client_order_id, wish.side, wish.kind, wish.price, wish.quantity)
    return RecalledOrder(submit, order.order_id, order.filled)
