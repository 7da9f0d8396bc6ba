"""Whether our view of an account is the exchange's: money, open orders, trades, to the last digit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import frozen

from engine.grid import GridRules
from engine.messages import FundsDescribed, OpenOrder, TradeBooked
from engine.venue.values import OrderRecord, SymbolRules, TradeRecord

ZERO = Decimal(0)


@frozen
class GridView:
    """Hold what one grid says of itself; `prefix` begins the client order ids of all its orders."""

    name: str
    prefix: str
    rules: GridRules
    funds: FundsDescribed
    orders: tuple[OpenOrder, ...]
    trades: tuple[TradeBooked, ...]


@frozen
class View:
    """Hold what both sides say at one moment; `foreign` is what the account was given that is no grid's, by asset."""

    grids: tuple[GridView, ...]
    symbols: Mapping[str, SymbolRules]
    account: Mapping[str, tuple[Decimal, Decimal]]
    orders: tuple[OrderRecord, ...]
    trades: tuple[TradeRecord, ...]
    foreign: Mapping[str, Decimal]


def differences(view: View) -> list[str]:
    """Say all that differs, money last: it differs whenever anything else does."""
    return [*_doubles(view), *_orders(view), *_trades(view), *_money(view)]


def _doubles(view: View) -> Iterator[str]:
    """Find levels with two live orders of a side, and trades that were booked twice."""
    for grid in view.grids:
        sides = Counter((order.wish.owner.slot, order.wish.side) for order in grid.orders)
        yield from (f"{grid.name}: slot {slot} has {n} {side} orders" for (slot, side), n in sides.items() if n > 1)
        ids = Counter(_side(trade.trade_id, trade.client_order_id) for trade in grid.trades)
        yield from (f"{grid.name}: trade {name} is booked {n} times" for name, n in ids.items() if n > 1)


def _orders(view: View) -> Iterator[str]:
    for grid in view.grids:
        ours = {
            order.client_order_id: (wish.side.upper(), wish.price, wish.quantity, order.filled)
            for order in grid.orders
            for wish in [order.wish]
        }
        theirs = {
            order.client_order_id: (order.side, order.price, order.quantity, order.executed)
            for order in view.orders
            if order.client_order_id.startswith(grid.prefix)
        }
        yield from _unlike(f"{grid.name}: order", ours, theirs)
        yield from (f"{grid.name}: {it.client_order_id} is not confirmed" for it in grid.orders if not it.is_accepted)


def _trades(view: View) -> Iterator[str]:
    for grid in view.grids:
        ours = {
            _side(trade.trade_id, trade.client_order_id): (
                *(trade.client_order_id, trade.side.upper(), trade.price, trade.quantity),
                *(trade.fee, trade.fee_asset, trade.time),
            )
            for trade in grid.trades
        }
        theirs = {
            _side(str(trade.trade_id), trade.client_order_id): (
                *(trade.client_order_id, "BUY" if trade.is_buyer else "SELL", trade.price, trade.quantity),
                *(trade.commission, trade.commission_asset, trade.time),
            )
            for trade in view.trades
            if trade.client_order_id.startswith(grid.prefix)
        }
        yield from _unlike(f"{grid.name}: trade", ours, theirs)


def _side(trade_id: str, client_order_id: str) -> str:
    """Tell the two sides of a trade apart: orders of one account may trade with each other."""
    return f"{trade_id} of {client_order_id}"


def _money(view: View) -> Iterator[str]:
    """Compare free and reserved of all grids, and what is nobody's grid's, with the account."""
    free, locked = _money_of_others(view)
    exact = True
    for grid in view.grids:
        market, funds = grid.rules.market, grid.funds
        _add(free, market.quote, funds.free_quote)
        _add(free, market.base, funds.free_base)
        _add(locked, market.quote, funds.reserved_quote)
        _add(locked, market.base, funds.reserved_base)
        for asset, paid in funds.other_fees:
            _add(free, asset, -paid)
        # A fee in quote is reserved with its order, and not locked by the exchange.
        exact = exact and grid.rules.fees.in_received
    for asset in sorted(free.keys() | locked.keys() | view.account.keys()):
        ours = free.get(asset, ZERO), locked.get(asset, ZERO)
        theirs = view.account.get(asset, (ZERO, ZERO))
        if sum(ours) != sum(theirs) or (ours != theirs if exact else ours[1] < theirs[1]):
            yield f"{asset}: {ours[0]} free and {ours[1]} reserved, but the account has {theirs[0]} and {theirs[1]}"


def _money_of_others(view: View) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Give what is free and what is locked of the money that is no grid's."""
    free, locked = dict(view.foreign), dict[str, Decimal]()
    prefixes = tuple(grid.prefix for grid in view.grids)
    for trade in view.trades:
        if not trade.client_order_id.startswith(prefixes):
            rules, sign = view.symbols[trade.symbol], 1 if trade.is_buyer else -1
            _add(free, rules.base, sign * trade.quantity)
            _add(free, rules.quote, -sign * trade.quote_quantity)
            _add(free, trade.commission_asset, -trade.commission)
    for order in view.orders:
        if not order.client_order_id.startswith(prefixes):
            rules, rest = view.symbols[order.symbol], order.quantity - order.executed
            asset, amount = (rules.quote, rest * order.price) if order.side == "BUY" else (rules.base, rest)
            _add(free, asset, -amount)
            _add(locked, asset, amount)
    return free, locked


def _add(money: dict[str, Decimal], asset: str, amount: Decimal) -> None:
    money[asset] = money.get(asset, ZERO) + amount


def _unlike(what: str, ours: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[str]:
    """Tell what only one side has, or has otherwise."""
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield f"{what} {name}: {_shown(ours.get(name))} but the exchange says {_shown(theirs.get(name))}"


def _shown(terms: object) -> str:
    return "nothing" if terms is None else ", ".join(map(str, terms)) if isinstance(terms, tuple) else str(terms)
