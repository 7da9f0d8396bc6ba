"""A circuit breaker: stop calling what does not answer, and try it again with a few calls later."""

from __future__ import annotations

from enum import StrEnum


class BreakerState(StrEnum):
    """Whether calls may pass: all, none, a few on trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Open after `threshold` failures in a row; half-open, let `trials` calls through and close on a success.

    How long it stays open is for its owner to time: `failed` tells when it opens, `recover` half-opens it.
    """

    def __init__(self, threshold: int, trials: int) -> None:
        """Begin closed."""
        self.state = BreakerState.CLOSED
        self._threshold, self._trials = threshold, trials
        self._failures = 0
        self._on_trial = 0

    @property
    def admits(self) -> bool:
        """Tell whether a call may pass."""
        if self.state is BreakerState.HALF_OPEN:
            return self._on_trial < self._trials
        return self.state is BreakerState.CLOSED

    def let_through(self) -> bool:
        """Count a call that passes; tell whether it is on trial."""
        on_trial = self.state is BreakerState.HALF_OPEN
        self._on_trial += on_trial
        return on_trial

    def take_back(self) -> None:
        """Give a trial to another call: that one has neither failed nor succeeded."""
        self._on_trial = max(0, self._on_trial - 1)

    def succeeded(self) -> None:
        """Close: there is an answer."""
        self.state = BreakerState.CLOSED
        self._failures = 0

    def failed(self) -> bool:
        """Count a call that found no answer; tell whether that opened it."""
        self._failures += 1
        enough = self.state is BreakerState.HALF_OPEN or self._failures >= self._threshold
        if self.state is BreakerState.OPEN or not enough:
            return False
        self.state = BreakerState.OPEN
        return True

    def recover(self) -> None:
        """Half-open, when it has been open for long enough."""
        if self.state is BreakerState.OPEN:
            self.state = BreakerState.HALF_OPEN
            self._on_trial = 0
