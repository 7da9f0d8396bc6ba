"""Feeds on a stepper: connections that do what a test says, and a note of everything that was wanted of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from engine.addresses import REPORTER
from engine.effects import Address, After, Effect, Reply, Send, Stop
from engine.feeds.connection import Connect, Patience
from engine.feeds.price_feed import FeedCommand
from engine.messages import HeartbeatSeen, StreamEnded, StreamOpened
from engine.stepper import Stepper

FEED: Address[Any] = Address("feed")
STEADY = Patience(jitter=0.0)  # 5 s, doubled 5 times, at most 60 s
Network = Callable[[int], list[After]]


def opens(number: int) -> list[After]:
    """Let a connection open after a second, and then be silent."""
    return [After(1.0, StreamOpened(number))]


def opens_for(seconds: int) -> Network:
    """Let connections open after a second, live for a time, and be dropped."""

    def network(number: int) -> list[After]:
        beats = [After(1.0 + beat, HeartbeatSeen(number)) for beat in range(0, seconds, 8)]
        return [*opens(number), *beats, After(1.0 + seconds, StreamEnded(number, "dropped"))]

    return network


def fails(number: int) -> list[After]:
    """Let an attempt fail after a second."""
    return [After(1.0, StreamEnded(number, "refused"))]


def hangs(number: int) -> list[After]:  # noqa: ARG001 whichever it is
    """Let an attempt hang."""
    return []


def in_turn(*networks: Network) -> Network:
    """Let each attempt be as the next of these says, and those after the last one be as that."""
    return lambda number: networks[min(number, len(networks)) - 1](number)


@define
class Wire:
    """Host a feed's behaviour: note its commands with the time, and let `network` answer each attempt to connect."""

    feed: Any
    network: Network = opens
    stepper: Stepper = field(factory=Stepper)
    log: list[tuple[float, FeedCommand]] = field(factory=list)
    told: list[Any] = field(factory=list)
    noted: list[Any] = field(factory=list)  # for the reporter

    def __attrs_post_init__(self) -> None:
        self.stepper.add(FEED, self)
        self.tell(None)

    def handle(self, message: Any) -> list[Effect]:
        effects: list[Effect] = []
        for effect in self.feed.start() if message is None else self.feed.handle(message):
            match effect:
                case Send():
                    (self.noted if effect.to == REPORTER else self.told).append(effect.message)
                case After() | Reply() | Stop():
                    effects.append(effect)
                case _:
                    self.log.append((self.stepper.now, effect))
                    effects += self.network(effect.connection) if isinstance(effect, Connect) else []
        return effects

    def tell(self, message: Any) -> list[Any]:
        """Tell it a message now; give what it told because of it."""
        before = len(self.told)
        self.stepper.send(FEED, message)
        self.stepper.settle()
        return self.told[before:]

    def run(self, seconds: float) -> list[Any]:
        """Let the timers of the next seconds ring; give what it told."""
        before = len(self.told)
        rung: list[bool] = []
        self.stepper.add("clock", _Once(rung))
        self.stepper._perform("clock", After(seconds, None))
        while not rung:
            assert self.stepper.advance_clock()
            self.stepper.settle()
        return self.told[before:]

    def times(self, kind: type[FeedCommand]) -> list[float]:
        """Give when commands of one kind were given."""
        return [time for time, command in self.log if isinstance(command, kind)]

    def numbers(self, kind: type[FeedCommand]) -> list[int]:
        """Give whom commands of one kind were about."""
        return [command.connection for _, command in self.log if isinstance(command, kind)]


@define
class _Once:
    rung: list[bool]

    def handle(self, message: Any) -> list[Effect]:  # noqa: ARG002 any will do
        self.rung.append(True)
        return []
