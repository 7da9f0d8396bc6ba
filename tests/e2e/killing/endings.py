"""What a run came to: everything that must be the same whether or not it was killed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from operator import attrgetter

from attrs import frozen

from actors.store.history import GridHistoryRows
from engine.accounts import Books
from engine.journal.rows import BalanceRow
from engine.messages import TradeBooked
from engine.values import ONE, Kind, Market
from engine.venue.values import OrderRecord
from tests.e2e.killing.stored import live_orders

D = Decimal


@frozen(order=True)
class LevelFill:
    """Say one order's fill, whole."""

    slot: str
    side: str
    price: Decimal
    quantity: Decimal


@frozen
class Ending:
    """Hold a grid's fills in each level's own order, its open orders, its money, and what its cycles earned."""

    fills: tuple[LevelFill, ...]
    orders: tuple[tuple[str, str, Decimal, Decimal, Decimal], ...]
    money: tuple[BalanceRow, ...]
    cycles: tuple[tuple[str, Decimal, Decimal], ...]  # slot, quantity, profit
    profit: Decimal
    placed: tuple[tuple[str, int], ...]  # how many orders the exchange ever took, by how they stand


def ending_of(
    rows: GridHistoryRows | None, placed: Iterable[OrderRecord], market: Market, sell_ratio: Decimal = ONE
) -> Ending:
    """Put together what is stored of a grid that has armed, and the orders that the exchange ever took."""
    assert rows is not None
    assert rows.grid.plan is not None
    grid, plan = rows.grid, rows.grid.plan
    books = Books(market, grid.capital_quote, grid.capital_base, plan.price, sell_ratio, plan.levels)
    for trade in rows.trades:  # as they were booked: a part that was heard of late is booked late, and completes
        books.book(trade)
    accounts = books.accounts()
    cycles = sorted(accounts.cycles, key=attrgetter("slot"))  # a stable sort: each level's own stay in order
    return Ending(
        tuple(sorted(_fills(rows.trades), key=attrgetter("slot"))),
        tuple(sorted((row.slot, row.side.value, row.price, row.quantity, row.filled) for row in live_orders(rows))),
        tuple(sorted(rows.balances, key=attrgetter("asset"))),
        tuple((cycle.slot, cycle.quantity, cycle.profit) for cycle in cycles),
        accounts.grid_profit,
        tuple(sorted(Counter(order.status for order in placed).items())),
    )


def unlike(killed: Ending, undisturbed: Ending) -> list[str]:
    """Say what of a run is not as it would have been undisturbed."""
    told: list[str] = []
    for name in ("fills", "orders", "money", "cycles", "placed"):
        ours, theirs = getattr(killed, name), getattr(undisturbed, name)
        told += [f"{name}: {it} only when killed" for it in ours if it not in theirs]
        told += [f"{name}: {it} only when undisturbed" for it in theirs if it not in ours]
        if not told and ours != theirs:
            told.append(f"{name}: as undisturbed, but not as often or not in that order")
    if killed.profit != undisturbed.profit:
        told.append(f"a profit of {killed.profit} when killed, {undisturbed.profit} undisturbed")
    return told


def _fills(trades: tuple[TradeBooked, ...]) -> Iterator[LevelFill]:
    whole: dict[str, list[TradeBooked]] = {}
    for trade in sorted(trades, key=lambda trade: int(trade.trade_id)):
        if trade.kind is Kind.LIMIT:
            whole.setdefault(trade.client_order_id, []).append(trade)
    for parts in sorted(whole.values(), key=lambda parts: int(parts[-1].trade_id)):
        last = parts[-1]
        yield LevelFill(last.owner.slot, last.side.value, last.price, sum((part.quantity for part in parts), D(0)))
