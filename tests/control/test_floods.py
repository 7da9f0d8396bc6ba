"""Many connections at once: whoever has something to say is served, and nothing is left of the others."""

from __future__ import annotations

import resource
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import pytest
import requests

from actors.control import reception
from actors.control.options import ControlOptions
from tests.control.certificates import certified
from tests.control.raw import dial, hear, request
from tests.control.town import Town

SOON = 10.0
AT_MOST = 2.0  # seconds that an answer may take meanwhile


@pytest.fixture(autouse=True)
def _many_files() -> Iterator[None]:
    """Let the test itself hold as many connections as it opens."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def connected(url: str, count: int, saying: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connect so often, and say so much."""
    with ExitStack() as stack:
        sockets = []
        for _ in range(count):
            sock = stack.enter_context(dial(url))
            sockets.append(sock)
            try:
                sock.sendall(saying)
            except ConnectionError:
                continue  # it has made room for another
        yield sockets


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def until(open_at_most: int) -> bool:
    """Wait for the number of open files to come down."""
    deadline = monotonic() + SOON
    while monotonic() < deadline:
        if open_files() <= open_at_most:
            return True
        with socket.socket() as idle:  # nothing tells of a closed file: look again and again
            idle.settimeout(0.01)
            try:
                idle.connect(("127.0.0.1", 1))
            except OSError:
                continue
    return False


def talk_on(sock: socket.socket) -> None:
    while True:
        sock.sendall(b"x" * 65_536)


def took(owner: requests.Session, url: str) -> float:
    begin = monotonic()
    answer = owner.get(f"{url}/api/status", headers={"Connection": "close"}, timeout=SOON)
    assert answer.status_code == 200
    return monotonic() - begin


@pytest.mark.parametrize(
    ("count", "saying"),
    [
        (1000, b""),
        (200, b"GET /api/status HTTP/1.1\r\nHost: 127"),
        (200, b"POST /api/pause HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"),
        (200, b"\x16\x03\x01"),
    ],
)
def test_the_owner_is_served_while_others_say_nothing_or_half(
    town: Town, owner: requests.Session, count: int, saying: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    url = town.door.url
    took(owner, url)
    before = open_files()
    with connected(url, count, saying):
        assert took(owner, url) < AT_MOST
        assert open_files() - before - count <= reception.MOST + 5
    assert took(owner, url) < AT_MOST
    assert until(before)
    assert len([message for message in caplog.messages if "too many connections" in message]) <= 1


def test_workers_are_not_kept_by_whoever_does_not_listen_to_the_answer(town: Town, owner: requests.Session) -> None:
    url = town.door.url
    with connected(url, 90, request(url, "GET / HTTP/1.1")):
        assert took(owner, url) < AT_MOST


def test_a_guest_has_one_answer_for_a_connection_and_cannot_fill_it_with_unread_ones(
    town: Town, owner: requests.Session
) -> None:
    url = town.door.url
    many = request(url, "GET /static/page.css HTTP/1.1").replace(b"Connection: close\r\n", b"") * 50
    with connected(url, 40, many) as sockets:
        assert took(owner, url) < AT_MOST
        assert hear(sockets[0]).headers["Connection"] == "close"


def test_whoever_goes_on_after_a_refusal_is_not_listened_to_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "_TO_LEAVE", 0.1)
    with Town(tmp_path) as town, requests.Session() as owner, dial(town.door.url) as sock:
        owner.headers["Authorization"] = f"Bearer {town.door.token}"
        sock.sendall(b"nonsense\r\n\r\n")
        with pytest.raises(ConnectionError):
            talk_on(sock)
        assert took(owner, town.door.url) < AT_MOST


def test_a_request_in_many_pieces_is_served(town: Town) -> None:
    url = town.door.url
    with dial(url) as sock:
        for byte in request(url, "GET /api/status HTTP/1.1", token=town.door.token):
            sock.sendall(bytes([byte]))
        assert hear(sock).status == 200


def test_two_requests_in_one_piece_are_both_served(town: Town) -> None:
    url = town.door.url
    one = request(url, "GET /api/orders HTTP/1.1", token=town.door.token)
    with dial(url) as sock:
        sock.sendall(one.replace(b"Connection: close\r\n", b"") + one)
        assert hear(sock).body.count(b"HTTP/1.1 200 OK") == 1  # the second; the first is before it


def test_whoever_takes_too_long_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "_TO_SEND", 0.05)
    monkeypatch.setattr(reception, "_TICK", 0.02)
    with Town(tmp_path) as town, dial(town.door.url) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n")
        assert sock.recv(1) == b""


def test_a_flood_is_taken_in_small_portions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reception, "_AT_ONCE", 5.0)
    monkeypatch.setattr(reception, "_A_SECOND", 50.0)
    with Town(tmp_path) as town, requests.Session() as owner:
        owner.headers["Authorization"] = f"Bearer {town.door.token}"
        with connected(town.door.url, 20):
            assert took(owner, town.door.url) > 20 / 50 / 2
    assert "connections too fast" in caplog.text


def test_a_handshake_that_is_never_finished_keeps_nobody_waiting(tmp_path: Path) -> None:
    papers = certified(tmp_path)
    options = ControlOptions(
        listen="127.0.0.1:0", certificate=papers.certificate, key=papers.key, state_dir=tmp_path / "state"
    )
    with Town(tmp_path, options=options) as town, requests.Session() as owner:
        owner.headers["Authorization"] = f"Bearer {town.door.token}"
        owner.trust_env, owner.verify = False, str(papers.certificate)
        url = town.door.url.replace("grid.example", "127.0.0.1")
        with connected(url, 60), connected(url, 60, b"\x16\x03\x01\x02\x00"):
            assert took(owner, url) < AT_MOST
        with ssl.create_default_context(cafile=papers.certificate).wrap_socket(
            dial(url), server_hostname="127.0.0.1"
        ) as sock:
            data = request(url, "GET /api/status HTTP/1.1", token=town.door.token)
            sock.sendall(data[:40])
            sock.sendall(data[40:])
            assert hear(sock).status == 200
