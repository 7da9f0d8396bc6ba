"""The account's orders in one pair, of any state: what is asked for when all that a grid has there must be found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.gateways.ccxt_asking import Troubled
from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import Replies
from engine.calls import FoundOrder, Refusal, Refused

_PAGE = 1000  # orders: the most that Binance gives at a time
_FIRST = 1  # without an order id, Binance lists the newest page alone


class OrderLists:
    """List orders of one pair, oldest first."""

    def __init__(self, client: Client, pair: str, replies: Replies) -> None:
        """Ask through `client`, whose answers `replies` reads."""
        self._client = client
        self._exchange = client.exchange
        self._pair = pair
        self._replies = replies

    def after(self, order_id: str | None) -> tuple[FoundOrder, ...]:
        """List what was placed after `order_id`, all when None; Troubled where an exchange does not list what ended.

        Where ids do not rise, that is as much as one answer holds, and those placed in the same millisecond too.
        """
        if self._client.speaks_binance:
            return self._from(_FIRST if order_id is None else int(order_id) + 1)
        listed = sorted(self._every(), key=lambda order: order.placed_at)
        known = next((order for order in listed if order.order_id == order_id), None)
        if known is None:
            return tuple(listed)
        return tuple(order for order in listed if order is not known and order.placed_at >= known.placed_at)

    def _from(self, first: int) -> tuple[FoundOrder, ...]:
        """List by Binance's rising order ids, page by page."""
        orders: list[FoundOrder] = []
        while True:
            page = self._listed("fetch_orders", _PAGE, {"orderId": first})
            if any(int(order.order_id) < first for order in page):
                raise Unusable(f"orders from before {first}")
            orders += page
            if len(page) < _PAGE:
                return tuple(orders)
            first = int(page[-1].order_id) + 1

    def _every(self) -> Sequence[FoundOrder]:
        """List open orders first: one that ends meanwhile is in both lists, and stands as the second says."""
        if self._exchange.has.get("fetchOrders"):
            return self._listed("fetch_orders", None, {})
        methods = ["fetch_open_orders", *self._of_ended()]
        return list({order.order_id: order for method in methods for order in self._listed(method, None, {})}.values())

    def _of_ended(self) -> list[str]:
        """Name ccxt's methods that list what has ended: closed orders leave out the cancelled, here and there."""
        has = self._exchange.has
        if has.get("fetchCanceledAndClosedOrders"):
            return ["fetch_canceled_and_closed_orders"]
        if has.get("fetchClosedOrders"):
            return ["fetch_closed_orders", *(["fetch_canceled_orders"] if has.get("fetchCanceledOrders") else [])]
        wrong = f"{self._exchange.id} does not list orders that have ended; not asked"
        raise Troubled(Refused(Refusal.RULES, wrong))

    def _listed(self, method: str, limit: int | None, params: dict[str, Any]) -> Sequence[FoundOrder]:
        return self._replies.found(getattr(self._exchange, method)(self._pair, None, limit, params))
