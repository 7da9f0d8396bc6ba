"""What each operation weighs against the limit per minute, as Binance announces it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Weight = Callable[[Mapping[str, str]], int]


def always(weight: int) -> Weight:
    """Weigh the same whatever is asked."""
    return lambda _params: weight


one = always(1)


def depth(params: Mapping[str, str]) -> int:
    """Weigh a book by how many levels are asked for."""
    limit = params.get("limit", "100")
    levels = int(limit) if limit.isdecimal() else 100
    return 5 if levels <= 100 else 25 if levels <= 500 else 50 if levels <= 1000 else 250


def day_ticker(params: Mapping[str, str]) -> int:
    """Weigh a 24 h ticker: much dearer for all symbols."""
    return 2 if "symbol" in params or "symbols" in params else 80


def window_ticker(params: Mapping[str, str]) -> int:
    """Weigh a rolling ticker by its symbols."""
    return 4 * max(1, params.get("symbols", "").count(",") + 1)


def small_ticker(params: Mapping[str, str]) -> int:
    """Weigh a price or best-price ticker: dearer for several symbols."""
    return 2 if "symbol" in params else 4


def open_orders(params: Mapping[str, str]) -> int:
    """Weigh open orders: much dearer for all symbols."""
    return 6 if "symbol" in params else 80


def my_trades(params: Mapping[str, str]) -> int:
    """Weigh trades: cheaper for one order's."""
    return 5 if "orderId" in params else 20
