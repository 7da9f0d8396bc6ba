"""The rows of a grid as rows of a table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from actors.store.connection import Row
from actors.store.json_text import from_json, to_json
from engine.addresses import GridAddresses
from engine.grid import Plan
from engine.grid_manager import OWN_SLOT
from engine.journal.rows import BalanceRow, EventRow, GridRow, HalfRow, LevelRow, OrderRow
from engine.messages import Owner, TradeBooked
from engine.orders import OrderState
from engine.values import Kind, Side

GRID: Final = (
    *("capital_quote", "capital_base", "run", "armed_at", "purchased", "initial_purchase_done"),
    *("grid_orders_initialized", "market_orders", "caught_up", "newest_trade", "liquidation", "liquidation_price"),
    *("stop_reason", "last_price", "amount_step", "sell_ratio", "pause_reason", "paused_until"),
)
_MONEY_OF_GRID: Final = (
    *("capital_quote", "capital_base", "purchased", "liquidation_price", "last_price", "amount_step", "sell_ratio"),
)
BALANCE: Final = ("asset", "free", "reserved", "fees_paid")
ORDER: Final = (
    *("client_order_id", "order_id", "slot", "level", "cycle", "attempt", "side", "kind", "price", "quantity"),
    *("answers", "reserved", "brought_in", "filled", "state", "placed_at", "ended_at", "text"),
)
LEVEL: Final = ("slot", "state", "latest", "cycle", "kept_of_buy", "buying", "selling")
TRADE: Final = (
    *("client_order_id", "trade_id", "order_id", "slot", "level", "time", "side", "kind", "price", "quantity"),
    *("fee", "fee_asset", "complete"),
)
EVENT: Final = ("time", "kind", "slot", "client_order_id", "details")

_SIDES: Final[Mapping[str, Side]] = {side.value: side for side in Side}
_KINDS: Final[Mapping[str, Kind]] = {kind.value: kind for kind in Kind}
_STATES: Final[Mapping[str, OrderState]] = {state.value: state for state in OrderState}


def of_grid(row: GridRow) -> Row:
    """Give a grid's columns, but for its plan."""
    return (
        *(str(row.capital_quote), str(row.capital_base), row.run, row.armed_at, str(row.purchased)),
        *(row.initial_purchase_done, row.grid_orders_initialized, row.market_orders, row.caught_up),
        *(row.newest_trade, _holdable(row.liquidation), str(row.liquidation_price), _holdable(row.stop_reason)),
        *(str(row.last_price), str(row.amount_step), str(row.sell_ratio), _holdable(row.pause_reason)),
        row.paused_until,
    )


def to_grid(row: Row, plan: Plan | None) -> GridRow:
    """Read a grid's columns."""
    grid: dict[str, Any] = dict(zip(GRID, row, strict=True))
    for name in _MONEY_OF_GRID:
        grid[name] = Decimal(grid[name])
    for name in ("initial_purchase_done", "grid_orders_initialized"):
        grid[name] = bool(grid[name])
    return GridRow(**grid, plan=plan)


def of_balance(row: BalanceRow) -> Row:
    """Give a balance's columns."""
    return row.asset, str(row.free), str(row.reserved), str(row.fees_paid)


def to_balance(row: Row) -> BalanceRow:
    """Read a balance's columns."""
    asset, free, reserved, fees_paid = row
    return BalanceRow(asset, Decimal(free), Decimal(reserved), Decimal(fees_paid))


def of_order(row: OrderRow) -> Row:
    """Give an order's columns."""
    return (
        *(row.client_order_id, row.order_id, row.slot, row.level, row.cycle, row.attempt, row.side.value),
        *(row.kind.value, str(row.price), str(row.quantity), row.answers, str(row.reserved), str(row.brought_in)),
        *(str(row.filled), row.state.value, row.placed_at, row.ended_at, _holdable(row.text)),
    )


def to_order(row: Row) -> OrderRow:
    """Read an order's columns."""
    order: dict[str, Any] = dict(zip(ORDER, row, strict=True))
    for name in ("price", "quantity", "reserved", "brought_in", "filled"):
        order[name] = Decimal(order[name])
    order["side"], order["kind"] = _SIDES[order["side"]], _KINDS[order["kind"]]
    order["state"] = _STATES[order["state"]]
    return OrderRow(**order)


def of_level(row: LevelRow) -> Row:
    """Give a level's columns."""
    sides = to_json(row.buying), to_json(row.selling)
    return row.slot, row.state, row.latest.value, row.cycle, str(row.kept_of_buy), *sides


def to_level(row: Row) -> LevelRow:
    """Read a level's columns."""
    slot, state, latest, cycle, kept_of_buy, buying, selling = row
    return LevelRow(
        slot=slot,
        state=state,
        latest=_SIDES[latest],
        cycle=cycle,
        kept_of_buy=Decimal(kept_of_buy),
        buying=from_json(buying, HalfRow),
        selling=from_json(selling, HalfRow),
    )


def of_trade(trade: TradeBooked) -> Row:
    """Give a trade's columns."""
    return (
        *(trade.client_order_id, trade.trade_id, trade.order_id, trade.owner.slot, trade.owner.level, trade.time),
        *(trade.side.value, trade.kind.value, str(trade.price), str(trade.quantity), str(trade.fee)),
        *(trade.fee_asset, trade.complete),
    )


def of_event(row: EventRow) -> Row:
    """Give an event's columns."""
    return row.time, row.kind, row.slot, row.client_order_id, to_json(row.details)


def to_event(row: Row) -> EventRow:
    """Read an event's columns."""
    time, kind, slot, client_order_id, details = row
    pairs = from_json(details, tuple[tuple[str, str], ...])
    return EventRow(time=time, kind=kind, slot=slot, client_order_id=client_order_id, details=pairs)


class TradeReader:
    """Read the columns of trades; their owners live in the grid called `grid`."""

    def __init__(self, grid: str) -> None:
        """Take the name that the grid has now."""
        self._addresses = GridAddresses(grid)
        self._owners: dict[str, Owner] = {}

    def read(self, row: Row) -> TradeBooked:
        """Read one trade."""
        client_order_id, trade_id, order_id, slot, level, time, side, kind, price, quantity, fee, asset, complete = row
        owner = self._owners.get(slot) or self._owner(slot, level)
        return TradeBooked(
            trade_id,
            client_order_id,
            owner,
            time,
            _SIDES[side],
            _KINDS[kind],
            Decimal(price),
            Decimal(quantity),
            Decimal(fee),
            asset,
            bool(complete),
            order_id,
        )

    def _owner(self, slot: str, level: int | None) -> Owner:
        addresses = self._addresses
        if slot == OWN_SLOT:
            owner = Owner(addresses.grid, slot, level, addresses.grid_manager)
        else:
            owner = Owner(addresses.grid, slot, level, addresses.level(slot))
        self._owners[slot] = owner
        return owner


def _holdable(text: str | None) -> str | None:
    """Give a text as any database can hold it: an exchange's may have a NUL, or half of a character, in it."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
