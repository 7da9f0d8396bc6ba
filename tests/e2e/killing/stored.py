"""Whether what is stored of a grid is what the exchange says, to the last digit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from attrs import frozen

from actors.store.history import GridHistoryRows
from engine.journal.rows import HalfRow, OrderRow
from engine.orders import OrderState
from engine.values import ZERO, Side
from engine.venue.values import OrderRecord, TradeRecord

LIVE = (OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.PARTLY_FILLED)


@frozen
class Account:
    """Hold what an exchange says of an account at one moment, whose money is `foreign` beside one grid's budget.

    `prefix` begins the client order ids of the grid.
    """

    prefix: str
    money: Mapping[str, tuple[Decimal, Decimal]]
    orders: tuple[OrderRecord, ...]
    trades: tuple[TradeRecord, ...]
    foreign: Mapping[str, Decimal]


def differences(rows: GridHistoryRows | None, account: Account, *, exact: bool = True) -> list[str]:
    """Say all that differs, money last; with `exact` False more may be reserved than the exchange has locked."""
    if rows is None:
        return ["nothing is stored of the grid"]
    return [*_orders(rows, account), *_trades(rows, account), *_money(rows, account, exact=exact)]


def unfinished(rows: GridHistoryRows | None) -> list[str]:
    """Say what of the ladder does not stand yet."""
    if rows is None or rows.grid.plan is None:
        return ["the grid has not armed"]
    grid, told = rows.grid, []
    if grid.stop_reason is None and not (grid.initial_purchase_done and grid.grid_orders_initialized):
        told.append("the grid is not through with arming")
    levels = {row.slot: row for row in rows.levels}
    taken = {(row.slot, row.side) for row in live_orders(rows)}
    for planned in rows.grid.plan.levels:
        row = levels[planned.slot]
        for side, half in ((Side.BUY, row.buying), (Side.SELL, row.selling)):
            has_order = (planned.slot, side) in taken
            if has_order != half.is_ordered:
                told.append(f"level {planned.slot}: {side} {'has' if has_order else 'has no'} order, but says {half}")
            elif half.is_taken and not half.is_ordered and not half.waits:
                told.append(f"level {planned.slot}: owes a {side} order: {half}")
        if grid.stop_reason is not None:
            continue
        short = [_is_short(rows, row.buying, planned.low), _is_short(rows, row.selling, None)]
        if [half.waits for half in (row.buying, row.selling)] != short:
            told.append(f"level {planned.slot} waits for funds that are there: {row}")
        if not (row.buying.is_ordered or row.selling.is_ordered or any(short)):
            told.append(f"level {planned.slot} has no order: {row}")
    return told


def live_orders(rows: GridHistoryRows) -> list[OrderRow]:
    """Give the orders that are not over."""
    return [row for row in rows.orders if row.state in LIVE]


def _is_short(rows: GridHistoryRows, half: HalfRow, price: Decimal | None) -> bool:
    """Tell whether a side rightly waits: what it needs, quote for a buy at `price` and else base, is not free."""
    base, quote = rows.stored.key.pair.split("/")
    amount = half.quantity if half.is_taken else half.carried
    free = {row.asset: row.free for row in rows.balances}
    return half.waits and (amount > free[base] if price is None else amount * price > free[quote])


def _orders(rows: GridHistoryRows, account: Account) -> Iterator[str]:
    live = live_orders(rows)
    sides = Counter((row.slot, row.side) for row in live)
    yield from (f"slot {slot} has {count} {side} orders" for (slot, side), count in sides.items() if count > 1)
    ours = {row.client_order_id: (row.side.upper(), row.price, row.quantity, row.filled) for row in live}
    theirs = {
        order.client_order_id: (order.side, order.price, order.quantity, order.executed)
        for order in account.orders
        if order.client_order_id.startswith(account.prefix)
    }
    yield from _unlike("order", ours, theirs)
    yield from (f"order {row.client_order_id} is not confirmed" for row in live if row.state is OrderState.SUBMITTED)


def _trades(rows: GridHistoryRows, account: Account) -> Iterator[str]:
    counts = Counter((trade.trade_id, trade.client_order_id) for trade in rows.trades)
    yield from (f"trade {name} is stored {count} times" for name, count in counts.items() if count > 1)
    ours = {
        f"{trade.trade_id} of {trade.client_order_id}": (
            *(trade.side.upper(), trade.price, trade.quantity, trade.fee, trade.fee_asset, trade.time),
        )
        for trade in rows.trades
    }
    theirs = {
        f"{trade.trade_id} of {trade.client_order_id}": (
            *("BUY" if trade.is_buyer else "SELL", trade.price, trade.quantity),
            *(trade.commission, trade.commission_asset, trade.time),
        )
        for trade in account.trades
        if trade.client_order_id.startswith(account.prefix)
    }
    yield from _unlike("trade", ours, theirs)


def _money(rows: GridHistoryRows, account: Account, *, exact: bool) -> Iterator[str]:
    free, locked = dict(account.foreign), dict[str, Decimal]()
    for row in rows.balances:
        free[row.asset] = free.get(row.asset, ZERO) + row.free - row.fees_paid
        locked[row.asset] = row.reserved
    for asset in sorted(free.keys() | locked.keys() | account.money.keys()):
        ours = free.get(asset, ZERO), locked.get(asset, ZERO)
        theirs = account.money.get(asset, (ZERO, ZERO))
        if sum(ours) != sum(theirs) or (ours != theirs if exact else ours[1] < theirs[1]):
            yield f"{asset}: {ours[0]} free and {ours[1]} reserved, but the account has {theirs[0]} and {theirs[1]}"


def _unlike(what: str, ours: Mapping[str, object], theirs: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield f"{what} {name}: {_shown(ours.get(name))} but the exchange says {_shown(theirs.get(name))}"


def _shown(terms: object) -> str:
    return "nothing" if terms is None else ", ".join(map(str, terms)) if isinstance(terms, Iterable) else str(terms)
