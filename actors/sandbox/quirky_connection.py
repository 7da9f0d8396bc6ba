"""The WebSocket connection of the library, with ears for its frames and a way to leave pings unanswered."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.protocol import Event
from websockets.server import ServerProtocol
from websockets.sync.server import Server, ServerConnection

_LARGEST_REQUEST = 2**16  # bytes


class RateGate:
    """Allow so many events within a second."""

    def __init__(self, per_second: int) -> None:
        self._times: deque[float] = deque(maxlen=per_second)

    def passes(self) -> bool:
        """Count one; tell whether it still fits."""
        now = monotonic()
        full = len(self._times) == self._times.maxlen and now - self._times[0] < 1.0
        self._times.append(now)
        return not full


class QuirkyProtocol(ServerProtocol):
    """Speak WebSocket, and leave the client's pings unanswered once told so."""

    answers_pings = True

    def send_frame(self, frame: Frame) -> None:
        """Send it, unless it is a pong and there are to be none."""
        if self.answers_pings or frame.opcode is not Opcode.PONG:
            super().send_frame(frame)


class QuirkyConnection(ServerConnection):
    """Notice when too much comes in, and be cut off without a close frame."""

    def __init__(self, sock: socket.socket, protocol: ServerProtocol, server: Server, **options: Any) -> None:
        """Take the place of the connection and of the protocol that the library would make."""
        self.quirks = QuirkyProtocol(max_size=_LARGEST_REQUEST, logger=protocol.logger)
        self.gate: RateGate | None = None  # None: any number of frames a second
        self._flooded = False
        self._on_flood: Callable[[], None] | None = None
        super().__init__(sock, self.quirks, server, **options)

    def process_event(self, event: Event) -> None:
        """Count each frame, pings and pongs included, before it is looked at."""
        if isinstance(event, Frame) and self.gate is not None and not self.gate.passes():
            self._flooded = True
            if self._on_flood is not None:
                self._on_flood()
        super().process_event(event)

    def watch_flood(self, on_flood: Callable[[], None]) -> None:
        """Call `on_flood`, perhaps more than once, when more frames come than the gate lets pass, or have come."""
        self._on_flood = on_flood
        if self._flooded:
            on_flood()

    def cut(self) -> None:
        """End it as a lost network would: no close frame, and whoever is blocked in sending is freed."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is gone already
