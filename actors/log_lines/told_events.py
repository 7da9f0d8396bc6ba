"""The life of a grid's orders as log records: a sentence for people, with what it is about for programs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.journal.rows import EventRow
from engine.messages.alerting import EventsTold

_log = logging.getLogger("gridactors.events")

_SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "order_intended": "placing a {kind} order to {side} {quantity} at {price}",
        "order_accepted": "the exchange has the order",
        "trade_booked": "{side} {quantity} at {price} filled, fee {fee} {fee_asset}",
        "cancel_asked": "taking the order back",
        "level_waits": "waiting to {side}: {for}",
        "grid_armed": "armed at {price} with {levels} levels of {unit}, buying {purchase} first",
        "initial_purchase_done": "the initial purchase is done",
        "grid_orders_initialized": "the ladder is in place",
        "grid_recovered": "recovered: {orders} orders asked for, {open} still open",
        "liquidation_begun": "selling everything at {price}: {reason}",
        "grid_stopped": "stopped: {reason}; {quote} in quote and {base} in base are left",
        "pause_begun": "pausing: {reason}",
        "grid_paused": "paused: {reason}; {quote} in quote and {base} in base are held",
        "grid_resumed": "resumed: {reason}",
        "balances_differed": "{text}",
    }
)


class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def log_events(told: EventsTold) -> None:
    """Log every event of a batch, at INFO; costs nothing where nobody listens to that."""
    if not _log.isEnabledFor(logging.INFO):
        return
    for event in told.events:
        about = {"grid": told.grid, "level": event.slot, "order": event.client_order_id}
        _log.info("%s", sentence(told.grid, event), extra=about)


def sentence(grid: str, event: EventRow) -> str:
    """Tell an event of a grid: ``SOL/USDT level 7: sell 1.2 at 101 filled, fee 0.12 USDT (ga…)``."""
    who = grid if event.slot is None or not event.slot[:1].isdigit() else f"{grid} level {event.slot}"
    order = f" ({event.client_order_id})" if event.client_order_id else ""
    return f"{who}: {_what(event)}{order}"


def _what(event: EventRow) -> str:
    details = _Details(event.details)
    if event.kind == "order_ended":
        return _end(details)
    words = _SENTENCES.get(event.kind)
    if words is None:  # a newer kind: better told plainly than not at all
        said = ", ".join(f"{key} {value}" for key, value in event.details)
        return event.kind.replace("_", " ") + (f": {said}" if said else "")
    part = ", a part of the order" if event.kind == "trade_booked" and details["complete"] == "false" else ""
    return words.format_map(details) + part


def _end(details: _Details) -> str:
    text = f": {details['text']}" if "text" in details else ""
    if "refusal" in details:
        return f"order to {details['side']} refused ({details['refusal']}){text}"
    return f"order to {details['side']} ended with {details['filled']} filled{text}"
