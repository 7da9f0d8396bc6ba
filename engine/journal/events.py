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
    RecordIntent,
    TradeBooked,
)
from engine.plain import plain

Noted = (
    RecordIntent
    | OrderAccepted
    | TradeBooked
    | OrderEnded
    | CancelOrder
    | LevelWaited
    | GridArmed
    | InventoryBought
    | LevelsArmed
    | CaughtUp
    | LiquidationBegun
    | GridStopped
    | BalancesDiffered
)


def told(event: Noted, time: int, order: OrderRow | None = None) -> EventRow | None:
    """Tell an event of `time` (epoch ms), of an `order` that is known; None for one that is nobody's business."""
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
        case GridArmed():
            plan = event.plan
            details = {"price": plan.price, "levels": len(plan.levels), "unit": plan.unit, "purchase": plan.purchase}
            return _row("grid_armed", time, None, None, details)
        case InventoryBought():
            return _row("initial_purchase_done", time, None, None, {})
        case LevelsArmed():
            return _row("grid_orders_initialized", time, None, None, {})
        case CaughtUp():
            return None  # a bookmark
        case LiquidationBegun():
            details = {"reason": event.reason, "price": event.price}
            return _row("liquidation_begun", time, None, None, details)
        case GridStopped():
            details = {"reason": event.reason, "quote": event.quote, "base": event.base}
            return _row("grid_stopped", time, None, None, details)
        case BalancesDiffered():
            details = {"asset": event.asset, "ours": event.ours, "account": event.account, "text": event.text}
            return _row("balances_differed", time, None, None, details)
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
