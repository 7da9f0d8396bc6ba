"""Between the gateway and those who call the exchange for it."""

from __future__ import annotations

from engine.calls import Call, Outcome
from engine.freezing import frozen


@frozen
class MakeCall:
    """Ask a caller to put one call through; it takes one at a time."""

    number: int
    call: Call


@frozen
class CallEnded:
    """Tell the gateway how a call ended."""

    caller: int
    number: int
    outcome: Outcome


@frozen
class CallerReady:
    """Tell the gateway that a caller is (again) there; whatever it was asked before is lost."""

    caller: int


@frozen
class RetryDue:
    """Remind the gateway of what it put off."""

    ticket: int
