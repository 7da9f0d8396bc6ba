"""Every order and trade there ever was, and how to find them again."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from engine.venue import refusals
from engine.venue.intervals import DAY_MS
from engine.venue.orders import Order
from engine.venue.tape import page
from engine.venue.values import OrderRecord, TradeRecord

_Owner = tuple[str, str]  # account, symbol


class Archive:
    """Keep orders and trades by account and symbol, oldest first."""

    def __init__(self) -> None:
        """Start empty; order ids count from 1."""
        self._orders: dict[int, Order] = {}
        self._by_owner: defaultdict[_Owner, list[Order]] = defaultdict(list)
        self._newest: dict[tuple[str, str, str], Order] = {}  # by account, symbol and client id
        self._open: defaultdict[_Owner, dict[str, Order]] = defaultdict(dict)  # by client id, oldest first
        self._trades: defaultdict[_Owner, list[TradeRecord]] = defaultdict(list)

    def next_id(self) -> int:
        """Give the id of the next order."""
        return len(self._orders) + 1

    def add(self, order: Order) -> None:
        """Keep a new order, open for now."""
        owner = (order.account, order.rules.symbol)
        self._orders[order.order_id] = order
        self._by_owner[owner].append(order)
        self._newest[(*owner, order.client_order_id)] = order
        self._open[owner][order.client_order_id] = order

    def close(self, order: Order) -> None:
        """Note that an order is open no more; its client id may be used again."""
        del self._open[order.account, order.rules.symbol][order.client_order_id]

    def add_trade(self, account: str, trade: TradeRecord) -> None:
        """Keep a trade."""
        self._trades[account, trade.symbol].append(trade)

    # --- questions ---------------------------------------------------------------------------------

    def open_orders(self, account: str, symbol: str | None) -> list[Order]:
        """Give open orders, oldest first."""
        owners = [owner for owner in self._open if owner[0] == account and symbol in {None, owner[1]}]
        every = [order for owner in owners for order in self._open[owner].values()]
        return sorted(every, key=lambda order: order.order_id)

    def open_count(self, account: str, symbol: str) -> int:
        """Count open orders."""
        return len(self._open[account, symbol])

    def open_with(self, account: str, symbol: str, client_order_id: str) -> Order | None:
        """Find the open order with a client id."""
        return self._open[account, symbol].get(client_order_id)

    def open_by_id(self, order_id: int) -> Order:
        """Find an open order; Refused -2011 for any other."""
        order = self._orders.get(order_id)
        if order is None or not order.is_open:
            raise refusals.unknown_order()
        return order

    def find(self, account: str, symbol: str, order_id: int | None, client_order_id: str | None) -> Order | None:
        """Find an order by its id, or the newest with a client id; Refused -2039 when the two disagree."""
        if order_id is None:
            if client_order_id is None:
                raise refusals.no_order_named()
            return self._newest.get((account, symbol, client_order_id))
        order = self._orders.get(order_id)
        if order is None or (order.account, order.rules.symbol) != (account, symbol):
            return None
        if client_order_id is not None and order.client_order_id != client_order_id:
            raise refusals.ids_disagree()
        return order

    def orders(
        self, account: str, symbol: str, *, from_id: int | None, start: int | None, end: int | None, limit: int
    ) -> tuple[OrderRecord, ...]:
        """List orders, as `Venue.all_orders` says."""
        _check_window(start, end)
        orders = self._by_owner[account, symbol]
        if from_id is not None:
            begin = bisect_left(orders, from_id, key=lambda order: order.order_id)
            found = tuple(orders[begin : begin + limit])
        else:
            found = page(orders, [order.time for order in orders], start, end, limit)
        return tuple(order.record() for order in found)

    def trades(
        self,
        account: str,
        symbol: str,
        *,
        order_id: int | None,
        from_id: int | None,
        start: int | None,
        end: int | None,
        limit: int,
    ) -> tuple[TradeRecord, ...]:
        """List trades, as `Venue.my_trades` says."""
        _check_window(start, end)
        trades = self._trades[account, symbol]
        if from_id is not None:
            trades = trades[bisect_left(trades, from_id, key=lambda trade: trade.trade_id) :]
        if order_id is not None:
            trades = [trade for trade in trades if trade.order_id == order_id]
        if from_id is not None:
            return tuple(trades[:limit])
        return page(trades, [trade.time for trade in trades], start, end, limit)


def _check_window(start: int | None, end: int | None) -> None:
    if start is not None and end is not None and end - start > DAY_MS:
        raise refusals.window_too_long()
