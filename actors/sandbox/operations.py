"""What can be asked of the sandbox, by the names of the WebSocket API; REST routes map to the same operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from actors.sandbox import weights
from actors.sandbox.account_data import AccountData
from actors.sandbox.market_data import MarketData
from actors.sandbox.trading import Trading
from actors.sandbox.weights import Weight

Params = Mapping[str, str]


@frozen
class Call:
    """Ask for an operation: `account` (None when not signed), parameters as text, the client's IP address."""

    account: str | None
    params: Params
    address: str


@frozen
class Operation:
    """Know how to perform a call, what it weighs, whether it must be signed, and whether it places an order.

    `free` operations weigh nothing when they succeed.
    """

    perform: Callable[[Call], Any]
    weight: Weight
    signed: bool = False
    free: bool = False
    places: bool = False


def operations(market: MarketData, trading: Trading, accounts: AccountData) -> dict[str, Operation]:
    """Give every operation by its name."""
    public = {
        "ping": (market.ping, weights.one),
        "time": (market.time, weights.one),
        "exchangeInfo": (market.exchange_info, weights.always(20)),
        "depth": (market.depth, weights.depth),
        "klines": (market.klines, weights.always(2)),
        "trades.recent": (market.recent_trades, weights.always(25)),
        "trades.aggregate": (market.aggregate_trades, weights.always(4)),
        "ticker.24hr": (market.ticker_day, weights.day_ticker),
        "ticker": (market.ticker_window, weights.window_ticker),
        "ticker.price": (market.ticker_price, weights.small_ticker),
        "ticker.book": (market.ticker_book, weights.small_ticker),
        "avgPrice": (market.average_price, weights.always(2)),
        "system.status": (market.system_status, weights.one),
        "nothing": (market.nothing, weights.one),
    }
    return {
        **{name: Operation(_public(ask), weight) for name, (ask, weight) in public.items()},
        "order.place": Operation(_private(trading.place), weights.one, signed=True, free=True, places=True),
        "order.test": Operation(_private(trading.test), weights.one, signed=True),
        "order.cancel": Operation(_private(trading.cancel), weights.one, signed=True, free=True),
        "order.cancelReplace": Operation(_private(trading.replace), weights.one, signed=True, free=True, places=True),
        "order.status": Operation(_private(trading.status), weights.always(4), signed=True),
        "openOrders.status": Operation(_private(trading.open_orders), weights.open_orders, signed=True),
        "openOrders.cancelAll": Operation(_private(trading.cancel_all), weights.one, signed=True, free=True),
        "allOrders": Operation(_private(trading.all_orders), weights.always(20), signed=True),
        "myTrades": Operation(_private(trading.my_trades), weights.my_trades, signed=True),
        "account.status": Operation(_private(accounts.status), weights.always(20), signed=True),
        "account.commission": Operation(_private(accounts.commission), weights.always(20), signed=True),
        "account.rateLimits.orders": Operation(_private(accounts.order_counts), weights.always(40), signed=True),
        "asset.tradeFee": Operation(_private(accounts.trade_fees), weights.one, signed=True),
    }


def _public(ask: Callable[[Params], Any]) -> Callable[[Call], Any]:
    return lambda call: ask(call.params)


def _private(ask: Callable[[str, Params], Any]) -> Callable[[Call], Any]:
    def perform(call: Call) -> Any:
        assert call.account is not None, "the door authenticates what is signed"
        return ask(call.account, call.params)

    return perform
