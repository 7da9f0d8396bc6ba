"""Drive a backtest: move the market to its next event, let every message settle, repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.addresses import GridAddresses
from engine.effects import Address
from engine.exchange import PATH_ENDED
from engine.messages import Advance, OpenGrid

_ADVANCE = Advance()
_PROGRESS_EVERY = 256  # events


class Host(Protocol):
    """Run actors: on one thread (the stepper) or on many (the post)."""

    def send(self, to: Address[Any], message: Any) -> None:
        """Tell a message."""

    def ask(self, to: Address[Any], message: Any) -> Any:
        """Ask and wait for the answer."""

    def ask_settled(self, to: Address[Any], message: Any) -> Any:
        """Ask, and wait for the answer and until no message is in flight."""

    def settle(self) -> None:
        """Wait until no message is in flight."""


def drive(host: Host, addresses: GridAddresses, on_progress: Callable[[int], None] | None = None) -> None:
    """Run one grid from its first candle to its last; `on_progress` hears the index of the candle reached."""
    host.send(addresses.grid_manager, OpenGrid())
    host.settle()
    ask, exchange = host.ask_settled, addresses.exchange
    events = 0
    while (index := ask(exchange, _ADVANCE)) != PATH_ENDED:
        events += 1
        if on_progress is not None and events % _PROGRESS_EVERY == 0:
            on_progress(index)
