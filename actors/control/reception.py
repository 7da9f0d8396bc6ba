"""Where connections wait until they have sent a whole request: one thread for all of them, and a bound on each.

Whoever connects and says nothing, or says it slowly, costs no worker; and when there are too many, the one that has
waited longest makes room, so that those who do say something are served even so.
"""

from __future__ import annotations

import logging
import selectors
import socket
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from actors.control.http import Connection
from actors.control.limits import Bucket
from actors.control.refusals import RefusalLog

MOST = 100  # connections at once
_A_SECOND, _AT_ONCE = 200.0, 1000.0  # new connections: a flood must not take the processor from the trading
_TO_SEND, _IDLE, _TO_LEAVE = 10.0, 15.0, 1.0  # seconds: for a whole request, between two, for hearing the end
_TICK, _QUIET_TICK = 0.5, 30.0
_SOCKET_TIMEOUT = 10.0
_CHUNK = 65_536
_UNHEARD = 212_992  # bytes that nobody need take for a worker to go on: more than any answer to a guest
_TO_ACCEPT_AT_ONCE = 64

_HANDSHAKE, _READING, _WORKING, _LEAVING = "handshake", "reading", "working", "leaving"

log = logging.getLogger(__name__)


class Reception:
    """Accept, wait, hand over; all but `give_back` and `stop` in the thread of `run`."""

    def __init__(
        self,
        listener: socket.socket,
        tls: ssl.SSLContext | None,
        admit: Callable[[Any, tuple[Any, ...]], Connection],
        hand_over: Callable[[Connection], None],
        refusals: RefusalLog,
    ) -> None:
        """Make a connection of a socket with `admit`; give one with a whole request to `hand_over`."""
        self._listener, self._tls = listener, tls
        self._admit, self._hand_over, self._refusals = admit, hand_over, refusals
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._bell.settimeout(0.0)
        self._ringer.settimeout(0.0)
        self._selector.register(self._bell, selectors.EVENT_READ, self._bell)
        self._open: set[Connection] = set()
        self._returned: deque[tuple[Connection, bool]] = deque()
        self._accepting = Bucket(_A_SECOND, _AT_ONCE)
        self._accepts_at: float | None = None  # while it accepts nobody
        self._is_stopping = False

    def run(self) -> None:
        """Receive until `stop`; then close everything that is open."""
        self._selector.register(self._listener, selectors.EVENT_READ, self._listener)
        try:
            while not self._is_stopping:
                busy = bool(self._open) or self._accepts_at is not None
                for key, _ in self._selector.select(_TICK if busy else _QUIET_TICK):
                    self._heard(key.data)
                self._take_back()
                self._keep_time()
        finally:
            for connection in list(self._open):
                self._drop(connection)
            self._selector.close()
            self._bell.close()
            self._ringer.close()

    def give_back(self, connection: Connection, *, keep: bool) -> None:
        """Take a connection back from a worker, in its thread, to wait for the next request or to be closed."""
        self._returned.append((connection, keep))
        self._ring()

    def stop(self) -> None:
        """Have `run` end, from any thread."""
        self._is_stopping = True
        self._ring()

    def _ring(self) -> None:
        with suppress(OSError):  # full: it will wake anyway; closed: it is over
            self._ringer.send(b"\0")

    def _heard(self, source: Any) -> None:
        if source is self._bell:
            with suppress(BlockingIOError):
                self._bell.recv(_CHUNK)
        elif source is self._listener:
            self._accept()
        elif source in self._open:  # it may just have made room
            self._advance(source)

    # --- coming --------------------------------------------------------------------------------------

    def _accept(self) -> None:
        for _ in range(_TO_ACCEPT_AT_ONCE):
            try:
                sock, remote = self._listener.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            except OSError as error:  # no more file descriptors, say
                log.warning("cannot accept a connection: %s", error.strerror)
                self._pause(_TICK)
                return
            self._welcome(sock, remote)
            wait = self._accepting.take(monotonic())
            if wait:
                self._refusals.note("connections too fast", str(remote[0]))
                self._pause(max(wait, 0.05))
                return

    def _pause(self, seconds: float) -> None:
        self._selector.unregister(self._listener)
        self._accepts_at = monotonic() + seconds

    def _welcome(self, sock: socket.socket, remote: tuple[Any, ...]) -> None:
        try:
            if not self._make_room(remote):
                sock.close()
                return
            sock.settimeout(0.0)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNHEARD)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            connection = self._admit(sock, remote)
        except (OSError, ValueError):
            sock.close()  # gone already
            return
        self._open.add(connection)
        connection.came_at = monotonic()
        self._wait(connection, _HANDSHAKE if self._tls else _READING, _TO_SEND)

    def _make_room(self, remote: tuple[Any, ...]) -> bool:
        if len(self._open) < MOST:
            return True
        self._refusals.note("too many connections", str(remote[0]))
        waiting = [one for one in self._open if one.phase != _WORKING]
        if not waiting:
            return False
        self._drop(min(waiting, key=lambda one: (one.was_served, one.came_at)))
        return True

    # --- waiting -------------------------------------------------------------------------------------

    def _wait(self, connection: Connection, phase: str, seconds: float) -> None:
        connection.phase, connection.deadline = phase, monotonic() + seconds
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def _advance(self, connection: Connection) -> None:
        try:
            if connection.phase == _HANDSHAKE:
                connection.socket.do_handshake()
                connection.phase = _READING
            self._read(connection)
        except (BlockingIOError, ssl.SSLWantReadError):
            self._listen_for(connection, selectors.EVENT_READ)
        except ssl.SSLWantWriteError:
            self._listen_for(connection, selectors.EVENT_WRITE)
        except (OSError, ValueError) as error:
            if connection.phase == _HANDSHAKE:
                self._refusals.note("a failed TLS handshake", f"{connection.remote_addr}, {type(error).__name__}")
            self._drop(connection)

    def _listen_for(self, connection: Connection, events: int) -> None:
        if self._selector.get_key(connection.socket).events != events:
            self._selector.modify(connection.socket, events, connection)

    def _read(self, connection: Connection) -> None:
        """Read until there is a whole request, or nothing more for now (BlockingIOError and its like)."""
        while True:
            if connection.phase == _READING and connection.rfile.is_complete:
                self._selector.unregister(connection.socket)
                connection.phase = _WORKING
                connection.socket.settimeout(_SOCKET_TIMEOUT)
                self._hand_over(connection)
                return
            data = connection.socket.recv(_CHUNK)
            if not data:
                self._drop(connection)
                return
            if connection.phase == _LEAVING:
                return  # one piece at a time: it may never end, and others wait
            connection.rfile.feed(data)

    # --- going ---------------------------------------------------------------------------------------

    def _take_back(self) -> None:
        while self._returned:
            connection, keep = self._returned.popleft()
            connection.was_served = keep
            try:
                connection.socket.settimeout(0.0)
                if not keep:
                    # Close our side alone, and hear the other out: a close with something unread would take back
                    # the answer that says why.
                    connection.socket.shutdown(socket.SHUT_WR)
                self._wait(connection, _READING if keep else _LEAVING, _IDLE if keep else _TO_LEAVE)
            except (OSError, ValueError):
                self._drop(connection)
            else:
                self._advance(connection)  # more may have come with the last request

    def _keep_time(self) -> None:
        now = monotonic()
        if self._accepts_at is not None and now >= self._accepts_at:
            self._accepts_at = None
            self._selector.register(self._listener, selectors.EVENT_READ, self._listener)
        for connection in [one for one in self._open if one.phase != _WORKING and now >= one.deadline]:
            if connection.phase != _LEAVING and not connection.was_served:
                self._refusals.note("no whole request in time", connection.remote_addr)
            self._drop(connection)
        self._refusals.tell(now)

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection.socket)
        with suppress(OSError):
            connection.close()
