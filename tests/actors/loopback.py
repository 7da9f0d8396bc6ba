"""A WebSocket server on this machine that does nothing by itself: a test says what each of its connections does."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import threading
from types import TracebackType
from typing import Any, Self

from attrs import define, field
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

SOON = 5.0  # seconds that nothing here takes unless it is broken


@define(eq=False)
class Peer:
    """Be the server's end of one connection."""

    connection: ServerConnection
    released: threading.Event = field(factory=threading.Event)

    @property
    def path(self) -> str:
        assert self.connection.request is not None
        return self.connection.request.path

    def hears(self) -> dict[str, Any]:
        """Wait for the next frame."""
        heard = json.loads(self.connection.recv(timeout=SOON))
        assert isinstance(heard, dict)
        return heard

    def says(self, what: object) -> None:
        """Send text as it is, anything else as JSON, bytes as a binary frame."""
        self.connection.send(what if isinstance(what, str | bytes) else json.dumps(what))

    def is_answered_a_ping(self) -> bool:
        return self.connection.ping(b"payload").wait(SOON)

    def drops(self) -> None:
        """End it without a word."""
        self.connection.socket.shutdown(socket.SHUT_RDWR)

    def closes(self, code: int = 1000, reason: str = "") -> None:
        self.connection.close(code, reason)

    def sees_the_end(self) -> tuple[int | None, bool]:
        """Wait until the other side is gone; give its close code, and whether it said goodbye."""
        try:
            while True:
                self.connection.recv(timeout=SOON)
        except ConnectionClosed as closed:
            return (closed.rcvd.code if closed.rcvd else None), closed.rcvd is not None


@define(eq=False)
class Loopback:
    """Accept connections, and hand them to the test one by one."""

    tls: ssl.SSLContext | None = None
    peers: queue.SimpleQueue[Peer] = field(factory=queue.SimpleQueue)
    all: list[Peer] = field(factory=list)
    is_over: bool = False
    server: Server = field(init=False)
    thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://127.0.0.1:{self.server.socket.getsockname()[1]}"

    def accepts(self) -> Peer:
        """Wait for the next connection."""
        return self.peers.get(timeout=SOON)

    @property
    def is_left_alone(self) -> bool:
        return self.peers.empty()

    def __enter__(self) -> Self:
        self.server = serve(self._hold, "127.0.0.1", 0, ssl=self.tls, ping_interval=None, close_timeout=1)
        self.thread = threading.Thread(target=self.server.serve_forever, name="loopback")
        self.thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_over = True  # for those that are still to come
        for peer in self.all:
            peer.released.set()
        self.server.shutdown()
        self.thread.join(SOON)
        assert not self.thread.is_alive()

    def _hold(self, connection: ServerConnection) -> None:
        peer = Peer(connection)
        self.all.append(peer)
        self.peers.put(peer)
        if not self.is_over:
            peer.released.wait()
