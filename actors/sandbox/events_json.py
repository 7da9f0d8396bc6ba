"""What happened at the venue, in Binance's words: user events and trades, as JSON-able values.

Prices, quantities and fees are text with 8 decimals; times are epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from actors.sandbox.order_json import amount
from engine.venue.events import BalancesChanged, BalanceTransferred, OrderChanged, PublicTrade

Json = dict[str, Any]

_ZERO = Decimal(0)


def user_event(event: OrderChanged | BalancesChanged | BalanceTransferred, now: int) -> Json:
    """Give the user-data event that tells `event`; `now` is when it is sent."""
    match event:
        case OrderChanged():
            return _execution_report(event, now)
        case BalancesChanged():
            return {
                "e": "outboundAccountPosition",
                "E": now,
                "u": event.time,
                "B": [{"a": held.asset, "f": amount(held.free), "l": amount(held.locked)} for held in event.balances],
            }
        case BalanceTransferred():
            return {
                "e": "balanceUpdate",
                "E": now,
                "a": event.asset,
                "d": amount(event.delta),
                "T": event.time,
            }


def _execution_report(event: OrderChanged, now: int) -> Json:
    order, trade = event.order, event.trade
    report: Json = {
        "e": "executionReport",
        "E": now,
        "s": order.symbol,
        "c": order.client_order_id if event.cancel_id is None else event.cancel_id,
        "S": order.side,
        "o": order.type,
        "f": order.time_in_force,
        "q": amount(order.quantity),
        "p": amount(order.price),
        "P": amount(_ZERO),
        "F": amount(_ZERO),
        "g": -1,
        "C": "" if event.cancel_id is None else order.client_order_id,
        "x": event.execution,
        "X": order.status,
        "r": "NONE",
        "i": order.order_id,
        "l": amount(_ZERO if trade is None else trade.quantity),
        "z": amount(order.executed),
        "L": amount(_ZERO if trade is None else trade.price),
        "n": "0" if trade is None else amount(trade.commission),
        "N": None if trade is None else trade.commission_asset,
        "T": event.time,
        "t": -1 if trade is None else trade.trade_id,
        "I": event.execution_id,
        "w": order.status in {"NEW", "PARTIALLY_FILLED"},
        "m": trade is not None and trade.is_maker,
        "M": False,
        "O": order.time,
        "Z": amount(order.cumulative_quote),
        "Y": amount(_ZERO if trade is None else trade.quote_quantity),
        "Q": amount(order.quote_quantity),
        "W": order.time,
        "V": "NONE",
    }
    if order.expiry_reason is not None:
        report["eR"] = order.expiry_reason
    return report


def trade_event(trade: PublicTrade, now: int) -> Json:
    """Give a trade for the trade stream."""
    return {
        "e": "trade",
        "E": now,
        "s": trade.symbol,
        "t": trade.trade_id,
        "p": amount(trade.price),
        "q": amount(trade.quantity),
        "T": trade.time,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def aggregate_event(trades: Sequence[PublicTrade], now: int) -> Json:
    """Give the trades of one taker at one price, which share an aggregate id, as one."""
    first, last = trades[0], trades[-1]
    return {
        "e": "aggTrade",
        "E": now,
        "s": first.symbol,
        "a": first.aggregate_id,
        "p": amount(first.price),
        "q": amount(sum((trade.quantity for trade in trades), _ZERO)),
        "f": first.trade_id,
        "l": last.trade_id,
        "T": last.time,
        "m": first.buyer_is_maker,
        "M": True,
    }
