"""Finding orders by our own names for them, on exchanges that know these and on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actors.gateways.ccxt_asking import Troubled
from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import Replies, body_of, in_all, rows, word
from actors.gateways.ccxt_trades import TradeLists
from actors.gateways.order_ids import OrderIds
from engine.calls import Done, NotFound, OrderReport

_READINGS = 2  # an order may fill between the look at it and the look at its trades


class Lookups:
    """Look up the orders of one pair."""

    def __init__(self, client: Client, pair: str, ids: OrderIds, replies: Replies, trades: TradeLists) -> None:
        self._client = client
        self._exchange = client.exchange
        self._pair = pair
        self._ids = ids
        self._replies = replies
        self._trades = trades

    def look_up(self, client_order_id: str) -> Done:
        """Tell how an order stands and its trades, which agree."""
        for _ in range(_READINGS):
            order_id, params = self.address(client_order_id)
            told = self._exchange.fetch_order(order_id, self._pair, params)
            order = self._replies.order(told, client_order_id)
            trades = self._trades.of_order(order.order_id) if order.filled else ()
            if in_all(trades) == order.filled:
                return Done((order,), trades)
        raise Unusable(f"order {order.order_id} has filled {order.filled}, its trades {in_all(trades)}")

    def open_orders(self) -> tuple[OrderReport, ...]:
        """List every open order, also those that are not ours."""
        return self._replies.open_orders(self._exchange.fetch_open_orders(self._pair))

    def address(self, client_order_id: str) -> tuple[str | None, dict[str, Any]]:
        """Give the id and the parameters by which the exchange finds an order; Troubled when it knows none."""
        if self._client.speaks_binance:
            return None, {"origClientOrderId": client_order_id}
        known = self._ids.find(client_order_id)
        return known or self._search(client_order_id), {}

    def _search(self, client_order_id: str) -> str:
        """Find an order that this process has not seen among all that the exchange lists."""
        ended = next((name for name in ("fetchClosedOrders", "fetchOrders") if self._exchange.has.get(name)), None)
        methods = ["fetch_open_orders"]
        if ended is not None:
            methods.append("fetch_closed_orders" if ended == "fetchClosedOrders" else "fetch_orders")
        nameless = ended is None
        for method in methods:
            for order in self._listed(method):
                name = order.get("clientOrderId")
                if name == client_order_id:
                    order_id = word(order.get("id"), "order id")
                    self._ids.note(client_order_id, order_id)
                    return order_id
                nameless = nameless or name is None
        if nameless:
            raise Unusable(f"{client_order_id} is not listed, but not all orders are, with our names for them")
        raise Troubled(NotFound(f"{client_order_id} is not among the orders of {self._pair}"))

    def _listed(self, method: str) -> Sequence[Mapping[str, Any]]:
        told = getattr(self._exchange, method)(self._pair)
        body_of(self._client)
        return rows(told)
