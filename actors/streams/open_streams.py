"""What a feed keeps open: connections by number, made and dropped as its behaviour decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Generic, Protocol, TypeVar

from engine.effects import Effect
from engine.feeds.connection import Connect, Disconnect, Probe, StreamCommand

_CLOSING = 1.0  # seconds for all threads together


class Connection(Protocol):
    """Be open from `open` until it ends by itself or is closed; tell of it elsewhere."""

    def open(self) -> None:
        """Begin, in a thread of its own."""

    def probe(self) -> None:
        """Ask the other side for a sign of life."""

    def close(self) -> None:
        """Have it ended, without waiting."""

    def join(self, timeout: float) -> bool:
        """Wait for its thread to end; tell whether it did within `timeout` seconds."""


C = TypeVar("C", bound=Connection)


class Streams(Generic[C]):
    """Carry out what a feed decides on its connections."""

    def __init__(self, make: Callable[[int], C]) -> None:
        """Begin with none; `make` gives the connection of a number, not yet open."""
        self._make = make
        self._open: dict[int, C] = {}
        self._closed: list[C] = []

    def get(self, number: int) -> C | None:
        """Give a connection that has not been dropped."""
        return self._open.get(number)

    def perform(self, effects: Iterable[Effect | StreamCommand]) -> list[Effect]:
        """Carry out the commands, in order; give the rest."""
        rest: list[Effect] = []
        for effect in effects:
            match effect:
                case Connect():
                    self._open[effect.connection] = connection = self._make(effect.connection)
                    connection.open()
                case Probe():
                    if (probed := self._open.get(effect.connection)) is not None:
                        probed.probe()
                case Disconnect():
                    self._drop(effect.connection)
                case _:
                    rest.append(effect)
        return rest

    def close(self) -> None:
        """Drop all; wait a moment for their threads."""
        for number in list(self._open):
            self._drop(number)
        deadline = monotonic() + _CLOSING
        for connection in self._closed:
            connection.join(max(0.0, deadline - monotonic()))

    def _drop(self, number: int) -> None:
        if (connection := self._open.pop(number, None)) is not None:
            connection.close()
            self._closed = [closed for closed in self._closed if not closed.join(0.0)] + [connection]
