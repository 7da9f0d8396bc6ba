"""The grid's own orders as the exchange last told of them: whose a trade is, and how much was filled."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.calls import OrderReport, TradeReport
from engine.messages import OrderFilled, RecalledOrder
from engine.values import ZERO

MOST = 10_000


class KnownOrders:
    """Remember the orders whose client order ids start with `tag`: the `most` that were told of last.

    Open orders are told of with every catch-up, so that only ended ones are forgotten.
    """

    def __init__(self, tag: str, most: int = MOST) -> None:
        """Begin with none."""
        self._tag, self._most = tag, most
        self._by_name: dict[str, OrderReport] = {}  # the one told of last comes last
        self._names: dict[str, str] = {}  # by the exchange's order id

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, client_order_id: str) -> bool:
        return client_order_id in self._by_name

    def learn(self, reports: Iterable[OrderReport]) -> list[OrderReport]:
        """Remember those that are the grid's, and give them."""
        own = [report for report in reports if report.client_order_id.startswith(self._tag)]
        for report in own:
            self._forget(report.client_order_id)
            self._by_name[report.client_order_id] = report
            if report.order_id:
                self._names[report.order_id] = report.client_order_id
        while len(self._by_name) > self._most:
            self._forget(next(iter(self._by_name)))
        return own

    def recall(self, orders: Iterable[RecalledOrder]) -> None:
        """Remember those that the exchange has not told of; their order ids may be empty."""
        self.learn(
            OrderReport(recalled.order.client_order_id, recalled.order_id, recalled.filled, is_open=True)
            for recalled in orders
            if recalled.order.client_order_id not in self
        )

    def filled(self, client_order_id: str) -> Decimal:
        """Give what was filled of an order when it was last told of; 0 if it never was."""
        report = self._by_name.get(client_order_id)
        return ZERO if report is None else report.filled

    def fills(self, trades: Iterable[TradeReport]) -> list[OrderFilled]:
        """Give the trades of known orders, in the order given."""
        return [
            OrderFilled(
                name,
                trade.trade_id,
                trade.price,
                trade.quantity,
                trade.fee,
                trade.fee_asset,
                trade.time,
                trade.order_id,
            )
            for trade in trades
            if (name := self._names.get(trade.order_id)) is not None
        ]

    def _forget(self, client_order_id: str) -> None:
        report = self._by_name.pop(client_order_id, None)
        if report is not None:
            self._names.pop(report.order_id, None)
