"""A line that logs what an exchange will not do, or does not answer: whoever watches must know."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType

from engine.calls import (
    Call,
    Cancel,
    Done,
    Line,
    ListBalances,
    ListOpenOrders,
    ListOrders,
    ListTrades,
    LookUp,
    NotFound,
    NotYet,
    Outcome,
    Place,
    Refusal,
    Refused,
    Unknown,
)

log = logging.getLogger(__name__)

_AGAIN_AFTER = 300.0  # seconds
_MOST_REMEMBERED = 100
_WORDS: Mapping[type[Call], str] = MappingProxyType(
    {
        Place: "placing an order",
        Cancel: "cancelling an order",
        LookUp: "looking up an order",
        ListTrades: "listing trades",
        ListOpenOrders: "listing open orders",
        ListOrders: "listing orders",
        ListBalances: "listing balances",
    }
)


class CallTroubles:
    """Log each trouble of one grid's calls, and the same one again after some minutes only; from any thread."""

    def __init__(self, grid: str) -> None:
        """Begin with none."""
        self._grid = grid
        self._lock = threading.Lock()
        self._told: dict[str, float] = {}

    def note(self, call: Call, outcome: Outcome) -> None:
        """Take how a call ended; orders that are not found are for others to judge."""
        match outcome:
            case Done() | NotFound():
                return
            case Refused():
                trouble = f"{_WORDS[type(call)]} was refused: {outcome.text}"
            case NotYet():
                trouble = f"{_WORDS[type(call)]} has to wait for {outcome.seconds:.3g} s: {outcome.text}"
            case Unknown():
                trouble = f"{_WORDS[type(call)]} failed: {outcome.text}"
        is_usual = isinstance(outcome, Refused) and outcome.reason is Refusal.WOULD_TAKE
        if self._is_news(trouble):
            log.log(logging.INFO if is_usual else logging.WARNING, "%s: %s", self._grid, trouble)

    def _is_news(self, trouble: str) -> bool:
        with self._lock:
            now = monotonic()
            if now < self._told.get(trouble, now):
                return False
            if len(self._told) >= _MOST_REMEMBERED:
                self._told.clear()
            self._told[trouble] = now + _AGAIN_AFTER
            return True


class WatchedLine:
    """Put calls through another line, and note how they end."""

    def __init__(self, line: Line, troubles: CallTroubles) -> None:
        """Take over `line`."""
        self._line = line
        self._troubles = troubles

    def put_through(self, call: Call, /) -> Outcome:
        """Make one call and tell how it ended, whatever the exchange does."""
        outcome = self._line.put_through(call)
        self._troubles.note(call, outcome)
        return outcome

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()
