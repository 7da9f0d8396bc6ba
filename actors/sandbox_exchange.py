"""The sandbox as an actor: a local exchange that lives and ends with those who trade on it."""

from __future__ import annotations

from typing import Protocol

from engine.effects import Address, Effect
from engine.supervision import ChildSpec, Restart

SANDBOX: Address[None] = Address("sandbox")


class LocalExchange(Protocol):
    """Serve from `start` to `close`; `start` again is no trouble."""

    def start(self) -> None:
        """Listen."""

    def close(self) -> None:
        """End every thread and connection."""


class SandboxExchange:
    """Hold a local exchange, which talks to its clients over sockets and to no actor."""

    def __init__(self, exchange: LocalExchange) -> None:
        """Take over `exchange`, which may run already."""
        self._exchange = exchange

    def start(self) -> list[Effect]:
        """Have it listen."""
        self._exchange.start()
        return []

    def handle(self, _message: None) -> list[Effect]:
        """Do nothing: nobody writes to it."""
        return []

    def close(self) -> None:
        """Hang up on everybody."""
        self._exchange.close()


def spec(exchange: LocalExchange) -> ChildSpec:
    """Describe the sandbox; its orders and balances end with it, so it is not started twice."""
    return ChildSpec(SANDBOX, lambda: SandboxExchange(exchange), Restart.TEMPORARY)
