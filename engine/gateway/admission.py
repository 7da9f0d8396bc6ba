"""Whether a call may be made now: pauses that the exchange asks for, the circuit breaker, the pace of orders."""

from __future__ import annotations

from collections.abc import Callable

from engine.calls import Call, NotYet, Outcome, Place, Unknown
from engine.effects import After
from engine.gateway.backoff import Backoff
from engine.gateway.breaker import Breaker, BreakerState
from engine.gateway.pace import Pace
from engine.gateway.pending_calls import Rank
from engine.gateway.reminders import Reminders
from engine.gateway.rules import GatewayRules


class Admission:
    """Admit calls by rank, and learn from how they end.

    A pause holds everybody back: an exchange that bans would only ban for longer. The breaker lets exits pass, one at
    a time with their own backoff, for they cannot wait until it closes. Exits count in the pace, and are not held
    back by it.
    """

    def __init__(self, rules: GatewayRules, backoff: Backoff, reminders: Reminders) -> None:
        """Begin open to everybody."""
        self._recovery = rules.breaker_recovery
        self._backoff, self._reminders = backoff, reminders
        self._breaker = Breaker(rules.breaker_threshold, rules.breaker_trials)
        self._pace = Pace(rules.order_limits)
        self._pauses = 0
        self._exits_out = 0
        self._exit_failures = 0  # in a row, while the breaker is not closed
        self._exit_holds = 0
        self._due: set[int] = set()  # tickets that mean nothing once the breaker has closed

    @property
    def paused(self) -> bool:
        """Tell whether the exchange wants to be left alone."""
        return self._pauses > 0

    @property
    def breaker_state(self) -> BreakerState:
        """Tell how the breaker stands."""
        return self._breaker.state

    def admits(self, rank: Rank) -> bool:
        """Tell whether a call of this rank may be made now."""
        if self.paused:
            return False
        if rank is Rank.EXIT:
            return self._breaker.state is BreakerState.CLOSED or not (self._exits_out or self._exit_holds)
        return self._breaker.admits and (rank is not Rank.ENTRY or self._pace.has_room)

    def let_out(self, rank: Rank, call: Call) -> tuple[bool, list[After]]:
        """Count a call that is made now; tell whether it is on trial, and the timers to set."""
        timers = []
        if isinstance(call, Place):
            timers += [self._reminders.put_off(seconds, action)[1] for seconds, action in self._pace.take()]
        if rank is Rank.EXIT:
            self._exits_out += 1
            return False, timers
        return self._breaker.let_through(), timers

    def learn(self, rank: Rank, outcome: Outcome, *, on_trial: bool) -> list[After]:
        """Learn from how a call ended; give the timers to set."""
        if rank is Rank.EXIT:
            self._exits_out -= 1
        if isinstance(outcome, NotYet):
            if on_trial:
                self._breaker.take_back()
            self._pauses += 1
            return [self._reminders.put_off(max(outcome.seconds, self._backoff.delay(1)), self._end_pause)[1]]
        if isinstance(outcome, Unknown):
            return self._learn_of_failure(rank)
        self._close()
        return []

    def _learn_of_failure(self, rank: Rank) -> list[After]:
        timers = []
        if self._breaker.failed():
            timers.append(self._until_closed(self._recovery, self._breaker.recover))
        if rank is Rank.EXIT and self._breaker.state is not BreakerState.CLOSED:
            self._exit_failures += 1
            self._exit_holds += 1
            timers.append(self._until_closed(self._backoff.delay(self._exit_failures), self._release_exits))
        return timers

    def _close(self) -> None:
        self._breaker.succeeded()
        self._exit_failures = self._exit_holds = 0
        for ticket in self._due:
            self._reminders.forget(ticket)
        self._due.clear()

    def _until_closed(self, delay: float, action: Callable[[], None]) -> After:
        ticket, timer = self._reminders.put_off(delay, action)
        self._due.add(ticket)
        return timer

    def _release_exits(self) -> None:
        self._exit_holds -= 1

    def _end_pause(self) -> None:
        self._pauses -= 1
