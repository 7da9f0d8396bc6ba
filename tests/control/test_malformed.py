"""Requests that are none, or more than one: too large, of two minds, on strange paths."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from actors import control
from actors.control.received import BODY_BYTES, HEAD_BYTES
from tests.control.raw import request, send
from tests.control.town import Town

SOON = 5.0
PAGE = Path(control.__file__).parent / "page"
STATUS = "GET /api/status HTTP/1.1"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("state")) as town:
        yield town


@pytest.fixture
def url(town: Town) -> str:
    return town.door.url


@pytest.mark.parametrize(
    ("size", "status"),
    [(BODY_BYTES + 1, 413), (10**8, 413), (10**12, 413), (-1, 400), ("9" * 5000, 400), ("5, 5", 400)],
)
def test_a_body_that_is_too_large_is_refused_before_it_comes(
    town: Town, url: str, size: int | str, status: int
) -> None:
    headers = ("Content-Type: application/json", f"Content-Length: {size}")
    answer = send(url, request(url, "POST /api/pause HTTP/1.1", *headers, token=town.door.token))
    assert answer.status == status
    assert json.loads(answer.body)["error"]


def test_a_body_that_is_too_large_and_comes_all_the_same_is_told_so(town: Town, url: str) -> None:
    headers = {"Authorization": f"Bearer {town.door.token}"}
    answer = requests.post(f"{url}/api/pause", data=b"x" * 200_000, headers=headers, timeout=SOON)
    assert (answer.status_code, bool(answer.json()["error"])) == (413, True)


@pytest.mark.parametrize(
    "head",
    [
        f"GET /{'x' * HEAD_BYTES} HTTP/1.1",
        f"GET / HTTP/1.1\r\nX-Long: {'x' * HEAD_BYTES}",
        "GET / HTTP/1.1\r\n" + "\r\n".join(f"X-{number}: {'y' * 400}" for number in range(50)),
    ],
)
def test_a_head_that_is_too_large_is_refused(url: str, head: str) -> None:
    assert send(url, request(url, head)).status == 413


@pytest.mark.parametrize(
    "headers",
    [
        ("Transfer-Encoding: chunked",),
        ("Transfer-Encoding: chunked", "Content-Length: 2"),
        ("Transfer-Encoding: gzip",),
        ("Content-Length: 2", "Content-Length: 2"),
        ("Content-Length: 2", "Content-Length: 0"),
        ("Content-Length: +2",),
        ("Content-Length: 0x2",),
        ("Content-Length : 2",),
        ("Expect: 100-continue", "Content-Length: 2"),
        (" folded: x",),
        ("no colon",),
        ("Bad\0Name: x",),
        ("X: a\0b",),
        ("X: a\rb",),
        ("Host: evil.example", "Host: {host}"),
        ("Authorization: Bearer x",),  # a second one
        ("X_Gridactors: 1", "X-Gridactors: 1"),
        tuple(f"X-{number}: y" for number in range(100)),
    ],
)
def test_what_two_readers_could_understand_in_two_ways_is_refused(
    town: Town, url: str, headers: tuple[str, ...]
) -> None:
    sent = [header.format(host=url.removeprefix("http://")) for header in headers]
    answer = send(
        url,
        request(url, "POST /api/pause HTTP/1.1", *sent, "Content-Type: application/json", token=town.door.token)
        + b"2\r\n{}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    )
    assert answer.status == 400
    assert answer.body.count(b"HTTP/1.1") == 0
    assert town.grid.told == []


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / FTP/1.1\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200 + b"\r\n\r\n",
        b"\0" * 20_000,
        b"GET * HTTP/1.1\r\n\r\n",
        b"GET //api/status HTTP/1.1\r\n\r\n",
        b"GET /#x HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_nonsense_is_answered_and_the_next_request_is_served(town: Town, url: str, data: bytes) -> None:
    assert send(url, data).status >= 400
    assert send(url, request(url, STATUS, token=town.door.token)).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../run_file.py",
        "/static/..%2frun_file.py",
        "/static/%2e%2e/run_file.py",
        "/static/..\\run_file.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/page.js%00.html",
        "/static/page.js%2f",
        "/static/",
        "/static",
        "/static/index.html",
        "/static/page.js?x=/../..",
        "/api//status",
        "/api/./status",
        "/api/%2e%2e/api/status",
        "/api%2fstatus",
        "/API/status",
        "/api/status;x=1",
        "/%00",
        "/../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_house(town: Town, url: str, path: str) -> None:
    answer = send(url, request(url, f"GET {path} HTTP/1.1", token=town.door.token))
    if path == "/static/page.js?x=/../..":
        assert answer.body == (PAGE / "page.js").read_bytes()
    else:
        assert (answer.status, json.loads(answer.body)) == (404, {"error": "there is nothing here"})


def test_a_file_is_sent_once_and_then_only_asked_for(url: str, owner: requests.Session) -> None:
    first = owner.get(f"{url}/static/page.js", timeout=SOON)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache")
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    again = owner.get(f"{url}/static/page.js", headers={"If-None-Match": first.headers["ETag"]}, timeout=SOON)
    assert (again.status_code, again.content) == (304, b"")
