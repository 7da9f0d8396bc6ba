"""What somebody else on the same machine would try."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from actors import control
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


@pytest.fixture
def browser(town: Town) -> Iterator[requests.Session]:
    """Be logged in, as the owner's browser is."""
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {town.door.token}"}
        link = requests.post(f"{town.door.url}/api/login-link", json={}, headers=headers, timeout=SOON).json()["url"]
        assert session.get(link, timeout=SOON).status_code == 200
        yield session


def key_in(session: requests.Session, address: str) -> str:
    """Log in, and give the key that the page alone is told."""
    answer = session.get(address, allow_redirects=False, timeout=SOON)
    return answer.headers["Location"].partition("/#key=")[2]


def is_told(answer: requests.Response, status: int) -> str:
    assert answer.status_code == status
    error = answer.json()["error"]
    assert isinstance(error, str)
    assert "Traceback" not in error
    return error


# --- without the token -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("/api/status", "/api/orders", "/api/stream", "/api/health", "/metrics", "/livez", "/readyz", "/nothing"),
        *("/static/page.js", "/static/chart.js", "/static/index.html", "/favicon.ico", "/run.json"),
    ],
)
def test_without_a_token_nothing_is_shown(url: str, path: str) -> None:
    answer = requests.get(f"{url}{path}", timeout=SOON)
    is_told(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("command", ["pause", "resume", "restart", "stop", "quit", "login-link"])
def test_without_a_token_nothing_is_done(town: Town, command: str) -> None:
    answer = requests.post(f"{town.door.url}/api/{command}", json={}, timeout=SOON)
    is_told(answer, 401)
    assert (town.grid.told, town.console) == ([], [])


def test_a_token_in_the_address_opens_nothing(town: Town, url: str) -> None:
    for query in (f"token={town.door.token}", f"access_token={town.door.token}", f"code={town.door.token}"):
        is_told(requests.get(f"{url}/api/status?{query}", timeout=SOON), 401)


def test_the_login_page_is_there_with_what_it_is_made_of_and_nothing_else(url: str) -> None:
    page = requests.get(f"{url}/", timeout=SOON)
    assert page.status_code == 200
    assert page.text == (PAGE / "login.html").read_text()
    assert "SOL" not in page.text
    for path in ("/static/login.js", "/static/page.css"):
        assert requests.get(f"{url}{path}", timeout=SOON).status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "NONSENSE"])
def test_other_methods_are_not_allowed(town: Town, url: str, method: str) -> None:
    line = f"{method} /api/status HTTP/1.1" if method != "CONNECT" else "CONNECT 127.0.0.1:1 HTTP/1.1"
    answer = send(url, request(url, line, token=town.door.token))
    assert answer.status == 405


# --- by the owner's browser ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "127.0.0.1:1"]
)
def test_a_name_that_was_made_to_lead_here_is_refused(town: Town, url: str, host: str) -> None:
    named = host.format(port=url.rpartition(":")[2])
    for token in (town.door.token, None):
        answer = send(url, request(url, STATUS, f"Host: {named}", token=token))
        assert answer.status == 403
        assert "not served as" in json.loads(answer.body)["error"]
    assert send(url, request(url, "GET / HTTP/1.1", f"Host: {named}")).status == 403


@pytest.mark.parametrize(
    "head", [b"GET /api/status HTTP/1.1\r\n", b"GET /api/status HTTP/1.0\r\n", b"GET http://evil.example/ HTTP/1.1\r\n"]
)
def test_a_request_that_names_no_host_of_ours_is_refused(url: str, head: bytes) -> None:
    assert send(url, head + b"Connection: close\r\n\r\n").status in (400, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Gridactors": "1"},
        {"Origin": "http://evil.example", "X-Gridactors": "1"},
        {"Origin": "http://127.0.0.1:1", "X-Gridactors": "1"},
        {"Origin": "null", "X-Gridactors": "1"},
        {"Referer": "http://evil.example/", "X-Gridactors": "1"},
        {"Origin": "{url}"},
        {"Origin": "{url}", "X-Gridactors": "1"},  # the cookie, as another server of this host is sent it
        {"Origin": "{url}", "X-Gridactors": "1", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_page_cannot_steer_with_the_owner_s_cookie(
    town: Town, url: str, browser: requests.Session, headers: dict[str, str]
) -> None:
    sent = {name: value.format(url=url) for name, value in headers.items()}
    is_told(browser.post(f"{url}/api/stop", json={}, headers=sent, timeout=SOON), 403)
    assert town.grid.told == []


def test_a_form_of_another_page_cannot_steer_either(town: Town, url: str, browser: requests.Session) -> None:
    own = {"Origin": url, "X-Gridactors": key_in(browser, link(town))}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = browser.post(f"{url}/api/stop", data="{}", headers={**own, "Content-Type": kind}, timeout=SOON)
        assert is_told(answer, 400) == "Content-Type: allowed: application/json"
    assert town.grid.told == []


def test_no_page_of_another_origin_is_ever_let_read(url: str, browser: requests.Session) -> None:
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answers = [
        browser.get(f"{url}/api/status", headers={"Origin": "http://evil.example"}, timeout=SOON),
        requests.options(f"{url}/api/stop", headers=preflight, timeout=SOON),
        requests.get(f"{url}/", headers={"Origin": "http://evil.example"}, timeout=SOON),
    ]
    for answer in answers:
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    framed = browser.get(f"{url}/api/status", headers={"Sec-Fetch-Site": "same-site"}, timeout=SOON)
    is_told(framed, 403)


def test_our_own_page_steers(tmp_path: Path) -> None:
    with Town(tmp_path) as town, requests.Session() as browser:
        url = town.door.url
        own = {"Origin": url, "X-Gridactors": key_in(browser, link(town)), "Sec-Fetch-Site": "same-origin"}
        assert browser.post(f"{url}/api/pause", json={}, headers=own, timeout=SOON).status_code == 200
        assert len(town.grid.told) == 1
        is_told(browser.post(f"{url}/api/login-link", json={}, headers=own, timeout=SOON), 403)
        assert browser.post(f"{url}/logout", json={}, headers=own, timeout=SOON).status_code == 200


@pytest.mark.parametrize("path", ["/", "/login", "/api/status", "/static/page.js", "/nothing"])
def test_every_answer_forbids_what_a_page_could_do_with_it(url: str, browser: requests.Session, path: str) -> None:
    for answer in (browser.get(f"{url}{path}", timeout=SOON), requests.get(f"{url}{path}", timeout=SOON)):
        headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Server"] == "gridactors"
        assert "no-store" in headers["Cache-Control"] or path.startswith("/static/")


# --- logging in ------------------------------------------------------------------------------------------


def link(town: Town) -> str:
    headers = {"Authorization": f"Bearer {town.door.token}"}
    answer = requests.post(f"{town.door.url}/api/login-link", json={}, headers=headers, timeout=SOON)
    assert answer.json()["expires_in"] == 60
    address: str = answer.json()["url"]
    assert address.startswith(f"{town.door.url}/login?code=")
    return address


def test_a_link_logs_in_once(town: Town) -> None:
    address = link(town)
    first = requests.get(address, allow_redirects=False, timeout=SOON)
    assert first.status_code == 303
    assert re.fullmatch("/#key=[0-9a-f]{64}", first.headers["Location"])
    cookie = first.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"))
    assert "Secure" not in cookie
    is_told(requests.get(address, allow_redirects=False, timeout=SOON), 401)


def test_a_code_is_typed_on_our_own_page_alone(town: Town, url: str) -> None:
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        code = link(town).partition("code=")[2]
        is_told(requests.post(f"{url}/login", data={"code": code}, headers=headers, timeout=SOON), 403)
    answer = requests.post(
        f"{url}/login", data={"code": code}, headers={"Origin": url}, allow_redirects=False, timeout=SOON
    )
    assert (answer.status_code, "gridactors" in answer.cookies) == (303, True)
    own = {"Origin": url, "X-Gridactors": "1"}
    code = link(town).partition("code=")[2]
    answer = requests.post(f"{url}/login", data={"code": code}, headers=own, allow_redirects=False, timeout=SOON)
    assert (answer.status_code, len(answer.json()["key"]), "gridactors" in answer.cookies) == (200, 64, True)


def test_a_person_whose_code_is_wrong_gets_the_page_again(url: str) -> None:
    headers = {"Origin": url, "Accept": "text/html"}
    answer = requests.post(f"{url}/login", data={"code": "x"}, headers=headers, allow_redirects=False, timeout=SOON)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?failed=1")
    assert not answer.cookies
    assert requests.get(f"{url}/login?failed=1", timeout=SOON).status_code == 200


def test_whoever_logged_out_is_out_with_every_copy_of_the_cookie(town: Town, url: str) -> None:
    with requests.Session() as browser:
        key = key_in(browser, link(town))
        cookies = dict(browser.cookies)
        own = {"Origin": url, "X-Gridactors": key}
        assert browser.get(f"{url}/api/status", headers=own, timeout=SOON).status_code == 200
        is_told(browser.get(f"{url}/api/status", timeout=SOON), 403)  # by the cookie alone
        assert browser.get(f"{url}/", timeout=SOON).text == (PAGE / "index.html").read_text(encoding="utf-8")
        assert browser.post(f"{url}/logout", json={}, headers=own, timeout=SOON).status_code == 200
        assert not browser.cookies
        is_told(requests.get(f"{url}/api/status", headers=own, cookies=cookies, timeout=SOON), 401)


def test_guessing_is_cut_short_and_the_owner_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Town(tmp_path) as town, caplog.at_level(logging.WARNING):
        url = town.door.url
        answers = [
            requests.get(f"{url}/api/status", headers={"Authorization": f"Bearer {number}"}, timeout=SOON)
            for number in range(6)
        ]
        answers += [requests.get(f"{url}/login?code=guess{number}", timeout=SOON) for number in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        headers = {"Authorization": f"Bearer {town.door.token}"}
        assert requests.get(f"{url}/api/status", headers=headers, timeout=SOON).status_code == 200
        assert requests.get(link(town), timeout=SOON).status_code == 200
    told = [message for message in caplog.messages if "refused at the door" in message]
    assert len(told) <= 6  # three kinds, each once at first and once as a number


# --- secrets ---------------------------------------------------------------------------------------------


def test_no_answer_and_no_line_of_the_log_has_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Town(tmp_path) as town, caplog.at_level(logging.DEBUG):
        url, token = town.door.url, town.door.token
        code = link(town).partition("code=")[2]
        bodies: list[Any] = []
        for headers in ({}, {"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {token}x"}):
            for path in ("/", "/api/status", f"/api/{token}", "/metrics", f"/login?code={code}x", f"/x?token={token}"):
                answer = requests.get(f"{url}{path}", headers=headers, timeout=SOON)
                bodies.append(answer.text + str(answer.headers))
        requests.post(
            f"{url}/api/pause", data=f'{{"{token}', headers={"Authorization": f"Bearer {token}"}, timeout=SOON
        )
        cookie = requests.get(f"{url}/login?code={code}", allow_redirects=False, timeout=SOON).cookies["gridactors"]
        requests.get(f"{url}/api/status", cookies={"gridactors": f"{cookie}x"}, timeout=SOON)
    lines = [str(record.getMessage()) for record in caplog.records if record.name.startswith("actors")]
    everything = "".join(lines) + repr(town.door) + repr(town.answers) + "".join(bodies)
    assert "refused at the door" in caplog.text
    for secret in (token, code, cookie):
        assert secret not in everything
