"""An HTTP server on loopback that takes the messages of Apprise's ``json://``, or hangs, or refuses them."""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast

from attrs import define, field

SOON = 10.0  # seconds that nothing here takes unless it is broken
SECRETS = ("hunter2secret", "tokenofmine", "alicename")


@define(eq=False)
class Receiver:
    """Hand what arrives to the test, one message after the other; `status` is what is answered."""

    status: int = 200
    port: int = 0
    hangs: bool = False
    arrived: queue.SimpleQueue[dict[str, Any]] = field(factory=queue.SimpleQueue)
    released: threading.Event = field(factory=threading.Event)
    _server: ThreadingHTTPServer = field(init=False)
    _thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        """Give a URL with secrets where such URLs have them."""
        return f"json://alicename:hunter2secret@127.0.0.1:{self.port}/tokenofmine/?cto=2&rto=3"

    def hears(self) -> dict[str, Any]:
        """Wait for the next message."""
        return self.arrived.get(timeout=SOON)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]
        cast("Any", self._server).receiver = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = cast("Any", self.server).receiver
        receiver.arrived.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if receiver.hangs:
            receiver.released.wait()
            self.close_connection = True
            return
        self.send_response(receiver.status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's own name
        """Keep quiet."""
