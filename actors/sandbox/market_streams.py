"""Market streams: who has subscribed to what, and the sending of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from attrs import define, field

from actors.sandbox.client_socket import ClientSocket
from actors.sandbox.event_faults import EventFaults
from actors.sandbox.floor import Floor
from actors.sandbox.market_stream import MarketStream, Payload
from actors.sandbox.stream_names import open_stream
from engine.venue.events import Event


@define(eq=False)
class Subscriber:
    """Hold one connection's subscriptions; `combined` wraps what it is told in the stream's name."""

    client: ClientSocket
    combined: bool
    names: dict[str, None] = field(init=False, factory=dict)  # as a set that keeps its order

    def tell(self, name: str, text: str) -> None:
        """Send one payload of a stream."""
        self.client.send_text(f'{{"stream":"{name}","data":{text}}}' if self.combined else text)


@define(eq=False)
class _Channel:
    name: str
    stream: MarketStream | None  # None: nobody knows such a stream, and nothing is ever told
    subscribers: dict[Subscriber, None] = field(init=False, factory=dict)


class MarketStreams:
    """Run the streams that somebody has subscribed to. All of it happens on the publisher's thread."""

    def __init__(self, floor: Floor, faults: EventFaults) -> None:
        self._floor = floor
        self._faults = faults
        self._channels: dict[str, _Channel] = {}

    def subscribe(self, subscriber: Subscriber, names: Iterable[str]) -> None:
        """Add streams; one that is there already changes nothing."""
        for name in names:
            channel = self._channels.get(name) or self._open(name)
            channel.subscribers[subscriber] = None
            subscriber.names[name] = None

    def unsubscribe(self, subscriber: Subscriber, names: Iterable[str]) -> None:
        """Take streams away; one that is not there changes nothing."""
        for name in names:
            if name in subscriber.names:
                del subscriber.names[name]
                channel = self._channels[name]
                del channel.subscribers[subscriber]
                if not channel.subscribers:
                    del self._channels[name]

    def forget(self, subscriber: Subscriber) -> None:
        """Take all of a connection's streams away."""
        self.unsubscribe(subscriber, list(subscriber.names))

    def happened(self, events: Sequence[Event]) -> None:
        """Tell what the venue did."""
        with self._floor.lock:
            now = self._floor.now_ms()
            told = [
                (channel, payload)
                for channel, stream in self._running()
                for payload in stream.happened(self._floor.venue, events, now)
            ]
        self._tell(told)

    def tick(self) -> None:
        """Tell what is due by the clock."""
        with self._floor.lock:
            now = self._floor.now_ms()
            told = [
                (channel, payload)
                for channel, stream in self._running()
                for payload in stream.due(self._floor.venue, now)
            ]
        self._tell(told)

    def _open(self, name: str) -> _Channel:
        with self._floor.lock:
            stream = open_stream(name, self._floor.venue.symbols)
            if stream is not None:
                stream.opened(self._floor.venue)
        channel = self._channels[name] = _Channel(name, stream)
        return channel

    def _running(self) -> Iterable[tuple[_Channel, MarketStream]]:
        return [(channel, channel.stream) for channel in self._channels.values() if channel.stream is not None]

    def _tell(self, told: Sequence[tuple[_Channel, Payload]]) -> None:
        for channel, payload in told:
            text = json.dumps(payload, separators=(",", ":"))

            def send(channel: _Channel = channel, text: str = text) -> None:
                for subscriber in list(channel.subscribers):
                    subscriber.tell(channel.name, text)

            self._faults.send(payload, send)
