"""An exchange that keeps its books and nothing else, for gateways to be tried on."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

from attrs import define, field

from engine.calls import (
    Call,
    Cancel,
    Done,
    ListBalances,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    NotFound,
    OrderReport,
    Outcome,
    Place,
    Refusal,
    Refused,
    TradeReport,
)
from engine.values import ONE, ZERO, Kind

ANY_PRICE = Decimal(100)


@define
class ModelOrder:
    """Keep one order, and its trades."""

    report: OrderReport
    quantity: Decimal
    trades: list[TradeReport] = field(factory=list)


@define
class ModelExchange:
    """Do what is asked at once; take a client order id again once its first order has ended, as Binance does."""

    random: Random
    orders: dict[str, ModelOrder] = field(factory=dict)
    trades: list[TradeReport] = field(factory=list)
    placed: Counter[str] = field(factory=Counter)

    def answer(self, call: Call) -> Outcome:
        match call:
            case Place():
                return self._place(call)
            case Cancel():
                return self._cancel(call.client_order_id)
            case LookUp():
                order = self.orders.get(call.client_order_id)
                if order is None:
                    return NotFound("Order does not exist.")
                return Done((order.report,), tuple(order.trades))
            case ListTrades():
                if call.after is None:
                    return Done((), tuple(self.trades[-1:]))
                return Done((), tuple(trade for trade in self.trades if int(trade.trade_id) > int(call.after or 0)))
            case ListOpenOrders():
                return Done(tuple(order.report for order in self.open_orders()))
            case ListOrders() | ListBalances():
                raise AssertionError("no order needs that")

    def open_orders(self) -> list[ModelOrder]:
        return [order for order in self.orders.values() if order.report.is_open]

    def trade(self, order: ModelOrder, quantity: Decimal) -> None:
        """Fill some of an order; it ends with the last of it."""
        trade = TradeReport(
            str(len(self.trades) + 1), order.report.order_id, ANY_PRICE, quantity, ZERO, "USDT", len(self.trades)
        )
        self.trades.append(trade)
        order.trades.append(trade)
        filled = order.report.filled + quantity
        self._report(order, filled, is_open=filled < order.quantity)

    def expire(self, order: ModelOrder) -> None:
        self._report(order, order.report.filled, is_open=False)

    def _place(self, place: Place) -> Outcome:
        name = place.client_order_id
        there = self.orders.get(name)
        if there is not None and there.report.is_open:
            return Refused(Refusal.RULES, "Duplicate order sent.")
        self.placed[name] += 1
        order = ModelOrder(OrderReport(name, str(len(self.orders) + 1), ZERO, is_open=True), place.quantity)
        self.orders[name] = order
        if place.kind is Kind.MARKET:
            self.trade(order, place.quantity)
        elif self.random.random() < 0.2:
            self.trade(order, self.random.choice([ONE, place.quantity]))
        return Done((order.report,), tuple(order.trades))

    def _cancel(self, name: str) -> Outcome:
        order = self.orders.get(name)
        if order is None or not order.report.is_open:
            return NotFound("Unknown order sent.")
        self.expire(order)
        return Done((order.report,))

    def _report(self, order: ModelOrder, filled: Decimal, *, is_open: bool) -> None:
        order.report = OrderReport(order.report.client_order_id, order.report.order_id, filled, is_open=is_open)
