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
    ACCEPTED = "accepted"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    ENDED = "ended"  # cancelled or expired, with what it had filled
    REJECTED = "rejected"


class OrderEvent(StrEnum):
    """What can happen to an order."""

    ACCEPTED = "accepted"
    PART_FILLED = "part_filled"
    REST_FILLED = "rest_filled"
    ENDED = "ended"
    REJECTED = "rejected"


TRANSITIONS: Final[dict[OrderState, dict[OrderEvent, OrderState]]] = {
    OrderState.SUBMITTED: {
        OrderEvent.ACCEPTED: OrderState.ACCEPTED,
        OrderEvent.PART_FILLED: OrderState.PARTLY_FILLED,  # a fill may be told before the acceptance
        OrderEvent.REST_FILLED: OrderState.FILLED,
        # It ends by a report, and what is reported on has been accepted before.
        OrderEvent.REJECTED: OrderState.REJECTED,
    },
    OrderState.ACCEPTED: {
        OrderEvent.ACCEPTED: OrderState.ACCEPTED,
        OrderEvent.PART_FILLED: OrderState.PARTLY_FILLED,
        OrderEvent.REST_FILLED: OrderState.FILLED,
        OrderEvent.ENDED: OrderState.ENDED,
    },
    OrderState.PARTLY_FILLED: {
        OrderEvent.ACCEPTED: OrderState.PARTLY_FILLED,
        OrderEvent.PART_FILLED: OrderState.PARTLY_FILLED,
        OrderEvent.REST_FILLED: OrderState.FILLED,
        OrderEvent.ENDED: OrderState.ENDED,
    },
    OrderState.FILLED: {},
    OrderState.ENDED: {},
    OrderState.REJECTED: {},
}


class ImpossibleTransition(Exception):
    """An order was told of something that cannot happen to it any more."""


class OverFilled(Exception):
    """An order was filled by more than it asked for."""


@define
class Order:
    """Follow one order of ours on the exchange.

    `reported` is what it has filled in all, as the exchange says; some of those trades may not have been told yet.
    `is_final` once the exchange has said that it fills no further.
    """

    client_order_id: str
    wish: PlaceOrder
    state: OrderState = OrderState.SUBMITTED
    filled: Decimal = ZERO
    trade_ids: list[str] = field(factory=list)
    reported: Decimal = ZERO
    is_final: bool = False
    order_id: str = ""  # the exchange's own, once it has said it
    look_ups: int = 0  # in vain, one after the other
    look_up_is_due: bool = False

    @property
    def is_accepted(self) -> bool:
        """Tell whether the exchange has shown that it has the order."""
        return self.state is not OrderState.SUBMITTED

    @property
    def is_over(self) -> bool:
        """Tell whether every trade of an order that fills no further has been counted."""
        return self.is_final and not self.lacks_trades

    @property
    def lacks_trades(self) -> bool:
        """Tell whether the exchange has reported more than the trades told so far."""
        return self.filled < self.reported

    def report(self, filled: Decimal, *, is_open: bool) -> None:
        """Note how the exchange says that the order stands."""
        self._move(OrderEvent.ACCEPTED)
        self.reported = max(self.reported, filled)
        self.is_final = self.is_final or not is_open

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

    def end(self) -> None:
        """End the order with what it has filled."""
        self._move(OrderEvent.ENDED)

    def reject(self) -> None:
        """End an order that never was on the exchange."""
        self._move(OrderEvent.REJECTED)

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
