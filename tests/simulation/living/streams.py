"""The exchange's side of a feed's connections: what it tells is lost, doubled, late, out of order, or not told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from attrs import define

from engine.effects import Address, Effect
from engine.feeds.connection import Connect, Disconnect, Probe
from engine.feeds.price_feed import FetchPrice
from engine.messages import HeartbeatSeen, StreamEnded, StreamLeaving, StreamOpened
from tests.simulation.living.chance import Chance
from tests.simulation.living.house import House

_LEAVES_WITHIN = 10.0  # seconds from the notice

FAULTS = ("lost", "doubled", "late", "refused")


@define
class _Connection:
    number: int
    is_silent: bool = False
    heard_until: float = 0.0  # when what was told last arrives


class Streams:
    """Keep the connections of one feed, and tell on each of them; `name` is in the names of what goes wrong."""

    def __init__(
        self,
        name: str,
        address: Address[Any],
        house: House,
        chance: Chance,
        rates: dict[str, float],
        fetch: Callable[[int], Any] | None = None,
    ) -> None:
        self.name, self._address = name, address
        self._house, self._chance, self._fetch = house, chance, fetch
        self._lost, self._doubled, self._late, self._refused = (
            chance.hazard(f"{name} {fault}", rates.get(f"{name} {fault}", 0.0)) for fault in FAULTS
        )
        self._latency = chance.stream(f"{name} latency").random
        self._open: dict[int, _Connection] = {}
        self.is_down = False

    def tell(self, make: Callable[[int], Any]) -> None:
        """Tell everybody who listens, unless it goes wrong; `make` makes the message for a connection."""
        for connection in self._open.values():
            if connection.is_silent or self._lost.strikes():
                continue
            message = make(connection.number)
            if self._late.strikes():
                self._bring(self._chance.detail().uniform(0.2, 20.0), connection, message)
                continue
            connection.heard_until = max(connection.heard_until, self._house.now + 0.005 + 0.1 * self._latency())
            self._bring(connection.heard_until - self._house.now, connection, message)
            if self._doubled.strikes():
                self._bring(self._chance.detail().uniform(0.0, 30.0), connection, message)

    def _bring(self, delay: float, connection: _Connection, message: Any) -> None:
        def arrive() -> None:
            if self._open.get(connection.number) is connection:
                self._house.send(self._address, message, self.name)

        self._house.later(delay, arrive)

    # --- what goes on around it ----------------------------------------------------------------------

    def drop(self) -> None:
        """Have all connections end."""
        for number in list(self._open):
            self._end(number, "connection reset")

    def fall_silent(self) -> None:
        """Have all connections go on without a word."""
        for connection in self._open.values():
            connection.is_silent = True

    def leave(self) -> None:
        """Give notice on all connections, and end them soon."""
        for number in list(self._open):
            self._house.send(self._address, StreamLeaving(number), self.name)
            self._house.later(_LEAVES_WITHIN, lambda number=number: self._end(number, "left"))  # type: ignore[misc]

    def hang_up(self) -> None:
        """Have nobody listen any more."""
        self._open.clear()

    def _end(self, number: int, why: str) -> None:
        if self._open.pop(number, None) is not None:
            self._house.send(self._address, StreamEnded(number, why), self.name)

    # --- what the feed wants -------------------------------------------------------------------------

    def perform(self, effects: Iterable[Any]) -> list[Effect]:
        """Do what is for the sockets, and give the rest."""
        rest = []
        for effect in effects:
            match effect:
                case Connect():
                    self._connect(effect.connection)
                case Disconnect():
                    self._open.pop(effect.connection, None)
                case Probe():
                    self._probe(effect.connection)
                case FetchPrice():
                    self._ask(effect.connection)
                case _:
                    rest.append(effect)
        return rest

    def _connect(self, number: int) -> None:
        delay = 0.05 + 0.1 * self._latency()
        if self._refused.strikes():
            self._house.later(delay, lambda: self._house.send(self._address, StreamEnded(number, "refused"), self.name))
            return
        self._house.later(delay, lambda: self._subscribe(number))

    def _subscribe(self, number: int) -> None:
        if self.is_down:
            self._house.send(self._address, StreamEnded(number, "no answer"), self.name)
            return
        connection = self._open[number] = _Connection(number)
        connection.heard_until = self._house.now + 0.05
        self._bring(0.05, connection, StreamOpened(number))

    def _probe(self, number: int) -> None:
        connection = self._open.get(number)
        if connection is not None and not connection.is_silent and not self.is_down:
            self._bring(0.05, connection, HeartbeatSeen(number))

    def _ask(self, number: int) -> None:
        """Ask beside the stream."""
        fetch = self._fetch
        if fetch is not None and not self.is_down and not self._lost.strikes():
            self._house.later(0.1, lambda: self._house.send(self._address, fetch(number), self.name))


class Feed(Protocol):
    """Be a feed's behaviour."""

    def start(self) -> list[Any]: ...

    def handle(self, message: Any, /) -> list[Any]: ...


class EdgedFeed:
    """Run a feed's behaviour, and have what it wants of sockets done here."""

    def __init__(self, feed: Feed, streams: Streams) -> None:
        self._feed, self._streams = feed, streams

    def start(self) -> list[Effect]:
        return self._streams.perform(self._feed.start())

    def handle(self, message: Any) -> list[Effect]:
        return self._streams.perform(self._feed.handle(message))

    def close(self) -> None:
        self._streams.hang_up()
