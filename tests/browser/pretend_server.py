"""A real HTTP server that shows the dashboard any state it could meet: it plays parts that a test makes up."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.browser.pretend_grids import PARTS, Json, PretendGrid, health, now

PAGE = Path(__file__).parents[2] / "actors" / "control" / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
CODE = "right-code"
SOON = 5.0  # seconds


class PretendServer:
    """Serve the page and the parts of made-up grids; note what is posted."""

    def __init__(self, grids: Sequence[PretendGrid] = ()) -> None:
        self.grids = list(grids)
        self.health: Json | None = health()
        self.version, self.is_stopping, self.is_locked = "0.1.0", False, False
        self.began = now() - 400_000_000
        self.posts: queue.SimpleQueue[tuple[str, Json]] = queue.SimpleQueue()
        self.answer: tuple[int, Json] | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.streams: set[queue.SimpleQueue[str | None]] = set()
        self.arrivals: queue.SimpleQueue[int] = queue.SimpleQueue()  # of streams
        self.guard = threading.Lock()
        self._server: _Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Give the page's address; it stays the same when the server has been gone."""
        return f"http://127.0.0.1:{self._port}/"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        handler = type("Handler", (_Handler,), {"pretend": self})
        self._server = _Server(("127.0.0.1", self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Be gone: no stream goes on, no connection is taken."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.cut()
        self._server = None
        self.may_answer.set()
        self.drop()

    def drop(self) -> None:
        """End all streams without a word."""
        with self.guard:
            streams, self.streams = self.streams, set()
        for stream in streams:
            stream.put(None)

    def tell(self, *parts: str) -> None:
        """Send parts, all if none are named, to every page that listens."""
        text = "".join(_event(part, self.json(part)) for part in parts or PARTS)
        with self.guard:
            for stream in self.streams:
                stream.put(text)

    def json(self, part: str) -> Json:
        """Give what a GET of a part answers."""
        if part != "status":
            return {"grids": [grid.part(part) for grid in self.grids]}
        return {
            "version": self.version,
            "pid": 4711,
            "time": now(),
            "started_at": self.began,
            "is_stopping": self.is_stopping,
            "grids": [grid.status for grid in self.grids],
            "health": self.health,
        }

    def outcome(self, path: str, body: Json) -> tuple[int, Json]:
        """Give what a POST answers: done, unless a test said otherwise."""
        if self.answer is not None:
            return self.answer
        standing = {"/api/pause": "paused", "/api/stop": "stopped"}.get(path, "running")
        return 200, {
            "grids": [
                {"name": name, "done": True, "standing": standing, "text": f"{standing} now"} for name in body["grids"]
            ]
        }

    def sees_a_stream(self) -> None:
        """Wait for a page to listen."""
        self.arrivals.get(timeout=SOON)

    def sent(self) -> tuple[str, Json]:
        """Wait for the next POST; give its path and its body."""
        return self.posts.get(timeout=SOON)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, *args: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        """End every connection, also those that are kept for later."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that goes away is no error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pretend: PretendServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the standard library named it)
        """Say nothing."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path.startswith("/static/"):
            return self._file(url.path.removeprefix("/static/"))
        if url.path == "/":
            return self._file("login.html" if self.pretend.is_locked else "index.html")
        if url.path == "/login":
            code = parse_qs(url.query).get("code")
            return self._file("login.html") if code is None else self._enter(code == [CODE])
        if self.pretend.is_locked:
            return self._json(401, {"error": "log in first"})
        if url.path == "/api/stream":
            return self._stream()
        part = url.path.removeprefix("/api/")
        return (
            self._json(200, self.pretend.json(part)) if part in PARTS else self._json(404, {"error": "no such thing"})
        )

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/login":
            is_right = parse_qs(text).get("code") == [CODE]
            self.pretend.is_locked = self.pretend.is_locked and not is_right
            return self._json(200, {}) if is_right else self._json(403, {"error": "that is not the code"})
        if (self.headers["Content-Type"], self.headers["X-Gridactors"]) != ("application/json", "1"):
            return self._json(403, {"error": "not from the page"})
        body = json.loads(text)
        self.pretend.posts.put((self.path, body))
        if self.path == "/logout":
            self.pretend.is_locked = True
            return self._json(200, {})
        self.pretend.may_answer.wait(SOON * 4)
        return self._json(*self.pretend.outcome(self.path, body))

    def _enter(self, is_right: bool) -> None:  # noqa: FBT001 (a method of this file alone)
        if not is_right:
            return self._redirect("/login?failed=1")
        self.pretend.is_locked = False
        return self._redirect("/")

    def _redirect(self, place: str) -> None:
        self.send_response(303)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _stream(self) -> None:
        pretend = self.pretend
        told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._head(200, "text/event-stream", None)
        with pretend.guard:
            told.put("".join(_event(part, pretend.json(part)) for part in PARTS))
            pretend.streams.add(told)
        pretend.arrivals.put(1)
        self.close_connection = True
        while (text := told.get()) is not None:
            self.wfile.write(text.encode())
            self.wfile.flush()

    def _file(self, name: str, status: int = 200) -> None:
        file = PAGE / name
        if file.parent != PAGE or not file.is_file():
            return self._json(404, {"error": "no such file"})
        body = file.read_bytes()
        self._head(status, KINDS[file.suffix], len(body))
        self.wfile.write(body)
        return None

    def _json(self, status: int, told: Json) -> None:
        body = json.dumps(told).encode()
        self._head(status, "application/json", len(body))
        self.wfile.write(body)

    def _head(self, status: int, kind: str, length: int | None) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
            **({"Connection": "close"} if length is None else {"Content-Length": str(length)}),
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _event(part: str, told: Json) -> str:
    return f"event: {part}\ndata: {json.dumps(told)}\n\n"


def main() -> None:
    """Show three made-up grids until Ctrl-C."""
    grids = [
        PretendGrid(),
        PretendGrid("BTC/USDT", levels=500, bottom=50_000, top=90_000, price="64210.5"),
        PretendGrid("dust"),
    ]
    grids[2].rest("waiting", None, armed_at=None)
    with PretendServer(grids) as server:
        print(server.url)  # noqa: T201 (a person who looks at the page wants to know where)
        stop = threading.Event()
        while not stop.wait(1.0):
            server.tell("status")


if __name__ == "__main__":
    main()
