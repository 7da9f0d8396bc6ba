"""One client's connection as the streams see it: what goes out, its pings, its age, and what is wrong with it."""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from attrs import frozen
from websockets.exceptions import ConnectionClosed

from actors.sandbox.quirky_connection import QuirkyConnection

log = logging.getLogger(__name__)

GOING_AWAY = 1001
POLICY_VIOLATION = 1008


@frozen
class SocketTimes:
    """Say how long what takes, in seconds: pings, the wait for their pongs, a connection's life."""

    ping_every: float = 20.0
    pong_within: float = 60.0
    longest_life: float = 86_400.0


class ClientSocket:
    """Send to one client without ever waiting for it.

    Messages wait in a bounded queue for a thread of their own; a client that lets the queue fill up is cut off.
    """

    def __init__(self, connection: QuirkyConnection, times: SocketTimes, *, room: int) -> None:
        """Take over a connection that is open; `room` messages may wait."""
        self.times = times
        self._silent = False
        self._pinging = True
        self._connection = connection
        self._outbox: queue.Queue[Callable[[], object] | None] = queue.Queue(room)
        self._born = self._pinged = monotonic()
        self._pings: deque[tuple[float, threading.Event]] = deque()  # those without a pong so far
        self._ending = False
        self._writer = threading.Thread(target=self._write, name="sandbox/writer", daemon=True)
        self._writer.start()

    @property
    def address(self) -> str:
        """Give the client's IP address."""
        try:
            return str(self._connection.remote_address[0])
        except OSError:
            return ""  # it is gone

    # --- what anybody may do, without waiting -----------------------------------------------------------

    def send(self, message: Any) -> None:
        """Send a JSON-able value."""
        self.send_text(json.dumps(message, separators=(",", ":")))

    def send_text(self, text: str) -> None:
        """Send one message."""
        if not self._silent:
            self._put(partial(self._connection.send, text))

    def close(self, code: int, reason: str = "") -> None:
        """Send what waits, then a close frame; nothing after it."""
        if not self._ending:
            self._ending = True
            self._put(partial(self._connection.close, code, reason))

    def cut(self) -> None:
        """End it without a close frame."""
        self._connection.cut()

    def cut_after(self) -> None:
        """End it without a close frame, once what waits has been sent."""
        self._put(self._connection.cut)

    # --- what goes wrong ----------------------------------------------------------------------------------

    def hush(self) -> None:
        """Say nothing any more but pings and pongs."""
        self._silent = True

    def speak(self) -> None:
        """End the silence."""
        self._silent = False

    def stop_pings(self) -> None:
        """Send no more pings."""
        self._pinging = False

    def stop_pongs(self) -> None:
        """Answer no more pings."""
        self._connection.quirks.answers_pings = False

    def recover(self) -> None:
        """Do everything again as it should be."""
        self._silent, self._pinging = False, True
        self._connection.quirks.answers_pings = True

    # --- its thread, and the clock ---------------------------------------------------------------------------

    def beat(self) -> None:
        """Ping when it is time; close when a pong is overdue or the connection has lived long enough."""
        now = monotonic()
        while self._pings and self._pings[0][1].is_set():
            self._pings.popleft()
        if now - self._born >= self.times.longest_life:
            self.close(GOING_AWAY, "24 hours are over")
        elif self._pings and now - self._pings[0][0] >= self.times.pong_within:
            self.close(POLICY_VIOLATION, "Pong timeout")
        elif now - self._pinged >= self.times.ping_every and self._pinging:
            self._pinged = now
            self._put(self._ping)

    def end(self) -> None:
        """Wait for the writer to end; the connection is closed."""
        self._ending = True
        try:
            self._outbox.put_nowait(None)
        except queue.Full:
            self.cut()  # which frees the writer, and its next message fails
        self._writer.join()

    def _put(self, action: Callable[[], object]) -> None:
        try:
            self._outbox.put_nowait(action)
        except queue.Full:
            if not self._ending:
                self._ending = True
                log.warning("a client reads too slowly and is cut off")
            self.cut()

    def _ping(self) -> None:
        payload = str(int(monotonic() * 1_000))
        self._pings.append((monotonic(), self._connection.ping(payload)))

    def _write(self) -> None:
        while (action := self._outbox.get()) is not None:
            try:
                action()
            except ConnectionClosed:
                return
