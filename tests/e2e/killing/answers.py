"""Whether each level answered each of its fills, once and in the right quantity."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from actors.store.history import GridHistoryRows
from engine.journal.rows import OrderRow
from engine.messages import TradeBooked
from engine.values import ONE, ZERO, Kind, Market, Side

D = Decimal


def wrong_answers(
    rows: GridHistoryRows | None, market: Market, fee_rate: Decimal, ratios: tuple[Decimal, Decimal] = (ONE, ONE)
) -> list[str]:
    """Say which complete order has not exactly one answer: what it filled, at the other price of its level.

    `ratios` are those of buys and of sells; `fee_rate` is taken from what buys receive. For levels that never carried
    anything from one order into the next.
    """
    assert rows is not None
    return list(_wrong(rows, market, fee_rate, ratios))


def _wrong(rows: GridHistoryRows, market: Market, fee_rate: Decimal, ratios: tuple[Decimal, Decimal]) -> Iterator[str]:
    assert rows.grid.plan is not None
    levels = {level.slot: level for level in rows.grid.plan.levels}
    for trades in _complete(rows.trades):
        last = trades[-1]
        slot, level = last.owner.slot, levels[last.owner.slot]
        quantity = sum((trade.quantity for trade in trades), ZERO)
        if last.side is Side.BUY:
            kept = quantity - sum((trade.fee for trade in trades if trade.fee_asset == market.base), ZERO)
            wanted = (Side.SELL, level.high, market.floor_amount(kept * ratios[1]))
        else:
            wanted = (Side.BUY, level.low, market.floor_amount(quantity * ratios[0] / (ONE - fee_rate)))
        answers = [row for row in rows.orders if row.slot == slot and row.answers == last.trade_id]
        if [_terms(row) for row in answers] != [wanted]:
            yield f"{last.client_order_id} should be answered by {wanted}, but is by {answers}"


def _complete(trades: tuple[TradeBooked, ...]) -> Iterator[list[TradeBooked]]:
    """Give the trades of each limit order that filled to the end."""
    orders: dict[str, list[TradeBooked]] = {}
    for trade in trades:
        if trade.kind is Kind.LIMIT:
            orders.setdefault(trade.client_order_id, []).append(trade)
    return (parts for parts in orders.values() if parts[-1].complete)


def _terms(row: OrderRow) -> tuple[Side, Decimal, Decimal]:
    return row.side, row.price, row.quantity
