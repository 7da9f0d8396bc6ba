"""Answers of all other exchanges, as ccxt tells them: its floats are written out before they become decimals."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import body_of, moment, money, number, positive, rows, table, word
from engine.calls import BalanceReport, FoundOrder, OrderReport, Place, TradeReport
from engine.values import ZERO, Kind, Side

_IS_OPEN: Mapping[str, bool] = MappingProxyType(
    {"open": True, "canceling": True, "closed": False, "canceled": False, "expired": False, "rejected": False}
)
_AT_ONCE = ("IOC", "FOK")  # how long it may rest


class UnifiedReplies:
    """Read the answers to one client; an exchange that tells no fee is taken to charge none, in `quote`."""

    def __init__(self, client: Client, quote: str) -> None:
        self._client = client
        self._quote = quote

    def placed(self, told: Any, place: Place, _price: str | None) -> tuple[OrderReport, tuple[TradeReport, ...]] | str:
        """Read the answer to a new order; many exchanges tell its id and no more."""
        order = self._table(told)
        order_id = word(order.get("id"), "order id")
        if order.get("status") is None or order.get("filled") is None:
            return order_id
        trades = [{"order": order_id, "timestamp": order.get("timestamp"), **_present(row)} for row in _trades(order)]
        return _order(order, place.client_order_id), tuple(self._trade(row) for row in trades)

    def order(self, told: Any, client_order_id: str) -> OrderReport:
        """Read how the order that was asked for stands."""
        return _order(self._table(told), client_order_id)

    def cancelled(self, told: Any, _client_order_id: str) -> None:
        """Read nothing: what exchanges tell of a cancelled order differs too much."""
        self._table(told)

    def open_orders(self, told: Any) -> tuple[OrderReport, ...]:
        """Read a list of orders; one without a name of its maker's has none of ours."""
        return tuple(_order(row, str(row.get("clientOrderId") or "")) for row in self.listed(told))

    def trades(self, told: Any) -> tuple[TradeReport, ...]:
        """Read a list of trades, oldest first."""
        return tuple(self._trade(row) for row in self.listed(told))

    def found(self, told: Any) -> tuple[FoundOrder, ...]:
        """Read all about the orders in a list; one without a name of its maker's has none of ours."""
        return tuple(map(_found, self.listed(told)))

    def balances(self, told: Any) -> tuple[BalanceReport, ...]:
        """Read what there is of each asset that there is anything of."""
        account = self._table(told)
        free, used, total = (table(account.get(name)) for name in ("free", "used", "total"))
        every = (_balance(asset, free.get(asset), used.get(asset), total.get(asset)) for asset in {**free, **total})
        return tuple(balance for balance in every if balance.free or balance.locked)

    def listed(self, told: Any) -> list[Mapping[str, Any]]:
        """Read any list."""
        body_of(self._client)
        return list(rows(told))

    def _table(self, told: Any) -> Mapping[str, Any]:
        body_of(self._client)
        return table(told)

    def _trade(self, row: Mapping[str, Any]) -> TradeReport:
        fee = row.get("fee") or {}
        cost = fee.get("cost")
        return TradeReport(
            word(row.get("id"), "trade id"),
            word(row.get("order"), "the trade's order id"),
            positive(row.get("price"), "trade price"),
            positive(row.get("amount"), "trade amount"),
            ZERO if cost is None else number(cost, "fee"),
            self._quote if cost is None else word(fee.get("currency"), "fee asset"),
            moment(row.get("timestamp"), "trade time"),
        )


def _order(row: Mapping[str, Any], client_order_id: str) -> OrderReport:
    order_id, status = word(row.get("id"), "order id"), row.get("status")
    if not isinstance(status, str) or status not in _IS_OPEN:
        raise Unusable(f"order status is {status!r}")
    return OrderReport(client_order_id, order_id, money(row.get("filled"), "filled"), _IS_OPEN[status])


def _found(row: Mapping[str, Any]) -> FoundOrder:
    order = _order(row, str(row.get("clientOrderId") or ""))
    side = word(row.get("side"), "side")
    if side not in {*Side}:
        raise Unusable(f"side is {side!r}")
    placed_at, changed_at = row.get("timestamp"), row.get("lastUpdateTimestamp") or row.get("lastTradeTimestamp")
    rests = row.get("type") != "market" and row.get("price") and row.get("timeInForce") not in _AT_ONCE
    amount = order.filled if row.get("amount") is None and not rests else row.get("amount")  # some are for a cost
    return FoundOrder(
        order.client_order_id,
        order.order_id,
        Side(side),
        Kind.LIMIT if rests else Kind.MARKET,
        money(row.get("price") or 0, "price"),
        money(amount, "amount"),
        order.filled,
        order.is_open,
        moment(placed_at, "order time"),
        moment(changed_at or placed_at, "time of its last change"),
    )


def _balance(asset: str, free: Any, used: Any, total: Any) -> BalanceReport:
    """Read one balance; an exchange that tells one number only is taken to hold nothing back."""
    locked = money(used or 0, f"used {asset}")
    available = money(total if free is None else free, f"free {asset}")
    if total is not None and free is None:
        available = money(available - locked, f"free {asset}")
    elif total is not None and used is None:
        locked = money(money(total, f"total {asset}") - available, f"used {asset}")
    return BalanceReport(asset, available, locked)


def _trades(order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(rows(order.get("trades") or []))


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
