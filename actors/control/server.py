"""The HTTP server: cheroot's, behind a reception of our own and with workers that are bounded in number and time."""

from __future__ import annotations

import logging
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from cheroot import wsgi

from actors.control.http import Connection
from actors.control.received import BODY_BYTES, HEAD_BYTES
from actors.control.reception import Reception
from actors.control.refusals import RefusalLog
from engine.addresses import CONTROLLER

WORKERS = 16
STOPS_WITHIN = 3.0  # seconds

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


class Server(wsgi.Server):
    """Serve an application at a listening socket, which stays open when the server stops."""

    max_request_header_size = HEAD_BYTES
    max_request_body_size = BODY_BYTES

    def __init__(
        self, listener: socket.socket, tls: ssl.SSLContext | None, application: WsgiApp, refusals: RefusalLog
    ) -> None:
        """Listen to nobody yet."""
        super().__init__(listener.getsockname()[:2], application, server_name="gridactors")
        self.software = "gridactors"
        self.scheme = b"http" if tls is None else b"https"
        self.refusals = refusals
        self._queue: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()
        self._reception = Reception(listener, tls, self._admit, self._queue.put, refusals)
        names = [f"{CONTROLLER}/worker/{number}" for number in range(WORKERS)]
        self._threads = [
            threading.Thread(target=self._receive, name=f"{CONTROLLER}/reception", daemon=True),
            *(threading.Thread(target=self._work, name=name, daemon=True) for name in names),
        ]

    def clear_stats(self) -> None:
        """Count nothing: cheroot would keep every server that there ever was in its statistics."""
        self.stats = {"Enabled": False}

    def prepare(self) -> None:
        """Begin to serve, and return."""
        self.ready = True
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close all connections, and wait for the threads; one that hangs is left behind."""
        self.ready = False
        deadline = monotonic() + STOPS_WITHIN
        self._reception.stop()
        for _ in range(WORKERS):
            self._queue.put(None)
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        left = [thread.name for thread in self._threads if thread.is_alive()]
        if left:
            log.warning("did not stop in time and are left behind: %s", ", ".join(left))

    @property
    def can_add_keepalive_connection(self) -> bool:
        """Tell whether a connection may stay open after an answer."""
        return self.ready

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:  # noqa: FBT001, FBT002 cheroot's
        """Log what cheroot has to say: of connections that broke, which happens."""
        log.log(logging.DEBUG if level < logging.ERROR else level, "%s", msg, exc_info=traceback)

    def _admit(self, sock: Any, remote: tuple[Any, ...]) -> Connection:
        return Connection(self, sock, remote)

    def _receive(self) -> None:
        try:
            self._reception.run()
        except Exception:
            log.exception("the reception failed: nobody is let in any more")

    def _work(self) -> None:
        while (connection := self._queue.get()) is not None:
            keep = False
            try:
                keep = bool(connection.communicate())  # type: ignore[no-untyped-call]
            except OSError as error:
                log.debug("a connection broke: %r", error)
            except Exception:
                log.exception("a request failed")
            finally:
                self._reception.give_back(connection, keep=keep and self.ready)
