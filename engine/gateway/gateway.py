"""The gateway: turns wishes about orders into calls to the exchange, and says what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import assert_never

from attrs import frozen

from engine.addresses import GridAddresses
from engine.calls import Call, Done, NotYet, Outcome, Place, Unknown
from engine.effects import Effect, Reply, Send
from engine.gateway.admission import Admission
from engine.gateway.backoff import Backoff
from engine.gateway.catching_up import CatchingUp
from engine.gateway.known_orders import MOST, KnownOrders
from engine.gateway.order_pursuit import OrderPursuit, Standing
from engine.gateway.pending_calls import PendingCalls, Rank
from engine.gateway.pursuit import Pursuit, Step
from engine.gateway.reminders import Reminders
from engine.gateway.rules import GatewayRules
from engine.messages import (
    CallEnded,
    CallerReady,
    CancelOrder,
    CatchUp,
    DescribeGateway,
    GatewayDescribed,
    GatewayInbox,
    LookUpOrder,
    MakeCall,
    OrderReports,
    RecalledOrder,
    RecallOrders,
    RetryDue,
    SubmitOrder,
)
from engine.values import Kind

_CALLER_ENDED = Unknown("the caller ended before its call did")


@frozen
class _Flight:
    """Remember a call that is being made; `turn` is the one its pursuit had in the list."""

    number: int
    pursuit: Pursuit
    call: Call
    rank: Rank
    turn: int
    on_trial: bool


class Gateway:
    """Have callers make the calls that pursuits want: one at a time each, the most urgent first.

    A pursuit waits in the list of pending calls, or for a reminder, or its call is in flight; when it wants no more
    it is forgotten. Nobody is asked who has not said `CallerReady` or ended a call.
    """

    def __init__(self, tag: str, rules: GatewayRules, addresses: GridAddresses, random: Callable[[], float]) -> None:
        """Begin with nothing to do and nobody to do it; `random` in [0, 1) varies delays."""
        self._rules = rules
        self._order_manager, self._caller = addresses.order_manager, addresses.caller
        self._backoff = Backoff(rules.retry_delay, random)
        self._known = KnownOrders(tag)
        self._reminders = Reminders()
        self._admission = Admission(rules, self._backoff, self._reminders)
        self._orders: dict[str, OrderPursuit] = {}
        self._never_there: dict[str, OrderReports] = {}  # orders that ended so, and how: the newest
        self._catching_up: CatchingUp | None = None
        self._pending: PendingCalls[Pursuit] = PendingCalls()
        self._put_off: dict[Pursuit, int] = {}  # with the ticket of its reminder
        self._flights: dict[int, _Flight] = {}  # by caller
        self._idle: dict[int, None] = {}  # the one that has rested longest comes first
        self._held: dict[int, list[OrderPursuit]] = {}  # by the caller that may yet place them
        self._calls = 0
        self._trouble: str | None = None  # why the last call that ended found no answer

    def handle(self, message: GatewayInbox) -> list[Effect]:
        """Take a wish, or news of a call; then make what calls can be made."""
        match message:
            case SubmitOrder():
                effects = self._submit(message)
            case CancelOrder():
                effects = self._cancel(message.client_order_id)
            case LookUpOrder():
                effects = self._look_up(message.client_order_id)
            case CatchUp():
                effects = self._catch_up(message.after)
            case RecallOrders():
                effects = self._recall(message.orders)
            case CallEnded():
                effects = self._call_ended(message)
            case CallerReady():
                effects = self._caller_ready(message.caller)
            case RetryDue():
                self._reminders.due(message.ticket)
                effects = []
            case DescribeGateway():
                return [Reply(self._described())]
            case _:
                assert_never(message)
        return effects + self._make_calls()

    # --- wishes --------------------------------------------------------------------------------------

    def _submit(self, order: SubmitOrder) -> list[Effect]:
        name = order.client_order_id
        if name in self._orders:
            return []  # the same order, told again
        if name in self._known:
            return self._look_up(name)  # it was taken: an exchange may take the name twice
        return self._go_on(self._pursue(order), Step())

    def _pursue(self, order: SubmitOrder) -> OrderPursuit:
        post_only = self._rules.post_only and order.kind is Kind.LIMIT
        place = Place(order.client_order_id, order.side, order.kind, order.price, order.quantity, post_only=post_only)
        pursuit = OrderPursuit(place.client_order_id, self._rules, self._backoff, self._known, place, Standing.UNSENT)
        self._orders[pursuit.name] = pursuit
        return pursuit

    def _recall(self, orders: Iterable[RecalledOrder]) -> list[Effect]:
        """Know what the grid has, and see what became of orders that nobody heard of again: perhaps they were sent.

        Of one that was refused, or taken back before it was sent, whoever asks may have heard, and wished anew, or
        not: that is told again, and nothing is sent.
        """
        unheard_of = [
            recalled.order
            for recalled in orders
            if not recalled.order_id and not recalled.filled and not self._knows(recalled.order.client_order_id)
        ]
        self._known.recall(orders)
        effects: list[Effect] = []
        for order in unheard_of:
            if (report := self._never_there.get(order.client_order_id)) is not None:
                effects.append(Send(self._order_manager, report))
                continue
            pursuit = self._pursue(order)
            pursuit.call_made()
            effects += self._go_on(pursuit, Step())
        return effects

    def _knows(self, name: str) -> bool:
        return name in self._orders or name in self._known

    def _cancel(self, name: str) -> list[Effect]:
        pursuit = self._pursuit_of(name)
        if pursuit.is_cancelling:
            return []
        return self._go_on_from_wish(pursuit, pursuit.cancel())

    def _look_up(self, name: str) -> list[Effect]:
        pursuit = self._pursuit_of(name)
        pursuit.look_up()
        if pursuit in self._put_off:
            return []
        return self._go_on_from_wish(pursuit, Step())

    def _catch_up(self, after: str | None) -> list[Effect]:
        if self._catching_up is not None:
            self._catching_up.ask_anew(after)
            return []
        self._catching_up = CatchingUp(after, self._known, self._backoff)
        return self._go_on(self._catching_up, Step())

    def _pursuit_of(self, name: str) -> OrderPursuit:
        """Give the pursuit of an order; one that nothing is known of may well be at the exchange."""
        if name not in self._orders:
            self._orders[name] = OrderPursuit(name, self._rules, self._backoff, self._known)
        return self._orders[name]

    # --- calls ---------------------------------------------------------------------------------------

    def _make_calls(self) -> list[Effect]:
        effects: list[Effect] = []
        while self._idle and (taken := self._pending.take(self._admission.admits)) is not None:
            pursuit, (rank, turn) = taken
            call = pursuit.next_call
            assert call is not None
            pursuit.call_made()
            on_trial, timers = self._admission.let_out(rank, call)
            caller = next(iter(self._idle))
            del self._idle[caller]
            self._calls += 1
            self._flights[caller] = _Flight(self._calls, pursuit, call, rank, turn, on_trial)
            effects += [Send(self._caller(caller), MakeCall(self._calls, call)), *timers]
        return effects

    def _call_ended(self, ended: CallEnded) -> list[Effect]:
        flight = self._flights.get(ended.caller)
        if flight is None or flight.number != ended.number:
            return []  # of a call that was given up for lost
        for pursuit in self._held.pop(ended.caller, ()):
            pursuit.caller_let_go()
        return self._landed(ended.caller, ended.outcome)

    def _caller_ready(self, caller: int) -> list[Effect]:
        """Count a call that it was making as ended, though it may yet make it.

        What was sent to the caller while it was down waits in the inbox of its successor, and is done before
        anything else is: when that has ended another call, it has let go of the first.
        """
        flight = self._flights.get(caller)
        if flight is None:
            self._idle[caller] = None
            return []
        if isinstance(flight.pursuit, OrderPursuit) and isinstance(flight.call, Place):
            flight.pursuit.lost_with_caller()
            self._held.setdefault(caller, []).append(flight.pursuit)
        return self._landed(caller, _CALLER_ENDED)

    def _landed(self, caller: int, outcome: Outcome) -> list[Effect]:
        flight = self._flights.pop(caller)
        self._idle[caller] = None
        if isinstance(outcome, Done):
            self._known.learn(outcome.orders)
        self._trouble = outcome.text if isinstance(outcome, Unknown | NotYet) else None
        timers = self._admission.learn(flight.rank, outcome, on_trial=flight.on_trial)
        step = flight.pursuit.call_ended(flight.call, outcome)
        turn = flight.turn if isinstance(outcome, NotYet) else None
        return [*timers, *self._go_on(flight.pursuit, step, turn)]

    # --- pursuits ------------------------------------------------------------------------------------

    def _go_on_from_wish(self, pursuit: OrderPursuit, step: Step) -> list[Effect]:
        """Go on with what is wanted now; if a call is in flight, when that has ended."""
        if any(flight.pursuit is pursuit for flight in self._flights.values()):
            return []
        if pursuit in self._put_off and not pursuit.may_hurry:
            return []
        return self._go_on(pursuit, step)

    def _go_on(self, pursuit: Pursuit, step: Step, turn: int | None = None) -> list[Effect]:
        """Tell what there is to tell; then let the pursuit wait for its next call, or end."""
        effects: list[Effect] = [Send(self._order_manager, report) for report in step.reports]
        if (ticket := self._put_off.pop(pursuit, None)) is not None:
            self._reminders.forget(ticket)
        if pursuit.next_call is None:
            self._forget(pursuit, step.reports)
        elif step.wait:
            ticket, timer = self._reminders.put_off(step.wait, partial(self._resume, pursuit))
            self._put_off[pursuit] = ticket
            effects.append(timer)
        else:
            self._pending.add(pursuit, pursuit.rank, turn)
        return effects

    def _resume(self, pursuit: Pursuit) -> None:
        del self._put_off[pursuit]
        self._pending.add(pursuit, pursuit.rank)

    def _forget(self, pursuit: Pursuit, reports: tuple[OrderReports, ...]) -> None:
        self._pending.remove(pursuit)
        if not isinstance(pursuit, OrderPursuit):
            self._catching_up = None
            return
        del self._orders[pursuit.name]
        if reports and pursuit.name not in self._known:
            self._never_there[pursuit.name] = reports[-1]
            if len(self._never_there) > MOST:
                del self._never_there[next(iter(self._never_there))]

    def _described(self) -> GatewayDescribed:
        return GatewayDescribed(
            pending=len(self._pending),
            put_off=len(self._put_off),
            in_flight=len(self._flights),
            unresolved=sum(pursuit.is_unresolved for pursuit in self._orders.values()),
            idle_callers=len(self._idle),
            breaker=self._admission.breaker_state,
            paused=self._admission.paused,
            trouble=self._trouble,
        )
