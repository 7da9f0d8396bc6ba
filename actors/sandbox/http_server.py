"""HTTP/1.1 on a loopback port: keep-alive, one send a reply, a thread a connection, and a quick end."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from attrs import frozen

_LARGEST_BODY = 1_000_000  # bytes
_ACCEPT_POLL = 0.25  # seconds that closing waits where shutting the listening socket wakes nobody

_log = logging.getLogger(__name__)


@frozen
class Request:
    """Describe a request: `path` and `query` as received, header names in lower case, `address` of the client."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str


@frozen
class Response:
    """Describe a reply. `cut` sends half of the body and closes; `sent` is called when it is out, or could not be."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    cut: bool = False
    sent: Callable[[], None] | None = None


Answer = Callable[[Request], Response | None]


class HttpServer:
    """Serve `answer` on ``127.0.0.1``; it runs in many threads, and None closes the connection without a reply."""

    def __init__(self, answer: Answer, port: int) -> None:
        """Bind the port, 0 for any; OSError when it is taken."""
        self._server = _Server(("127.0.0.1", port), _Connection)
        self._server.answer = answer
        self._thread = threading.Thread(target=self._server.accept, name="sandbox-rest", daemon=True)

    @property
    def port(self) -> int:
        """Tell the port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Hang up on every client and end every thread; again is no trouble."""
        self._server.stop_accepting()
        if self._thread.is_alive():
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Keep the open connections, so that they can be hung up."""

    daemon_threads = False  # server_close joins them
    block_on_close = True
    request_queue_size = 128
    timeout = _ACCEPT_POLL
    answer: Answer

    def __init__(self, *arguments: Any) -> None:
        self._open: set[socket.socket] = set()
        self._stopping = False
        self._lock = threading.Lock()
        super().__init__(*arguments)

    def accept(self) -> None:
        while not self._stopping:
            self.handle_request()

    def stop_accepting(self) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):  # not every system can wake the accepting thread so
            self.socket.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  socketserver's signature
        _log.debug("a client's connection broke", exc_info=True)


class _Connection(BaseHTTPRequestHandler):
    """Serve one client until it leaves."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Answer the request whose head has just been read."""
        body = self._body()
        if body is None:
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        server = cast("_Server", self.server)
        request = Request(self.command, path, query, headers, body, str(self.client_address[0]))
        response = server.answer(request)
        if response is None:
            self.close_connection = True
            return
        try:
            self._send(response)
        finally:
            if response.sent is not None:
                response.sent()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = serve  # noqa: N815  looked up by these names

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif int(length) > _LARGEST_BODY:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            return self.rfile.read(int(length))
        self.close_connection = True
        return None

    def _send(self, response: Response) -> None:
        """Send head and body at once: two sends cost a client up to 40 ms."""
        head = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
        head += [f"{name}: {value}" for name, value in response.headers.items()]
        head.append(f"Content-Length: {len(response.body)}")
        body = response.body
        if response.cut or self.close_connection:
            self.close_connection = True
            head.append("Connection: close")
        if response.cut:
            body = body[: len(body) // 2]
        if self.command == "HEAD":
            body = b""
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1", "replace") + body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
        """Write no line a request: a query holds signatures."""


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "Unknown"
