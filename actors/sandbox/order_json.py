"""Orders and trades as Binance's JSON shows them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from engine.venue.values import OrderRecord, TradeRecord

NO_LIST = -1  # the order list of an order that belongs to none


def amount(number: Decimal) -> str:
    """Write a price, quantity or fee: eight places."""
    return f"{number:.8f}"


def acknowledged(order: OrderRecord) -> dict[str, Any]:
    """Show a new order to somebody who asked for an ACK."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": NO_LIST,
        "clientOrderId": order.client_order_id,
        "transactTime": order.update_time,
    }


def placed(order: OrderRecord) -> dict[str, Any]:
    """Show a new order as RESULT."""
    return {
        **acknowledged(order),
        **_terms(order),
        "workingTime": order.time,
        "selfTradePreventionMode": "NONE",
        **_expiry(order),
    }


def placed_in_full(order: OrderRecord, trades: Iterable[TradeRecord]) -> dict[str, Any]:
    """Show a new order as FULL, with what it traded at once."""
    return {**placed(order), "fills": [_fill(trade) for trade in trades]}


def cancelled(order: OrderRecord, cancel_id: str) -> dict[str, Any]:
    """Show a cancelled order: ``clientOrderId`` is the id of the request to cancel."""
    return {
        "symbol": order.symbol,
        "origClientOrderId": order.client_order_id,
        "orderId": order.order_id,
        "orderListId": NO_LIST,
        "clientOrderId": cancel_id,
        "transactTime": order.update_time,
        **_terms(order),
        "selfTradePreventionMode": "NONE",
    }


def queried(order: OrderRecord) -> dict[str, Any]:
    """Show an order to somebody who asks for it."""
    return {
        "symbol": order.symbol,
        "orderId": order.order_id,
        "orderListId": NO_LIST,
        "clientOrderId": order.client_order_id,
        **_terms(order),
        "stopPrice": "0.00000000",
        "icebergQty": "0.00000000",
        "time": order.time,
        "updateTime": order.update_time,
        "isWorking": True,
        "workingTime": order.time,
        "selfTradePreventionMode": "NONE",
        **_expiry(order),
    }


def traded(trade: TradeRecord) -> dict[str, Any]:
    """Show one of an account's trades."""
    return {
        "symbol": trade.symbol,
        "id": trade.trade_id,
        "orderId": trade.order_id,
        "orderListId": NO_LIST,
        "price": amount(trade.price),
        "qty": amount(trade.quantity),
        "quoteQty": amount(trade.quote_quantity),
        "commission": amount(trade.commission),
        "commissionAsset": trade.commission_asset,
        "time": trade.time,
        "isBuyer": trade.is_buyer,
        "isMaker": trade.is_maker,
        "isBestMatch": True,
    }


def _terms(order: OrderRecord) -> dict[str, Any]:
    return {
        "price": amount(order.price),
        "origQty": amount(order.quantity),
        "executedQty": amount(order.executed),
        "origQuoteOrderQty": amount(order.quote_quantity),
        "cummulativeQuoteQty": amount(order.cumulative_quote),  # sic
        "status": order.status,
        "timeInForce": order.time_in_force,
        "type": order.type,
        "side": order.side,
    }


def _expiry(order: OrderRecord) -> dict[str, Any]:
    return {} if order.expiry_reason is None else {"expiryReason": order.expiry_reason}


def _fill(trade: TradeRecord) -> dict[str, Any]:
    return {
        "price": amount(trade.price),
        "qty": amount(trade.quantity),
        "commission": amount(trade.commission),
        "commissionAsset": trade.commission_asset,
        "tradeId": trade.trade_id,
    }
