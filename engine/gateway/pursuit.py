"""What all pursuits have in common: each wants one call after the other from the exchange, until it has its answer."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from engine.calls import Call, Outcome
from engine.gateway.pending_calls import Rank
from engine.messages import OrderReports


@frozen
class Step:
    """Say what to tell the order manager now, and how many seconds to wait before the next call."""

    reports: tuple[OrderReports, ...] = ()
    wait: float = 0.0


class Pursuit(Protocol):
    """Follow one matter through the exchange, with at most one call at a time."""

    @property
    def next_call(self) -> Call | None:
        """Give the call it wants now; None when the matter is settled."""

    @property
    def rank(self) -> Rank:
        """Tell how urgent that call is."""

    def call_made(self) -> None:
        """Note that the call it wanted is being made."""

    def call_ended(self, call: Call, outcome: Outcome) -> Step:
        """Learn how that call ended."""
