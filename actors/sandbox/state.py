"""Everything about the sandbox at one moment, as ``GET /sandbox/state`` shows it; no secrets."""

from __future__ import annotations

from typing import Any

from actors.sandbox import market_json, order_json
from actors.sandbox.hall import Hall
from engine.plain import plain

_LEVELS = 10
_EVERYTHING = 1_000_000


def state(hall: Hall) -> dict[str, Any]:
    """Show markets and accounts; called under the hall's lock."""
    return {
        "time": hall.now_ms(),
        "skew_ms": hall.skew_ms,
        "symbols": {symbol: _symbol(hall, symbol) for symbol in hall.venue.symbols},
        "accounts": {account: _account(hall, account) for account in hall.accounts},
        "faults": hall.faults.armed(),
    }


def _symbol(hall: Hall, symbol: str) -> dict[str, Any]:
    return {
        "price": plain(hall.venue.price(symbol)),
        "status": hall.venue.status(symbol),
        "book": market_json.depth(hall.venue.depth(symbol, _LEVELS)),
    }


def _account(hall: Hall, account: str) -> dict[str, Any]:
    venue = hall.venue
    orders = [order for symbol in venue.symbols for order in venue.all_orders(account, symbol, limit=_EVERYTHING)]
    trades = [trade for symbol in venue.symbols for trade in venue.my_trades(account, symbol, limit=_EVERYTHING)]
    return {
        "balances": {
            balance.asset: {"free": order_json.amount(balance.free), "locked": order_json.amount(balance.locked)}
            for balance in venue.balances(account)
        },
        "orders": [order_json.queried(order) for order in orders],
        "trades": [order_json.traded(trade) for trade in trades],
    }
