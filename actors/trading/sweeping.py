"""Take down what a grid may have left on its exchange: its own orders, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import monotonic

from actors.opening.links import LiveLink
from engine.calls import Cancel, Done, Line, ListOpenOrders, NotFound, NotYet, OrderReport, Refused, Unknown

_PAUSE = 0.25  # seconds between tries, when the exchange asks for none


def sweep(link: LiveLink, seconds: float) -> str | None:
    """Cancel every open order with the grid's prefix; say what may still be open after `seconds`, None for nothing.

    An interrupt ends it; with orders left this is said, too.
    """
    deadline = monotonic() + seconds
    left: list[str] = []
    line = link.line()
    try:
        while True:
            outcome = line.put_through(ListOpenOrders())
            left.clear()
            if isinstance(outcome, Done):
                left += [one.client_order_id for one in outcome.orders if _is_of(link, one)]
                if not left:
                    return None
                outcome = cancel_all(line, left)
            if not _has_time(outcome, deadline):
                return _told(link, left, outcome.text)
    except KeyboardInterrupt as interrupt:
        if not left:
            raise
        return _told(link, left, f"stopped by {interrupt}")
    finally:
        line.close()


def _is_of(link: LiveLink, order: OrderReport) -> bool:
    return order.client_order_id.startswith(link.grid.prefix)


def _told(link: LiveLink, left: Sequence[str], why: str) -> str:
    return f"{link.grid.name}: {f'{len(left)} orders' if left else 'its orders'} ({why})"


def cancel_all(line: Line, names: list[str]) -> Refused | Unknown | NotYet:
    """Cancel one after the other until one cannot be; what is left in `names` may be open."""
    while names:
        outcome = line.put_through(Cancel(names[0]))
        if not isinstance(outcome, Done | NotFound):
            return outcome
        del names[0]
    return NotYet(0.0, "cancelled, and not yet known to be gone")


def _has_time(outcome: Refused | NotFound | Unknown | NotYet, deadline: float) -> bool:
    """Wait as long as the exchange wants, or a moment after any other trouble; False when that would be too long."""
    pause = outcome.seconds if isinstance(outcome, NotYet) else _PAUSE
    if monotonic() + pause > deadline:
        return False
    threading.Event().wait(pause)
    return True


def sweep_all(links: Sequence[LiveLink], seconds: float) -> list[str]:
    """Sweep for all at once; give what may still be open after `seconds`, for which nobody waits longer."""
    deadline = monotonic() + seconds
    told: list[str | None] = [_told(link, (), "the exchange did not answer in time") for link in links]

    def one(place: int, link: LiveLink) -> None:
        told[place] = sweep(link, seconds)

    # Daemons: a call that hangs must not keep the process alive.
    threads = [threading.Thread(target=one, args=pair, daemon=True) for pair in enumerate(links)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    return [left for left in told if left is not None]
