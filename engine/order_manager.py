"""From a funded wish to an order to its fills, each exactly once."""

from __future__ import annotations

from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import After, Effect, Reply, Send
from engine.messages import (
    CancelAllOrders,
    CancelOrder,
    CatchUp,
    DescribeOrders,
    LookUpDue,
    LookUpOrder,
    OpenOrder,
    OpenOrdersListed,
    OrderEnded,
    OrderFilled,
    OrderManagerInbox,
    OrderRejected,
    OrderReported,
    OrdersUnobserved,
    PlaceOrder,
    SubmitOrder,
    TradeBooked,
)
from engine.orders import Order, client_order_id
from engine.trade_ids import later
from engine.values import Side

_FIRST_LOOK_UP, _SLOWEST_LOOK_UP = 0.2, 10.0  # seconds that trades may take to be told by themselves


class OrderManager:
    """Turn wishes into orders, and the exchange's reports into trades that count once.

    Reports come from streams and from answers, in any order, some twice and some never: trades count by their id, and
    what an order has filled in all, as the exchange says, tells when trades are missing.
    """

    def __init__(self, tag: str, addresses: GridAddresses) -> None:
        """Begin with no order; every client order id will start with `tag`."""
        self._tag = tag
        self._exchange = addresses.exchange
        self._ledger = addresses.balance_tracker
        self._reporter = addresses.reporter
        self._open: dict[str, Order] = {}
        self._newest_wish: dict[tuple[str, Side], tuple[int, int]] = {}
        self._newest_trade: str | None = None
        self._caught_up: str | None = None  # every trade up to this one has been told
        self._is_catching_up = self._owes_catch_up = False
        self._asked_at: tuple[str | None, frozenset[str]] = (None, frozenset())  # newest trade, orders on the exchange

    def handle(self, message: OrderManagerInbox) -> list[Effect]:
        """Take a wish from the ledger, or a report from the exchange."""
        match message:
            case OrderFilled():
                return self._filled(message)
            case PlaceOrder():
                return self._place(message)
            case OrderReported():
                return self._reported(message)
            case OrderRejected():
                return self._rejected(message)
            case CancelAllOrders():
                return [Send(self._exchange, CancelOrder(name)) for name in self._open]
            case OrdersUnobserved():
                return self._catch_up()
            case OpenOrdersListed():
                return self._caught(message)
            case LookUpDue():
                return self._look_up(message.client_order_id)
            case DescribeOrders():
                return [Reply(tuple(self._described(order) for order in self._open.values()))]
            case _:
                assert_never(message)

    def _place(self, wish: PlaceOrder) -> list[Effect]:
        kind, number = (wish.owner.slot, wish.side), (wish.cycle, wish.attempt)
        if number <= self._newest_wish.get(kind, (-1, 0)):
            return []  # the same wish, told again
        self._newest_wish[kind] = number
        name = client_order_id(self._tag, wish.owner.slot, wish.cycle, wish.side, wish.attempt)
        self._open[name] = Order(name, wish)
        return [Send(self._exchange, SubmitOrder(name, wish.side, wish.kind, wish.price, wish.quantity))]

    # --- what the exchange reports -------------------------------------------------------------------

    def _filled(self, fill: OrderFilled) -> list[Effect]:
        order = self._open.get(fill.client_order_id)
        if order is None or fill.trade_id in order.trade_ids:
            return []  # told before
        complete = order.fill(fill.trade_id, fill.quantity)
        if complete:
            del self._open[fill.client_order_id]
        self._newest_trade = later(fill.trade_id, self._newest_trade)
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
        told: list[Effect] = [Send(self._ledger, trade), Send(self._reporter, trade), Send(wish.owner.address, trade)]
        return told + self._ended(order) if not complete and order.is_over else told

    def _reported(self, report: OrderReported) -> list[Effect]:
        order = self._open.get(report.client_order_id)
        if order is None:
            return []
        order.report(report.filled, is_open=report.is_open)
        if order.is_over:
            return self._ended(order)
        return self._wait_for_trades(order) if order.lacks_trades and not order.look_up_is_due else []

    def _wait_for_trades(self, order: Order) -> list[Effect]:
        """Give trades that are known of some time to be told, before asking for them."""
        order.look_up_is_due = True
        delay = min(_FIRST_LOOK_UP * 2.0 ** min(order.look_ups, 10), _SLOWEST_LOOK_UP)
        return [After(delay, LookUpDue(order.client_order_id))]

    def _look_up(self, name: str) -> list[Effect]:
        """Ask for missing trades until they have come."""
        order = self._open.get(name)
        if order is None:
            return []
        order.look_up_is_due = False
        if not order.lacks_trades:
            order.look_ups = 0
            return []
        order.look_ups += 1
        return [Send(self._exchange, LookUpOrder(name)), *self._wait_for_trades(order)]

    def _rejected(self, rejected: OrderRejected) -> list[Effect]:
        order = self._open.get(rejected.client_order_id)
        if order is None:
            return []
        if order.is_accepted:  # somebody is wrong, and an order that may live is the worse mistake
            return [Send(self._exchange, LookUpOrder(rejected.client_order_id))]
        order.reject()
        return self._told_of_end(order, rejected)

    def _ended(self, order: Order) -> list[Effect]:
        order.end()
        return self._told_of_end(order, None)

    def _told_of_end(self, order: Order, rejected: OrderRejected | None) -> list[Effect]:
        del self._open[order.client_order_id]
        owner = order.wish.owner
        last_trade = order.trade_ids[-1] if order.trade_ids else ""
        ended = OrderEnded(owner, order.wish.side, order.filled, last_trade)
        if rejected is not None:
            ended = OrderEnded(owner, order.wish.side, order.filled, last_trade, rejected.reason, rejected.text)
        return [Send(self._ledger, ended), Send(owner.address, ended)]

    # --- catching up ---------------------------------------------------------------------------------

    def _catch_up(self) -> list[Effect]:
        if self._is_catching_up:
            self._owes_catch_up = True  # one at a time: a newer one would begin all over
            return []
        self._is_catching_up, self._owes_catch_up = True, False
        accepted = frozenset(name for name, order in self._open.items() if order.is_accepted)
        self._asked_at = (self._newest_trade, accepted)
        return [Send(self._exchange, CatchUp(self._caught_up))]

    def _caught(self, listed: OpenOrdersListed) -> list[Effect]:
        """Compare with the list, and look up what was on the exchange before and is not on it any more."""
        self._is_catching_up = False
        self._caught_up, accepted = self._asked_at
        effects: list[Effect] = []
        for report in listed.orders:
            effects += self._reported(report)
        vanished = accepted - {report.client_order_id for report in listed.orders}
        effects += [Send(self._exchange, LookUpOrder(name)) for name in self._open if name in vanished]
        return effects + self._catch_up() if self._owes_catch_up else effects

    def _described(self, order: Order) -> OpenOrder:
        return OpenOrder(order.client_order_id, order.wish, order.filled, order.is_accepted)
