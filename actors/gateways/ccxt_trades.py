"""The account's trades in one pair."""

from __future__ import annotations

from typing import Any

from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import Replies
from engine.calls import TradeReport

_PAGE = 1000  # trades: the most that Binance gives at a time


class TradeLists:
    """List trades of one pair, oldest first."""

    def __init__(self, client: Client, pair: str, replies: Replies) -> None:
        self._client = client
        self._exchange = client.exchange
        self._pair = pair
        self._replies = replies

    def after(self, trade_id: str | None) -> tuple[TradeReport, ...]:
        """List what came after `trade_id`; the newest alone, if there is any, when None.

        Where ids do not rise, that is the newest page at most: what is missing still shows in the orders themselves.
        """
        if trade_id is None:
            return self._page(1, {})[-1:]
        if self._client.speaks_binance:
            return self._from(int(trade_id) + 1, {})
        newest = self._page(None, {})
        ids = [trade.trade_id for trade in newest]
        return newest[ids.index(trade_id) + 1 :] if trade_id in ids else newest

    def of_order(self, order_id: str) -> tuple[TradeReport, ...]:
        """List the trades of one order."""
        if self._client.speaks_binance:
            trades = self._page(_PAGE, {"orderId": order_id})
            return trades if len(trades) < _PAGE else self._from(0, {"orderId": order_id})  # those were the newest
        if self._exchange.has.get("fetchOrderTrades"):
            return self._replies.trades(self._exchange.fetch_order_trades(order_id, self._pair))
        return tuple(trade for trade in self._page(None, {}) if trade.order_id == order_id)

    def _from(self, first: int, params: dict[str, Any]) -> tuple[TradeReport, ...]:
        """List by Binance's rising trade ids, page by page."""
        trades: list[TradeReport] = []
        while True:
            page = self._page(_PAGE, params | {"fromId": first})
            if any(int(trade.trade_id) < first for trade in page):
                raise Unusable(f"trades from before {first}")
            trades += page
            if len(page) < _PAGE:
                return tuple(trades)
            first = int(page[-1].trade_id) + 1

    def _page(self, limit: int | None, params: dict[str, Any]) -> tuple[TradeReport, ...]:
        return self._replies.trades(self._exchange.fetch_my_trades(self._pair, None, limit, params))
