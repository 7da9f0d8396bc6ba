"""What a journal writes down, and how it is told to people."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.journal.rows import EventRow, OrderRow
from engine.messages import (
    BalancesDiffered,
    CancelOrder,
    CaughtUp,
    GridArmed,
    GridStopped,
    InventoryBought,
    LevelsArmed,
    LevelWaited,
    LiquidationBegun,
    OrderAccepted,
    OrderEnded,
    OrdersRecovered,
    RecordIntent,
    TradeBooked,
)
from engine.messages.steering import GridPaused, GridResumed, PauseBegun
from engine.plain import plain

_OfOrder = RecordIntent | OrderAccepted | TradeBooked | OrderEnded | CancelOrder | LevelWaited
_OfGrid = (
    GridArmed
    | InventoryBought
    | LevelsArmed
    | CaughtUp
    | LiquidationBegun
    | GridStopped
    | PauseBegun
    | GridPaused
    | GridResumed
    | OrdersRecovered
    | BalancesDiffered
)
Noted = _OfOrder | _OfGrid


def told(event: Noted, time: int, order: OrderRow | None = None) -> EventRow | None:
    """Tell an event of `time` (epoch ms), of an `order` that is known; None for one that is nobody's business."""
    return _of_order(event, time, order) if isinstance(event, _OfOrder) else _of_grid(event, time)


def _of_order(event: _OfOrder, time: int, order: OrderRow | None) -> EventRow:
    slot = None if order is None else order.slot
    match event:
        case RecordIntent():
            wish = event.wish
            details = {"side": wish.side, "kind": wish.kind, "price": wish.price, "quantity": wish.quantity}
            return _row("order_intended", time, wish.owner.slot, event.order.client_order_id, details)
        case OrderAccepted():
            return _row("order_accepted", time, slot, event.client_order_id, {"order_id": event.order_id})
        case TradeBooked():
            return _row("trade_booked", time, event.owner.slot, event.client_order_id, _details_of(event))
        case OrderEnded():
            details = {"side": event.side, "filled": event.filled, "refusal": event.refusal, "text": event.text}
            name = None if order is None else order.client_order_id
            return _row("order_ended", time, event.owner.slot, name, details)
        case CancelOrder():
            return _row("cancel_asked", time, slot, event.client_order_id, {})
        case LevelWaited():
            why = "too_small" if event.too_small else "funds"
            return _row("level_waits", time, event.slot, None, {"side": event.side, "for": why})
        case _:
            assert_never(event)


def _of_grid(event: _OfGrid, time: int) -> EventRow | None:
    kind, details = _life_of(event)
    return None if kind is None else _row(kind, time, None, None, details)


def _life_of(event: _OfGrid) -> tuple[str | None, dict[str, object]]:
    match event:
        case GridArmed():
            plan = event.plan
            armed = {"price": plan.price, "levels": len(plan.levels), "unit": plan.unit, "purchase": plan.purchase}
            return "grid_armed", armed
        case InventoryBought():
            return "initial_purchase_done", {}
        case LevelsArmed():
            return "grid_orders_initialized", {}
        case CaughtUp():
            return None, {}  # a bookmark
        case OrdersRecovered():
            return "grid_recovered", {"orders": event.orders, "open": event.still_open}
        case LiquidationBegun():
            return "liquidation_begun", {"reason": event.reason, "price": event.price}
        case GridStopped():
            return "grid_stopped", {"reason": event.reason, "quote": event.quote, "base": event.base}
        case PauseBegun():
            return "pause_begun", {"reason": event.reason, "until": event.until}
        case GridPaused():
            held = {"quote": event.quote, "base": event.base}
            return "grid_paused", {"reason": event.reason, "until": event.until, **held}
        case GridResumed():
            return "grid_resumed", {"reason": event.reason}
        case BalancesDiffered():
            told_of = {"asset": event.asset, "ours": event.ours, "account": event.account, "text": event.text}
            return "balances_differed", told_of
        case _:
            assert_never(event)


def _details_of(trade: TradeBooked) -> dict[str, object]:
    return {
        "trade_id": trade.trade_id,
        "side": trade.side,
        "price": trade.price,
        "quantity": trade.quantity,
        "fee": trade.fee,
        "fee_asset": trade.fee_asset,
        "complete": trade.complete,
    }


def _row(kind: str, time: int, slot: str | None, name: str | None, details: dict[str, object]) -> EventRow:
    """Write what there is to say; what is empty is left out."""
    worded = tuple((key, _worded(value)) for key, value in details.items() if value is not None and value != "")
    return EventRow(time=time, kind=kind, slot=slot, client_order_id=name, details=worded)


def _worded(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
