"""Requests as nobody's library would send them."""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.parse import urlsplit

from attrs import frozen

SOON = 5.0


@frozen
class Raw:
    """Hold an answer as it came; `body` without chunks undone."""

    status: int
    headers: dict[str, str]
    body: bytes


def dial(url: str) -> socket.socket:
    """Connect to a door."""
    place = urlsplit(url)
    assert place.hostname is not None
    return socket.create_connection((place.hostname, place.port or 80), SOON)


def send(url: str, data: bytes) -> Raw:
    """Send these bytes, and read until the server closes."""
    with closing(dial(url)) as sock:
        sock.sendall(data)
        return hear(sock)


def hear(sock: socket.socket) -> Raw:
    """Read an answer to the end."""
    data = b""
    while piece := sock.recv(65_536):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Raw(int(first.split()[1]), headers, body)


def request(url: str, line: str, *headers: str, token: str | None = None, body: bytes = b"") -> bytes:
    """Write a request that asks for the connection to be closed."""
    own = [f"Host: {urlsplit(url).netloc}"] if not any(header.startswith("Host:") for header in headers) else []
    bearer = [f"Authorization: Bearer {token}"] if token else []
    lines = [line, *own, *bearer, *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
