"""Take down what a grid may have left on its exchange: its own orders, and nobody else's."""

from __future__ import annotations

import logging
from time import monotonic

from actors.links import LiveLink
from engine.calls import Cancel, Done, ListOpenOrders, NotFound, Outcome, Unknown

log = logging.getLogger(__name__)


def sweep(link: LiveLink, seconds: float) -> tuple[str, ...]:
    """Cancel every open order with the grid's prefix; give those that may still be open after `seconds`.

    When the exchange cannot even be asked, that is one entry saying so.
    """
    deadline = monotonic() + seconds
    line = link.line()
    try:
        while True:
            listed = line.put_through(ListOpenOrders())
            if isinstance(listed, Done):
                left = tuple(
                    order.client_order_id
                    for order in listed.orders
                    if order.client_order_id.startswith(link.grid.prefix)
                )
                if not left or monotonic() > deadline:
                    return left
                for name in left:
                    if not _is_gone(line.put_through(Cancel(name))) and monotonic() > deadline:
                        return left
            elif monotonic() > deadline:
                return (f"whatever is open there: {listed.text}",)
    finally:
        line.close()


def _is_gone(outcome: Outcome) -> bool:
    if isinstance(outcome, Unknown):
        log.warning("a cancellation has no answer: %s", outcome.text)
    return isinstance(outcome, Done | NotFound)
