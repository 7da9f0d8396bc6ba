"""Binance's own answers: its texts become decimals with nothing between.

ccxt fills in what is missing (an order without `executedQty` has filled 0) and mixes the order of trades, so what it
makes of an answer is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import body_of, moment, money, number, positive, rows, table, word
from engine.calls import BalanceReport, FoundOrder, OrderReport, Place, TradeReport
from engine.values import Kind, Side

_IS_OPEN: Mapping[str, bool] = MappingProxyType(
    {
        "NEW": True,
        "PENDING_NEW": True,
        "PARTIALLY_FILLED": True,
        "PENDING_CANCEL": True,
        "FILLED": False,
        "CANCELED": False,
        "REJECTED": False,
        "EXPIRED": False,
        "EXPIRED_IN_MATCH": False,
    }
)
_AT_ONCE = ("IOC", "FOK")  # how long it may rest


class BinanceReplies:
    """Read the answers to one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def placed(self, _told: Any, place: Place, price: str | None) -> tuple[OrderReport, tuple[TradeReport, ...]] | str:
        """Read the answer to a new order, which must tell of the order that was asked for."""
        order = table(body_of(self._client))
        if order.get("side") != place.side.upper():
            raise Unusable(f"side is {order.get('side')!r}")
        wanted = {"origQty": place.quantity} | ({} if price is None else {"price": Decimal(price)})
        for name, amount in wanted.items():
            if number(order.get(name), name) != amount:
                raise Unusable(f"{name} is {order.get(name)!r}, not {amount}")
        report = _order(order, place.client_order_id, "clientOrderId")
        time = moment(order.get("transactTime"), "transactTime")
        fills = rows(order.get("fills") or [])
        return report, tuple(self._trade(fill, "tradeId", report.order_id, time) for fill in fills)

    def order(self, _told: Any, client_order_id: str) -> OrderReport:
        """Read how the order that was asked for stands."""
        return _order(table(body_of(self._client)), client_order_id, "clientOrderId")

    def cancelled(self, _told: Any, client_order_id: str) -> OrderReport:
        """Read how a cancelled order stands; `clientOrderId` is the cancel's own name."""
        return _order(table(body_of(self._client)), client_order_id, "origClientOrderId")

    def open_orders(self, _told: Any) -> tuple[OrderReport, ...]:
        """Read a list of orders."""
        return tuple(_order(row, row.get("clientOrderId"), "clientOrderId") for row in rows(body_of(self._client)))

    def trades(self, _told: Any) -> tuple[TradeReport, ...]:
        """Read a list of trades, oldest first."""
        listed = sorted(rows(body_of(self._client)), key=lambda row: int(word(row.get("id"), "trade id")))
        return tuple(
            self._trade(row, "id", word(row.get("orderId"), "orderId"), moment(row.get("time"), "time"))
            for row in listed
        )

    def found(self, _told: Any) -> tuple[FoundOrder, ...]:
        """Read all about the orders in a list, oldest first."""
        listed = sorted(rows(body_of(self._client)), key=lambda row: int(word(row.get("orderId"), "orderId")))
        return tuple(map(_found, listed))

    def balances(self, _told: Any) -> tuple[BalanceReport, ...]:
        """Read what there is of each asset that there is anything of."""
        code = self._client.exchange.safe_currency_code
        every = (
            BalanceReport(
                code(word(row.get("asset"), "asset")),
                money(row.get("free"), "free"),
                money(row.get("locked"), "locked"),
            )
            for row in rows(table(body_of(self._client)).get("balances"))
        )
        return tuple(balance for balance in every if balance.free or balance.locked)

    def _trade(self, row: Mapping[str, Any], id_name: str, order_id: str, time: int) -> TradeReport:
        return TradeReport(
            word(row.get(id_name), id_name),
            order_id,
            positive(row.get("price"), "price"),
            positive(row.get("qty"), "qty"),
            number(row.get("commission"), "commission"),
            self._client.exchange.safe_currency_code(word(row.get("commissionAsset"), "commissionAsset")),
            time,
        )


def _order(row: Mapping[str, Any], client_order_id: Any, name: str) -> OrderReport:
    named = word(row.get(name), name)
    if named != client_order_id:
        raise Unusable(f"{name} is {named!r}, not {client_order_id!r}")
    status = row.get("status")
    if not isinstance(status, str) or status not in _IS_OPEN:
        raise Unusable(f"status is {status!r}")
    return OrderReport(
        named, word(row.get("orderId"), "orderId"), money(row.get("executedQty"), "executedQty"), _IS_OPEN[status]
    )


def _found(row: Mapping[str, Any]) -> FoundOrder:
    """Read all about one order; where a cancel's own name is told too, the order's is the original one."""
    name = "origClientOrderId" if row.get("origClientOrderId") else "clientOrderId"
    order = _order(row, row.get(name), name)
    sides = {side.upper(): side for side in Side}
    side = sides.get(word(row.get("side"), "side"))
    if side is None:
        raise Unusable(f"side is {row.get('side')!r}")
    rests = "LIMIT" in word(row.get("type"), "type") and row.get("timeInForce") not in _AT_ONCE
    return FoundOrder(
        order.client_order_id,
        order.order_id,
        side,
        Kind.LIMIT if rests else Kind.MARKET,
        money(row.get("price"), "price"),
        money(row.get("origQty"), "origQty"),
        order.filled,
        order.is_open,
        moment(row.get("time"), "time"),
        moment(row.get("updateTime"), "updateTime"),
    )
