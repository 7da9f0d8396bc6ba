"""One order's way through the exchange: what is known of it, and what to ask next."""

from __future__ import annotations

from enum import Enum, auto

from attrs import define, field

from engine.calls import (
    Call,
    Cancel,
    Done,
    LookUp,
    NotFound,
    NotYet,
    OrderReport,
    Outcome,
    Place,
    Refusal,
    Refused,
    TradeReport,
)
from engine.gateway.backoff import Backoff
from engine.gateway.known_orders import KnownOrders
from engine.gateway.pending_calls import Rank
from engine.gateway.pursuit import Step
from engine.gateway.rules import GatewayRules
from engine.messages import OrderRejected, OrderReported
from engine.values import ZERO, Kind, Side


class Standing(Enum):
    """Where an order stands: certainly not at the exchange, perhaps there, certainly done with."""

    UNSENT = auto()
    SENT = auto()
    ENDED = auto()


@define(eq=False)
class OrderPursuit:
    """Place an order, take it back, see what became of it: whatever is wanted, with one call at a time.

    A call that ended without an answer may have done its work, so that the order is in doubt: it is looked up before
    anything else. The exchange must be asked twice, the rules' `answer_window` apart, before an order that it does
    not find can be said never to have arrived: the window counts from an answer that came after the call had ended,
    for a slow caller may have made its request long after it was told to, and one that crashed may have left it to
    its successor.
    """

    name: str
    _rules: GatewayRules
    _backoff: Backoff
    _known: KnownOrders
    _place: Place | None = None  # until the exchange is known to have it
    _standing: Standing = Standing.SENT
    _in_doubt: bool = field(init=False, default=False)
    _cancelling: bool = field(init=False, default=False)
    _asked: bool = field(init=False, default=False)
    _refusal: Refused | None = field(init=False, default=None)  # not believed yet
    _may_come_late: bool = field(init=False, default=False)
    _sendings_lost: int = field(init=False, default=0)
    _not_found: int = field(init=False, default=0)  # in a row, as are the next
    _not_answered: int = field(init=False, default=0)
    _not_cancelled: int = field(init=False, default=0)

    # --- what is wanted ------------------------------------------------------------------------------

    @property
    def next_call(self) -> Call | None:
        """Give the call that it wants now; None when all is settled."""
        if self._standing is Standing.UNSENT:
            return self._place
        if self._standing is Standing.SENT and self._in_doubt:
            return LookUp(self.name)
        if self._standing is Standing.SENT and self._cancelling:
            return Cancel(self.name)
        return LookUp(self.name) if self._asked else None

    @property
    def rank(self) -> Rank:
        """Put exits first, with the questions that they wait for."""
        place = self._place
        if self._cancelling or (place is not None and place.kind is Kind.MARKET and place.side is Side.SELL):
            return Rank.EXIT
        return Rank.ENTRY if self._standing is Standing.UNSENT else Rank.QUESTION

    @property
    def is_cancelling(self) -> bool:
        """Tell whether it is wanted ended, and has not."""
        return self._cancelling

    @property
    def is_unresolved(self) -> bool:
        """Tell whether it was sent, and nobody knows whether it arrived."""
        return self._place is not None and self._standing is Standing.SENT

    @property
    def may_hurry(self) -> bool:
        """Tell whether a new wish may cut short the wait for the next call."""
        return not (self._in_doubt and self._not_found)

    def look_up(self) -> None:
        """Want to know how it stands; while that is found out anyway, change nothing."""
        self._asked = self._standing is not Standing.UNSENT

    def cancel(self) -> Step:
        """Want it ended; it is, if it has not been sent."""
        self._cancelling = True
        if self._standing is Standing.UNSENT:
            return self._never_sent()
        if not self._in_doubt:
            self._not_found = 0
        return Step()

    # --- what is learnt ------------------------------------------------------------------------------

    def call_made(self) -> None:
        """Note that the call it wanted is being made: from here on its order may be at the exchange."""
        if self._standing is Standing.UNSENT:
            self._standing, self._in_doubt = Standing.SENT, True

    def call_ended(self, call: Call, outcome: Outcome) -> Step:
        """Learn from an answer, or from there being none."""
        if isinstance(outcome, Done):
            for report in outcome.orders:
                if report.client_order_id == self.name:
                    return self._told(report, outcome.trades, call)
        match call:
            case Place():
                return self._not_placed(outcome)
            case Cancel():
                return self._not_taken_back(outcome)
            case _:
                return self._not_seen(outcome)

    def lost_with_caller(self) -> None:
        """Note that the caller that was to place it has been replaced, and that its successor may yet do so."""
        self._may_come_late = True

    def caller_let_go(self) -> None:
        """Note that the successor has not, or has ended that call."""
        self._may_come_late = False

    def _told(self, report: OrderReport, trades: tuple[TradeReport, ...], call: Call) -> Step:
        """Believe the exchange; trades come first, so that the order manager need not ask for them."""
        self._place = self._refusal = None
        self._in_doubt = False
        self._not_found = self._not_answered = 0
        self._standing = Standing.SENT if report.is_open else Standing.ENDED
        self._cancelling = self._cancelling and report.is_open
        if isinstance(call, Cancel):
            self._in_doubt = report.is_open  # done, it says, and is not
            self._not_cancelled += report.is_open
        else:
            self._asked = False
        fills = self._known.fills(trade for trade in trades if trade.order_id == report.order_id)
        reported = OrderReported(self.name, report.filled, report.is_open, report.order_id)
        wait = self._backoff.delay(self._not_cancelled) if report.is_open and self._not_cancelled else 0.0
        return Step((*fills, reported), wait)

    def _not_placed(self, outcome: Outcome) -> Step:
        match outcome:
            case NotYet():
                self._standing, self._in_doubt = Standing.UNSENT, False
                return self._never_sent() if self._cancelling else Step()
            case Refused() if not self._sendings_lost:
                return self._rejected(outcome)
            case Refused():
                self._refusal = outcome  # perhaps because one that was thought lost is there
        return Step()

    def _not_taken_back(self, outcome: Outcome) -> Step:
        """See whether it has ended; if it has not, it is cancelled again, for a cancel is never given up."""
        if not isinstance(outcome, NotYet):
            self._in_doubt = True
            self._not_cancelled += 1
        return Step()

    def _not_seen(self, outcome: Outcome) -> Step:
        match outcome:
            case NotYet():
                return Step()
            case NotFound():
                self._not_answered = 0
                self._not_found += 1
                return self._not_there()
        self._not_answered += 1
        return Step(wait=self._backoff.delay(self._not_answered))

    # --- what the exchange does not find -------------------------------------------------------------

    def _not_there(self) -> Step:
        if self._refusal is not None:
            return self._rejected(self._refusal)
        if self._place is not None:
            self._not_found -= self._may_come_late
            return self._lost() if self._not_found > 1 else Step(wait=self._rules.answer_window)
        if self._not_found <= max(1, self._rules.max_retries):
            return Step(wait=max(self._rules.answer_window, self._backoff.delay(self._not_found)))
        self._end()
        return Step((OrderReported(self.name, self._known.filled(self.name), is_open=False),))

    def _lost(self) -> Step:
        """Send again what never arrived, if it still may be."""
        self._standing, self._in_doubt, self._not_found = Standing.UNSENT, False, 0
        if self._cancelling:
            return self._never_sent()
        self._sendings_lost += 1
        if self._sendings_lost > self._rules.max_retries:
            return self._rejected(Refused(Refusal.UNREACHABLE, f"sent {self._sendings_lost} times, never arrived"))
        return Step(wait=self._backoff.delay(self._sendings_lost))

    def _never_sent(self) -> Step:
        self._end()
        return Step((OrderReported(self.name, ZERO, is_open=False),))

    def _rejected(self, refusal: Refused) -> Step:
        self._end()
        return Step((OrderRejected(self.name, refusal.reason, refusal.text),))

    def _end(self) -> None:
        self._standing, self._asked = Standing.ENDED, False
