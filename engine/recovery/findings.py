"""What a start finds of the orders that the journal believes to be live: the table of reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from engine.calls import OrderReport
from engine.journal.rows import OrderRow
from engine.values import ZERO


class Finding(StrEnum):
    """What became of an order, and so what a start does about it."""

    OPEN = "open"  # nothing is done
    FILLED_IN_PART = "filled in part"  # what was filled is booked, the order stays
    FILLED = "filled"  # booked and answered
    ENDED = "ended"  # by its owner or the exchange: what was filled is answered, the rest wished again
    NEVER_ARRIVED = "never arrived"  # sent again
    UNKNOWN = "unknown"  # asked about until the exchange tells


@frozen
class Found:
    """Say what was found of one order; `filled` is what the exchange says, in all."""

    order: OrderRow
    finding: Finding
    filled: Decimal = ZERO


def find(
    orders: Iterable[OrderRow], listed: Mapping[str, OrderReport], looked_up: Mapping[str, OrderReport | None]
) -> list[Found]:
    """Judge each order by the open ones that are `listed`, the others by what a look-up said.

    A look-up is None where the exchange knows no such order, and missing where it gave no answer.
    """
    return [_found(order, listed, looked_up) for order in orders]


def _found(order: OrderRow, listed: Mapping[str, OrderReport], looked_up: Mapping[str, OrderReport | None]) -> Found:
    name = order.client_order_id
    if name not in listed and name not in looked_up:
        return Found(order, Finding.UNKNOWN)
    report = listed.get(name) or looked_up.get(name)
    if report is None:
        return Found(order, Finding.NEVER_ARRIVED if not order.order_id else Finding.ENDED, order.filled)
    if report.filled == order.quantity:
        return Found(order, Finding.FILLED, report.filled)
    if not report.is_open:
        return Found(order, Finding.ENDED, report.filled)
    return Found(order, Finding.FILLED_IN_PART if report.filled > order.filled else Finding.OPEN, report.filled)
