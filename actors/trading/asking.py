"""Ask an exchange before anybody trades: patiently, one question after the other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import monotonic

from actors.trading.sweeping import cancel_all
from engine.calls import (
    Call,
    Done,
    FoundOrder,
    Line,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    NotFound,
    NotYet,
    OrderReport,
    Refused,
    TradeReport,
    Unknown,
)
from engine.errors import RunFailed

ANSWERED_WITHIN = 30.0  # seconds, for each question
_PAUSE = 0.25  # between tries, when the exchange asks for none


class CannotAsk(RunFailed):
    """The exchange does not say what must be known before a grid is started."""


class Asked:
    """Put questions over one line on behalf of the grid called `grid`."""

    def __init__(self, line: Line, grid: str, seconds: float = ANSWERED_WITHIN) -> None:
        """Give up on a question that has no answer after `seconds`."""
        self._line, self._grid, self._seconds = line, grid, seconds

    def open_orders(self) -> tuple[OrderReport, ...]:
        """Give all of the account's open orders in the pair."""
        return self._ask(ListOpenOrders()).orders

    def order(self, name: str) -> OrderReport | None:
        """Give one order, None when the exchange knows none of that name."""
        answer = self._put(LookUp(name))
        found = answer.orders if isinstance(answer, Done) else ()
        return next((order for order in found if order.client_order_id == name), None)

    def orders(self, after: str | None = None) -> tuple[FoundOrder, ...]:
        """Give all of the account's orders in the pair, oldest first, or those placed after one of them.

        None where an exchange does not list them.
        """
        answer = self._put(ListOrders(after))
        return answer.found if isinstance(answer, Done) else ()

    def trades(self, after: str) -> tuple[TradeReport, ...]:
        """Give all of the account's trades in the pair after one of them."""
        return self._ask(ListTrades(after)).trades

    def cancel(self, names: Sequence[str]) -> None:
        """Take orders down, and see that they are."""
        deadline, left = monotonic() + self._seconds, list(names)
        while left:
            outcome = cancel_all(self._line, left)
            if left:
                self._wait(outcome, deadline)

    def _ask(self, call: Call) -> Done:
        answer = self._put(call)
        if isinstance(answer, Done):
            return answer
        raise CannotAsk(f"{self._grid}: the exchange will not tell what there is: {answer.text}")

    def _put(self, call: Call) -> Done | Refused | NotFound:
        deadline = monotonic() + self._seconds
        while True:
            answer = self._line.put_through(call)
            if isinstance(answer, NotYet | Unknown):
                self._wait(answer, deadline)
            else:
                return answer

    def _wait(self, answer: Refused | NotYet | Unknown, deadline: float) -> None:
        """Wait as long as the exchange wants, or a moment; raise `CannotAsk` when that would be too long."""
        pause = max(answer.seconds, _PAUSE) if isinstance(answer, NotYet) else _PAUSE
        if monotonic() + pause > deadline:
            raise CannotAsk(f"{self._grid}: the exchange does not answer, and nothing is started: {answer.text}")
        threading.Event().wait(pause)
