"""One of those who call the exchange for the gateway: one call at a time, through one library."""

from __future__ import annotations

from collections.abc import Callable

from engine.calls import Line
from engine.effects import Address, Effect, Send
from engine.messages import CallEnded, CallerInbox, CallerReady, GatewayInbox
from engine.supervision import ChildSpec


class Caller:
    """Make the gateway's calls over one line."""

    def __init__(self, index: int, gateway: Address[GatewayInbox], line: Line) -> None:
        self._index = index
        self._gateway = gateway
        self._line = line

    def start(self) -> list[Effect]:
        """Tell the gateway that there is somebody to call for it."""
        return [Send(self._gateway, CallerReady(self._index))]

    def handle(self, message: CallerInbox) -> list[Effect]:
        """Make the call that is asked for."""
        outcome = self._line.put_through(message.call)
        return [Send(self._gateway, CallEnded(self._index, message.number, outcome))]

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()


def spec(
    address: Address[CallerInbox], gateway: Address[GatewayInbox], index: int, line: Callable[[], Line]
) -> ChildSpec:
    """Describe the caller number `index`; each incarnation has a `line` made for it, in its own thread."""
    return ChildSpec(address, lambda: Caller(index, gateway, line()))
