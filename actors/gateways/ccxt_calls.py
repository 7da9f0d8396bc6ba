"""Calls to an exchange, put through ccxt; prices and quantities go and come as plain decimals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, assert_never

from actors.gateways.binance_replies import BinanceReplies
from actors.gateways.ccxt_asking import Troubled, ask
from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_lookups import Lookups
from actors.gateways.ccxt_orders import OrderLists
from actors.gateways.ccxt_replies import Replies, in_all
from actors.gateways.ccxt_trades import TradeLists
from actors.gateways.order_ids import OrderIds
from actors.gateways.unified_replies import UnifiedReplies
from engine.calls import (
    Call,
    Cancel,
    Done,
    ListBalances,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    Outcome,
    Place,
    Refusal,
    Refused,
    Unknown,
)
from engine.values import Kind, Side

_TRUNCATE: Final = 0  # ccxt's own number for it


class CcxtCalls:
    """Put calls for one pair through one client, whose markets are loaded.

    `ids` is shared by all who call the same exchange: not all exchanges can be asked by client order id.
    """

    def __init__(self, client: Client, pair: str, ids: OrderIds) -> None:
        self._client = client
        self._exchange = client.exchange
        self._pair = pair
        self._ids = ids
        unified = UnifiedReplies(client, pair.partition("/")[2])
        self._replies: Replies = BinanceReplies(client) if client.speaks_binance else unified
        self._trades = TradeLists(client, pair, self._replies)
        self._orders = OrderLists(client, pair, self._replies)
        self._lookups = Lookups(client, pair, ids, self._replies, self._trades)

    def put_through(self, call: Call) -> Outcome:
        """Make one call and tell how it ended, whatever the exchange does."""
        try:
            match call:
                case Place():
                    return self._place(call)
                case Cancel():
                    return self._cancel(call.client_order_id)
                case LookUp():
                    return ask(self._client, lambda: self._lookups.look_up(call.client_order_id))
                case ListTrades():
                    return ask(self._client, lambda: Done(trades=self._trades.after(call.after)))
                case ListOpenOrders():
                    return ask(self._client, lambda: Done(orders=self._lookups.open_orders()))
                case ListOrders():
                    return ask(self._client, lambda: Done(found=self._orders.after(call.after)))
                case ListBalances():
                    return ask(self._client, self._balances)
                case _:
                    assert_never(call)
        except Troubled as troubled:
            return troubled.trouble

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    # --- placing -------------------------------------------------------------------------------------

    def _place(self, place: Place) -> Outcome:
        done = ask(self._client, lambda: self._send(place))
        return done if done is not None else self._how_it_went(place.client_order_id)

    def _send(self, place: Place) -> Done | None:
        """Place an order; None when the reply does not tell all that it should."""
        kind, price, params = self._terms(place)
        quantity = f"{place.quantity:f}"
        self._check_steps(quantity, price)
        told = self._exchange.create_order(self._pair, kind, place.side.value, quantity, price, params)
        read = self._replies.placed(told, place, price)
        if isinstance(read, str):
            self._ids.note(place.client_order_id, read)
            return None
        order, trades = read
        self._ids.note(place.client_order_id, order.order_id)
        return Done((order,), trades) if in_all(trades) == order.filled else None

    def _terms(self, place: Place) -> tuple[str, str | None, dict[str, Any]]:
        """Give ccxt's type, price and parameters for an order."""
        params: dict[str, Any] = {"clientOrderId": place.client_order_id}
        if place.kind is Kind.LIMIT:
            return "limit", f"{place.price:f}", params | ({"postOnly": True} if place.post_only else {})
        if place.side is Side.SELL:
            return "market", None, params
        # a market order of an exchange would pay any price
        tick = self._exchange.market(self._pair)["precision"]["price"]
        mode = self._exchange.precisionMode
        price = self._exchange.decimal_to_precision(f"{place.price:f}", _TRUNCATE, tick, mode)
        return "limit", str(price), params | {"timeInForce": "IOC"}

    def _check_steps(self, quantity: str, price: str | None) -> None:
        """Refuse what ccxt would round on the way: the exchange is to get exactly what was asked for."""
        sent = [("quantity", quantity, self._exchange.amount_to_precision(self._pair, quantity))]
        if price is not None:
            sent.append(("price", price, self._exchange.price_to_precision(self._pair, price)))
        for name, asked, rounded in sent:
            if Decimal(rounded) != Decimal(asked):
                wrong = f"{name} {asked} is not a multiple of what the market allows; nearest: {rounded}; not sent"
                raise Troubled(Refused(Refusal.RULES, wrong))

    # --- cancelling ----------------------------------------------------------------------------------

    def _cancel(self, client_order_id: str) -> Outcome:
        done = ask(self._client, lambda: self._take_back(client_order_id))
        return done if done is not None else self._how_it_went(client_order_id)

    def _take_back(self, client_order_id: str) -> Done | None:
        """Cancel an order; None when the reply does not tell how it stands then."""
        order_id, params = self._lookups.address(client_order_id)
        told = self._exchange.cancel_order(order_id, self._pair, params)
        order = self._replies.cancelled(told, client_order_id)
        return None if order is None else Done((order,))

    def _how_it_went(self, client_order_id: str) -> Outcome:
        """Look up an order that was placed or cancelled; failing that, what became of it is unknown."""
        try:
            return ask(self._client, lambda: self._lookups.look_up(client_order_id))
        except Troubled as troubled:
            return Unknown(f"accepted, and then: {troubled.trouble.text}")

    # --- the account ---------------------------------------------------------------------------------

    def _balances(self) -> Done:
        return Done(balances=self._replies.balances(self._exchange.fetch_balance()))
