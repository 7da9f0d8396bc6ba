"""A proxy that keeps every byte that clients send."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

_READ = 65_536


class Wiretap:
    """Pass everything on between clients and the server of `url`, and keep what the clients said."""

    def __init__(self, url: str) -> None:
        """Listen on a port of the system's choice, from `serve` on."""
        parts = urlsplit(url)
        assert parts.port is not None
        self._to = ("127.0.0.1", parts.port)
        self._lock = threading.Lock()
        self._said: list[bytearray] = []
        answer = self._answer

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                answer(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"{parts.scheme}://127.0.0.1:{self._server.server_address[1]}{parts.path}"

    @property
    def said(self) -> list[bytes]:
        """Give what each connection has said so far."""
        with self._lock:
            return [bytes(one) for one in self._said]

    def _answer(self, client: socket.socket) -> None:
        heard = bytearray()
        with self._lock:
            self._said.append(heard)
        with contextlib.suppress(OSError), socket.create_connection(self._to) as server:
            back = threading.Thread(target=self._pass_on, args=(server, client, None), daemon=True)
            back.start()
            self._pass_on(client, server, heard)
            back.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, heard: bytearray | None) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(_READ):
                if heard is not None:
                    with self._lock:
                        heard += part
                target.sendall(part)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    @contextlib.contextmanager
    def serve(self) -> Iterator[Wiretap]:
        """Serve as long as the context lasts."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
