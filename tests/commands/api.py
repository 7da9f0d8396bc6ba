"""A server on this machine that plays the API of a running process: it answers as it was told, and remembers."""

from __future__ import annotations

import json
import os
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field, frozen

from actors.control.run_file import Running, write_run

TOKEN = "an-opaque-token"  # noqa: S105 of this test alone
SOON = 20.0  # seconds that nothing here takes unless it is broken

Reply = tuple[int, object] | Callable[["Asked"], tuple[int, object]]


@frozen
class Asked:
    """Hold one request."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: Any


@define(eq=False)
class PlayedApi:
    """Answer `replies` by method and path, 404 otherwise; nobody is let in without the token."""

    replies: dict[str, Reply] = field(factory=dict)
    asked: list[Asked] = field(factory=list)
    tls: ssl.SSLContext | None = None
    server: ThreadingHTTPServer = field(init=False)
    thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server.server_port}"

    def runs(self, state_dir: Path, **changes: Any) -> None:
        """Leave the file of a running process: of this one."""
        told: dict[str, Any] = {
            "pid": os.getpid(),
            "url": self.url,
            "token": TOKEN,
            "version": "0.1.0",
            "grids": ("SOL/USDT", "ETH/USDT", "ETH/EUR"),
            "started_at": 1_733_821_200_000,
        }
        write_run(state_dir, Running(**told | changes))

    def answer(self, asked: Asked) -> tuple[int, object]:
        self.asked.append(asked)
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "no token"}
        reply = self.replies.get(f"{asked.method} {asked.path}", (404, {"error": "there is no such thing"}))
        return reply(asked) if callable(reply) else reply

    def __enter__(self) -> Self:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if self.tls is not None:
            self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), name="played api")
        self.thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(SOON)
        assert not self.thread.is_alive()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                parts = urlsplit(self.path)
                written = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(
                    self.command,
                    parts.path,
                    tuple(parse_qsl(parts.query)),
                    dict(self.headers.items()),
                    json.loads(written) if written else None,
                )
                status, told = api.answer(asked)
                text = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = handle_any  # noqa: N815 the names that http.server calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 its name
                pass

        return Handler
