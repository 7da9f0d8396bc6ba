"""The tables of order, level and supervisor life, and which of their transitions worlds have reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from engine.orders import TRANSITIONS, Order, OrderEvent
from engine.supervision import Supervision

_DECISIONS = ("begin", "grow", "next_to_start", "child_started", "child_failed", "child_ended", "restart_all", "shrink")


@contextmanager
def watched(reached: Counter[str]) -> Iterator[None]:
    """Count the transitions of orders and of supervised children for as long as this lasts."""
    supervision = {name: _watched_decision(getattr(Supervision, name), reached) for name in _DECISIONS}
    with ExitStack() as patches:
        patches.enter_context(patch.object(Order, "_move", _watched_move(reached)))
        for name, decision in supervision.items():
            patches.enter_context(patch.object(Supervision, name, decision))
        yield


def _watched_move(reached: Counter[str]) -> Callable[[Order, OrderEvent], None]:
    move = Order._move

    def watched_move(order: Order, event: OrderEvent) -> None:
        before = order.state
        move(order, event)
        reached[f"order: {before} + {event} -> {order.state}"] += 1

    return watched_move


def _watched_decision(decide: Callable[..., Any], reached: Counter[str]) -> Callable[..., Any]:
    """Count what one decision changes, child by child."""
    name = decide.__name__

    @wraps(decide)
    def watched_decision(supervision: Supervision, *args: Any) -> Any:
        before = {address: child.state for address, child in supervision._children.items()}
        decision = decide(supervision, *args)
        after = supervision._children
        for address, child in after.items():
            then = before.pop(address, None)
            if then is not child.state:
                was = "unborn" if then is None else then.name.lower()
                reached[f"supervisor: {was} + {name} -> {child.state.name.lower()}"] += 1
        for then in before.values():
            reached[f"supervisor: {then.name.lower()} + {name} -> forgotten"] += 1
        return decision

    return watched_decision


ORDERS = frozenset(
    f"order: {before} + {event} -> {after}" for before, row in TRANSITIONS.items() for event, after in row.items()
)
_BUY, _SELL = "READY_TO_BUY", "READY_TO_SELL"
_BUYING, _SELLING = "WAITING_FOR_BUY_FILL", "WAITING_FOR_SELL_FILL"
_ANY = (_BUY, _SELL, _BUYING, _SELLING)
_LEVEL_ROWS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "ArmLevel": {"born": _ANY},
    # A part changes nothing. The whole is answered by a wish, by none if that rounds to nothing, and what an earlier
    # order of the same side left undone is wished besides.
    "TradeBooked": {
        _BUY: (_BUY, _BUYING, _SELLING),
        _SELL: (_SELL, _BUYING, _SELLING),
        _BUYING: (_SELL, _BUYING, _SELLING),
        _SELLING: (_BUY, _BUYING, _SELLING),
    },
    # What was filled is answered, what was not waits to be wished again; either side's order may end.
    "OrderEnded": dict.fromkeys(_ANY, _ANY),
    "RewishDue": {
        _BUY: (_BUY, _BUYING, _SELLING),
        _SELL: (_SELL, _BUYING, _SELLING),
        _BUYING: (_BUYING, _SELLING),
        _SELLING: (_BUYING, _SELLING),
    },
    "WishWaited": {_BUY: (_BUY, _SELL), _SELL: (_BUY, _SELL), _BUYING: (_BUY, _SELL), _SELLING: (_BUY, _SELL)},
    "WishFunded": {_BUY: (_BUYING, _SELLING), _SELL: (_BUYING, _SELLING), _BUYING: (_SELLING,), _SELLING: (_BUYING,)},
}
LEVELS = frozenset(
    f"level: {before} + {message} -> {after}"
    for message, rows in _LEVEL_ROWS.items()
    for before, afters in rows.items()
    for after in afters
)
SUPERVISORS = frozenset(
    f"supervisor: {row}"
    for row in (
        "down + begin -> waiting",
        "unborn + grow -> waiting",
        "waiting + next_to_start -> starting",
        "waiting + shrink -> forgotten",
        "starting + child_started -> up",
        "starting + child_failed -> waiting",
        "starting + shrink -> forgotten",
        "up + child_failed -> waiting",
        "up + restart_all -> waiting",
        "up + shrink -> forgotten",
    )
)
EXPECTED = ORDERS | LEVELS | SUPERVISORS
