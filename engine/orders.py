"""Order life as one transition table, and client order ids."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import define, field

from engine.messages import PlaceOrder
from engine.values import ZERO, Side

LONGEST_CLIENT_ORDER_ID = 36  # what Binance and most others take


class OrderState(StrEnum):
    """Where an order stands."""

    SUBMITTED = "submitted"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"


class OrderEvent(StrEnum):
    """What can happen to an order."""

    PART_FILLED = "part_filled"
    REST_FILLED = "rest_filled"
    CANCELLED = "cancelled"


TRANSITIONS: Final[dict[OrderState, dict[OrderEvent, OrderState]]] = {
    OrderState.SUBMITTED: {
        OrderEvent.PART_FILLED: OrderState.PARTLY_FILLED,
        OrderEvent.REST_FILLED: OrderState.FILLED,
        OrderEvent.CANCELLED: OrderState.CANCELLED,
    },
    OrderState.PARTLY_FILLED: {
        OrderEvent.PART_FILLED: OrderState.PARTLY_FILLED,
        OrderEvent.REST_FILLED: OrderState.FILLED,
        OrderEvent.CANCELLED: OrderState.CANCELLED,
    },
    OrderState.FILLED: {},
    OrderState.CANCELLED: {},
}


class ImpossibleTransition(Exception):
    """An order was told of something that cannot happen to it any more."""


class OverFilled(Exception):
    """An order was filled by more than it asked for."""


@define
class Order:
    """Follow one order of ours on the exchange."""

    client_order_id: str
    wish: PlaceOrder
    state: OrderState = OrderState.SUBMITTED
    filled: Decimal = ZERO
    trade_ids: list[str] = field(factory=list)

    def fill(self, trade_id: str, quantity: Decimal) -> bool:
        """Count one trade and tell whether that completed the order; raise when it cannot be."""
        filled = self.filled + quantity
        if filled > self.wish.quantity:
            raise OverFilled(f"{self.client_order_id}: {filled} of {self.wish.quantity} by trade {trade_id}")
        complete = filled == self.wish.quantity
        self._move(OrderEvent.REST_FILLED if complete else OrderEvent.PART_FILLED)
        self.filled = filled
        self.trade_ids.append(trade_id)
        return complete

    def cancel(self) -> None:
        """End the order with what it has filled."""
        self._move(OrderEvent.CANCELLED)

    def _move(self, event: OrderEvent) -> None:
        following = TRANSITIONS[self.state].get(event)
        if following is None:
            raise ImpossibleTransition(f"{self.client_order_id}: {event} while {self.state}")
        self.state = following


def client_order_id(tag: str, slot: str, cycle: int, side: Side, attempt: int) -> str:
    """Name one attempt at one wish: the same wish always gets the same name.

    `tag` is the grid's own prefix, by which it knows its orders again.
    """
    name = f"{tag}-{slot}-{cycle}{'b' if side is Side.BUY else 's'}{attempt}"
    if len(name) > LONGEST_CLIENT_ORDER_ID:
        raise ValueError(f"client order id {name!r} is longer than {LONGEST_CLIENT_ORDER_ID}")
    return name
