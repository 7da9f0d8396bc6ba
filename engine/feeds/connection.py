"""A feed's connection to its exchange: made, watched for silence, renewed before its end, and made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from attrs import frozen

from engine.effects import Effect
from engine.feeds.timers import FeedTimers, Purpose
from engine.messages import FeedInbox, FeedTimer, HeartbeatSeen, StreamEnded, StreamLeaving, StreamOpened
from engine.settings.model import Execution


@frozen
class Connect:
    """Have a connection made under this number."""

    connection: int


@frozen
class Disconnect:
    """Have a connection dropped, whatever it is doing; nothing that it still says is wanted."""

    connection: int


@frozen
class Probe:
    """Have the other side of a connection asked for a sign of life."""

    connection: int


StreamCommand = Connect | Disconnect | Probe


@frozen
class Patience:
    """Say, in seconds, how long to wait for what.

    The n-th attempt that fails in a row is followed by the next after `first_delay` doubled n - 1 times, at most
    `max_retries` times and to `longest_delay`, and varied by up to the share `jitter`. `opening` bounds an attempt.
    After `silence` the other side is asked for a sign of life, and after as much again given up. A connection is
    renewed before it has lived for `lifetime`, and the old one is still heard for `overlap`.
    """

    first_delay: float = 5.0
    max_retries: int = 5
    longest_delay: float = 60.0
    shortest_delay: float = 0.05
    jitter: float = 0.2
    opening: float = 20.0
    silence: float = 10.0
    lifetime: float = 23.5 * 3600  # Binance ends a connection after 24 h
    overlap: float = 2.0

    @classmethod
    def of(cls, execution: Execution) -> Patience:
        """Take from a configuration what it says."""
        first = execution.websocket_retry_base_delay
        return cls(
            first_delay=first,
            max_retries=execution.websocket_max_retries,
            longest_delay=max(first, cls().longest_delay),
        )

    def delay(self, failures: int, random01: float) -> float:
        """Give the seconds to wait after the n-th failure in a row; `random01` in [0, 1] picks the jitter."""
        doublings = min(failures - 1, self.max_retries, 60)  # 60: beyond any longest delay, and a float still holds it
        delay = min(self.first_delay * 2.0**doublings, self.longest_delay)
        return max(delay, self.shortest_delay) * (1 + self.jitter * (2 * random01 - 1))

    def renewal(self, random01: float) -> float:
        """Give the seconds after which to renew; feeds that began together do not renew together."""
        return self.lifetime * (1 - 0.1 * random01)


class FeedConnection:
    """Keep one connection up, for ever.

    `numbers` gives each connection a number of its own, also across restarts of the feed, so that what an earlier
    one says late is not taken for news. A connection that has shown no sign of stability counts as a failure when
    it ends; one that has is replaced at once.
    """

    def __init__(self, patience: Patience, numbers: Iterator[int], random01: Callable[[], float]) -> None:
        """Begin without a connection; `random01` gives numbers in [0, 1]."""
        self._patience = patience
        self._numbers = numbers
        self._random01 = random01
        self._timers = FeedTimers()
        self._current: int | None = None
        self._successor: int | None = None  # being made
        self._predecessor: int | None = None  # replaced, and heard out
        self._failures = 0
        self._reason: str | None = None  # of the last end; None before the first
        self._heard = self._probed = self._is_stable = False
        self.signs = 0  # of life, on any of its connections

    @property
    def current(self) -> int | None:
        """Give the connection that is up."""
        return self._current

    @property
    def trouble(self) -> str | None:
        """Say why nothing is heard; None while a connection is up, or the first one is being made."""
        if self._current is not None or self._reason is None:
            return None
        if self._failures <= self._patience.max_retries:
            return f"no connection: {self._reason}"
        return f"no connection after {self._patience.max_retries} retries, and trying on: {self._reason}"

    def is_heard(self, connection: int) -> bool:
        """Tell whether what a connection says counts, and take it for a sign of life."""
        if connection == self._current:
            self._heard = True
            self.signs += 1
            return True
        return connection == self._predecessor

    def start(self) -> list[Effect | StreamCommand]:
        """Have the first connection made."""
        return self._connect()

    def renew(self) -> list[Effect | StreamCommand]:
        """Have a successor made while the connection is still up."""
        return self._connect() if self._current is not None and self._successor is None else []

    def handle(self, message: FeedInbox) -> list[Effect | StreamCommand]:
        """Move on by one message."""
        match message:
            case StreamOpened():
                return self._opened(message.connection)
            case StreamEnded():
                return self._ended(message.connection, message.reason)
            case StreamLeaving():
                return self.renew() if message.connection == self._current else []
            case HeartbeatSeen():
                self.is_heard(message.connection)
                return []
            case FeedTimer():
                return self._reminded(message) if self._timers.is_due(message) else []
            case _:
                assert_never(message)

    # --- up ------------------------------------------------------------------------------------------

    def _connect(self) -> list[Effect | StreamCommand]:
        self._timers.cancel(Purpose.RETRY)
        self._successor = next(self._numbers)
        return [Connect(self._successor), self._timers.set(Purpose.OPENING, self._patience.opening)]

    def _opened(self, connection: int) -> list[Effect | StreamCommand]:
        if connection != self._successor:
            return []
        effects = self._part_with_predecessor()
        self._timers.cancel(Purpose.OPENING)
        if self._current is not None:
            self._predecessor = self._current
            effects.append(self._timers.set(Purpose.OVERLAP, self._patience.overlap))
        self._current, self._successor = connection, None
        self._heard, self._probed, self._is_stable = True, False, False
        self.signs += 1
        return [
            *effects,
            self._timers.set(Purpose.SILENCE, self._patience.silence),
            self._timers.set(Purpose.RENEWAL, self._patience.renewal(self._random01())),
        ]

    def _part_with_predecessor(self) -> list[Effect | StreamCommand]:
        connection, self._predecessor = self._predecessor, None
        return [] if connection is None else [Disconnect(connection)]

    def _reminded(self, timer: FeedTimer) -> list[Effect | StreamCommand]:
        match timer.purpose:
            case Purpose.OPENING:
                return self._opening_took_too_long()
            case Purpose.RETRY:
                return self._connect() if self._successor is None else []
            case Purpose.SILENCE:
                return self._look_for_life()
            case Purpose.RENEWAL:
                return self.renew()
            case Purpose.OVERLAP:
                return self._part_with_predecessor()
            case _:
                raise ValueError(f"a timer for {timer.purpose!r} is not the connection's")

    def _look_for_life(self) -> list[Effect | StreamCommand]:
        current = self._current
        if current is None:
            return []
        again = self._timers.set(Purpose.SILENCE, self._patience.silence)
        if self._heard:
            self._heard, self._probed, self._is_stable, self._failures = False, False, True, 0
            return [again]
        if not self._probed:
            self._probed = True
            return [Probe(current), again]
        return self._ended(current, f"nothing heard for {2 * self._patience.silence:g} s")

    # --- down ----------------------------------------------------------------------------------------

    def _ended(self, connection: int, reason: str) -> list[Effect | StreamCommand]:
        gone: list[Effect | StreamCommand] = [Disconnect(connection)]
        if connection == self._predecessor:
            return self._part_with_predecessor()
        if connection == self._successor:
            self._successor = None
            return [*gone, *self._failed(reason)]
        if connection != self._current:
            return []
        self._current, self._reason = None, reason
        if self._successor is not None:
            return gone
        return [*gone, *(self._connect() if self._is_stable else self._failed(reason))]

    def _opening_took_too_long(self) -> list[Effect | StreamCommand]:
        if self._successor is None:
            return []
        return self._ended(self._successor, f"no answer within {self._patience.opening:g} s")

    def _failed(self, reason: str) -> list[Effect | StreamCommand]:
        """Try again later: after the first failure soon, after many in a row not so soon, but always."""
        self._timers.cancel(Purpose.OPENING)
        self._failures += 1
        self._reason = reason
        return [self._timers.set(Purpose.RETRY, self._patience.delay(self._failures, self._random01()))]
