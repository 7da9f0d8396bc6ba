"""Catching up: every trade since one that is known, then every open order."""

from __future__ import annotations

from engine.calls import Call, Done, ListOpenOrders, ListTrades, NotYet, Outcome, TradeReport
from engine.gateway.backoff import Backoff
from engine.gateway.known_orders import KnownOrders
from engine.gateway.pending_calls import Rank
from engine.gateway.pursuit import Step
from engine.messages import OpenOrdersListed, OrderReported


class CatchingUp:
    """Pursue the answer to the newest `CatchUp`.

    The trades are told only behind the open orders, for these tell whose trades they are; and the open orders only if
    nobody has asked anew meanwhile, for they are to be as of a moment after the question.
    """

    def __init__(self, after: str | None, known: KnownOrders, backoff: Backoff) -> None:
        """Begin at the trade `after`, None for no trade."""
        self._after = after
        self._known, self._backoff = known, backoff
        self._trades: tuple[TradeReport, ...] | None = None
        self._orders_listed = False
        self._failures = 0
        self._in_flight = self._asked_anew = False

    @property
    def rank(self) -> Rank:
        """Come after everything else."""
        return Rank.CATCH_UP

    @property
    def next_call(self) -> Call | None:
        """Ask for trades, then for orders."""
        if self._orders_listed:
            return None
        return ListTrades(self._after) if self._trades is None else ListOpenOrders()

    def ask_anew(self, after: str | None) -> None:
        """Begin again from `after`."""
        self._after, self._trades = after, None
        self._asked_anew = self._in_flight

    def call_made(self) -> None:
        """Note that the call it wanted is being made."""
        self._in_flight = True

    def call_ended(self, call: Call, outcome: Outcome) -> Step:
        """Go on to the orders, or tell everything; wait after a failure."""
        self._in_flight = False
        overtaken, self._asked_anew = self._asked_anew, False
        if isinstance(outcome, NotYet):
            return Step()
        if not isinstance(outcome, Done):
            self._failures += 1
            return Step(wait=self._backoff.delay(self._failures))
        self._failures = 0
        if overtaken:
            return Step()
        if isinstance(call, ListTrades):
            self._trades = outcome.trades
            return Step()
        own = self._known.learn(outcome.orders)
        self._orders_listed = True
        listed = OpenOrdersListed(
            tuple(OrderReported(order.client_order_id, order.filled, order.is_open, order.order_id) for order in own)
        )
        return Step((*self._known.fills(self._trades or ()), listed))
