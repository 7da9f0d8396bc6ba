"""Requests as this server takes them: cheroot's, read strictly and refused as JSON."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from cheroot.makefile import MakeFile
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest

from actors.control.headers import SECURE
from actors.control.received import Received

_NAME: Final = re.compile(rb"[!#$%&'*+.^`|~0-9A-Za-z-]{1,64}")  # none with _, which WSGI could not tell from -
_VALUE: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_MOST_HEADERS = 64
_KEPT_OPEN = (400, 404, 409)  # mistakes of somebody who may come in; all others go


class StrictHeaders(HeaderReader):
    """Read headers, and refuse whatever two readers could understand in two ways."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        """Fill `hdict`; ValueError, which is answered, for what is refused."""
        headers = {} if hdict is None else hdict
        while (line := rfile.readline()) != b"\r\n":
            if not line.endswith(b"\r\n"):
                raise ValueError("a header without an end")
            name, colon, value = line[:-2].partition(b":")
            value = value.strip(b" \t")
            if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueError("a header that is none")
            key = name.title()
            if key in headers or len(headers) >= _MOST_HEADERS:
                raise ValueError("a header that is there twice" if key in headers else "too many headers")
            headers[key] = value
        if b"Transfer-Encoding" in headers or b"Expect" in headers:
            raise ValueError("a body without its length")
        if not headers.get(b"Content-Length", b"0").isdigit():
            raise ValueError("a Content-Length that is none")
        return headers


class Request(HTTPRequest):
    """Answer what cannot be understood like everything else, and close after most of what is refused."""

    header_reader = StrictHeaders()

    def __init__(self, server: Any, conn: Any, *, proxy_mode: bool = False, strict_mode: bool = True) -> None:
        super().__init__(server, conn, proxy_mode, strict_mode)
        self.scheme = server.scheme

    def simple_response(self, status: Any, msg: str = "") -> None:
        """Write an error as JSON, and close."""
        self.close_connection = True
        code, _, words = str(status).partition(" ")
        if code == "414":
            code, words = "413", "Request Entity Too Large"
        self.server.refusals.note(f"a request answered with {code} {words}", self.conn.remote_addr or "")
        body = json.dumps({"error": msg or words}).encode()
        lines = [f"HTTP/1.1 {code} {words}", *(f"{name}: {value}" for name, value in SECURE.items())]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close", "", ""]
        self.conn.wfile.write("\r\n".join(lines).encode("latin-1") + body)

    def send_headers(self) -> None:
        """Close after what is refused, and where the answer says so."""
        status = int(self.status[:3])
        is_refused = status >= 400 and status not in _KEPT_OPEN
        self.close_connection |= is_refused or (b"Connection", b"close") in self.outheaders
        super().send_headers()


class Connection(HTTPConnection):
    """Hold one connection: `phase` and `deadline` (of a clock that only goes forward) are its reception's."""

    RequestHandlerClass = Request

    def __init__(self, server: Any, sock: Any, remote: tuple[Any, ...]) -> None:
        super().__init__(server, sock, _files)
        self.remote_addr, self.remote_port = remote[0], remote[1]
        self.ssl_env: dict[str, str] = {}
        self.phase = ""
        self.deadline = 0.0
        self.came_at = 0.0
        self.was_served = False


def _files(sock: Any, mode: str, size: int) -> Any:
    return Received() if "r" in mode else MakeFile(sock, mode, size)
