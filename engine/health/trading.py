"""The health of what a grid trades through: the exchange, its clock, the database, the account."""

from __future__ import annotations

from engine.gateway.breaker import BreakerState
from engine.health.asked import GridCheck
from engine.health.findings import Finding, Stretch
from engine.health.thresholds import WatchedGrid
from engine.health.words import many, span
from engine.messages.questions import (
    DescribeGateway,
    DescribeJournal,
    DescribeReconciliation,
    GatewayDescribed,
    JournalDescribed,
    ReconciliationDescribed,
)
from engine.messages.vitals import Level

_MANY_FAILURES = 3  # in a row: a journal that tries again has waited for some seconds then
_COMPARING = 15.0  # seconds that a comparison may take in a market that does not stand still


class ExchangeCheck(GridCheck[GatewayDescribed]):
    """Judge the exchange by how its gateway gets on with it."""

    name = "exchange"
    question = DescribeGateway()
    answer = GatewayDescribed

    def __init__(self, grid: WatchedGrid) -> None:
        """Begin with no answer."""
        super().__init__(grid, grid.addresses.gateway, grid.health.actor_hangs)
        self._troubled, self._unresolved = Stretch(), Stretch()

    def learn(self, now: float, value: GatewayDescribed) -> None:
        """Time what is not as it should be."""
        self._troubled.note(is_so=value.paused or value.trouble is not None, now=now)
        self._unresolved.note(is_so=value.unresolved > 0, now=now)

    def judge(self, now: float, value: GatewayDescribed) -> Finding:
        """Say how the exchange is."""
        waiting = value.pending + value.put_off + value.in_flight
        calls = f"{many(waiting, 'call')} waiting or under way"
        trouble = value.trouble or "it has not answered"
        troubled, unresolved = self._troubled.seconds(now), self._unresolved.seconds(now)
        lasts_long = troubled >= self.grid.health.feed_silence
        if value.breaker is not BreakerState.CLOSED:
            text = f"calls are held back after too many failures in a row: {trouble}; {calls}"
            return self.found(Level.CRITICAL, text, waiting, "calls")
        if value.paused:
            text = f"the exchange wants to be left alone, for {span(troubled)}: {trouble}; {calls}"
            return self.found(Level.WARNING, text, waiting, "calls", tells=lasts_long)
        if value.trouble is not None:
            text = f"the last call found no answer: {value.trouble}; {calls}"
            return self.found(Level.WARNING, text, waiting, "calls", tells=lasts_long)
        if value.unresolved:
            text = f"nobody knows of {many(value.unresolved, 'order')} whether it arrived; {calls}"
            tells = unresolved >= self.grid.health.actor_hangs
            return self.found(Level.WARNING, text, waiting, "calls", tells=tells)
        return self.found(Level.OK, f"it answers; {calls}", waiting, "calls")


class DatabaseCheck(GridCheck[JournalDescribed]):
    """Judge the database by how the journal gets on with it."""

    name = "database"
    question = DescribeJournal()
    answer = JournalDescribed

    def __init__(self, grid: WatchedGrid) -> None:
        """Begin with no answer."""
        assert grid.addresses.journal is not None, "a grid on live prices has a journal"
        super().__init__(grid, grid.addresses.journal, grid.health.actor_hangs)
        self._troubled = Stretch()

    def learn(self, now: float, value: JournalDescribed) -> None:
        """Time its trouble."""
        self._troubled.note(is_so=value.failures > 0, now=now)

    def judge(self, now: float, value: JournalDescribed) -> Finding:
        """Say whether what happens is written down."""
        if not value.failures:
            text = "everything is written down"
            if value.unwritten:
                text = f"{many(value.unwritten, 'batch', 'batches')} to be written at once"
            return self.found(Level.OK, text, value.unwritten, "batches")
        times = many(value.failures, "time")
        text = f"writing has failed {times} in a row, for {span(self._troubled.seconds(now))}; no order is placed"
        is_bad = value.failures >= _MANY_FAILURES
        level = Level.CRITICAL if is_bad else Level.WARNING
        return self.found(level, text, value.unwritten, "batches", tells=is_bad)


class ReconciliationCheck(GridCheck[ReconciliationDescribed]):
    """Judge how long ago the account was compared with what the grid holds, and what came of it."""

    name = "reconciliation"
    question = DescribeReconciliation()
    answer = ReconciliationDescribed

    def __init__(self, grid: WatchedGrid, began: float) -> None:
        """Begin at `began` with nothing compared."""
        super().__init__(grid, grid.addresses.reconciler, grid.health.actor_hangs)
        self._compared, self._compared_at = 0, began

    def learn(self, now: float, value: ReconciliationDescribed) -> None:
        """See whether it was compared since the last answer; a reconciler that was restarted counts anew."""
        if value.compared and value.compared != self._compared:
            self._compared_at = now
        self._compared = value.compared

    def judge(self, now: float, value: ReconciliationDescribed) -> Finding:
        """Say whether the account has what it should have; people are told of each difference when it is found."""
        ago = now - self._compared_at
        every = self.grid.reconciliation_interval
        if ago >= self.grid.health.reconciliation_overdue * every + _COMPARING:
            text = f"not compared for {span(ago)}, which should be done every {span(every)}"
            return self.found(Level.WARNING, text, ago, "s")
        if not value.compared:
            return self.found(Level.OK, "not compared yet", ago, "s")
        compared = f"compared {span(ago)} ago"
        if value.differences:
            return self.found(Level.WARNING, f"{compared}: {'; '.join(value.differences)}", ago, "s", tells=False)
        return self.found(Level.OK, f"{compared}: the account has what the grid holds", ago, "s")


class ClockCheck:
    """Judge this computer's clock by an exchange's."""

    name = "clock"

    def __init__(self, grid: WatchedGrid) -> None:
        """Begin with nothing known."""
        self._grid = grid
        self._ahead: int | None = None
        self._known_at: float | None = None
        self._has_failed = False

    def compared(self, now: float, ahead_ms: int | None) -> None:
        """Take by how many milliseconds the exchange's clock is ahead; None when it did not say."""
        self._has_failed = ahead_ms is None
        if ahead_ms is not None:
            self._ahead, self._known_at = ahead_ms, now

    def finding(self, now: float) -> Finding:
        """Say how far they are apart."""
        ahead, name = self._ahead, self._grid.name
        if ahead is None or self._known_at is None:
            text = "the exchange did not tell its time" if self._has_failed else "not compared yet"
            return Finding(self.name, name, Level.UNKNOWN, text)
        most = self._grid.health.clock_offset_ms
        text = f"the exchange's clock is {abs(ahead):,} ms {'ahead' if ahead >= 0 else 'behind'}"
        text = f"{text}, compared {span(now - self._known_at)} ago"
        if self._has_failed:
            text = f"{text} and not to be had since"
        is_far = abs(ahead) >= most
        text = f"{text}; allowed are {most:g} ms" if is_far else text
        return Finding(self.name, name, Level.WARNING if is_far else Level.OK, text, ahead, "ms")
