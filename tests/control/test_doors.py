from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from actors.control.doors import GUEST, Doors, Knock, Visitor
from actors.control.hosts import Hosts
from actors.control.refusals import Refusal
from actors.control.sessions import Sessions

TOKEN = "a-token-of-forty-three-characters-or-so-it-is"  # noqa: S105 it opens nothing but these doors
HOST = "127.0.0.1:8420"
OWN = f"http://{HOST}"
LOOK = Knock(method="GET", path="/api/status", scheme="http", remote="127.0.0.1", host=HOST)
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def sessions() -> Sessions:
    return Sessions(TOKEN)


@pytest.fixture
def doors(sessions: Sessions) -> Doors:
    return Doors(TOKEN, Hosts.of("127.0.0.1", 8420), sessions, ["/static/login.js"])


@pytest.fixture
def cookie(sessions: Sessions) -> str:
    cookie = sessions.begin(sessions.invite())
    assert cookie is not None
    return cookie


def status(judged: Visitor | Refusal) -> int:
    return judged.status if isinstance(judged, Refusal) else 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 401),
        (BEARER, 200),
        ({"authorization": f"bearer  {TOKEN} "}, 200),
        ({"authorization": TOKEN}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        ({"authorization": f"Bearer {TOKEN}x"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Bearer \udcff"}, 401),
        ({"authorization": "Bearer ключ"}, 401),
        ({**BEARER, "host": "evil.example:8420"}, 403),
        ({**BEARER, "host": None}, 403),
        ({**BEARER, "method": "HEAD"}, 405),
        ({**BEARER, "method": "OPTIONS"}, 405),
        ({**BEARER, "method": "TRACE"}, 405),
        ({"path": "/"}, 200),
        ({"path": "/login"}, 200),
        ({"path": "/static/login.js"}, 200),
        ({"path": "/static/page.js"}, 401),
        ({"path": "/static/login.js/"}, 401),
        ({"path": "//"}, 401),
        ({"path": "/", "host": "evil.example"}, 403),
        ({"path": "/", "authorization": "Bearer wrong"}, 401),
        ({"path": "/metrics"}, 401),
        ({"path": "/livez"}, 401),
        ({"cookie": "nonsense"}, 401),
        ({"cookie": ""}, 401),
        ({"path": "/", "cookie": "nonsense"}, 200),  # the login page, for whoever was logged in once
        ({**BEARER, "method": "POST"}, 200),  # a token is nothing that browsers add by themselves
        ({**BEARER, "site": "cross-site"}, 200),
    ],
)
def test_what_a_request_says_decides_whether_it_comes_in(doors: Doors, changes: dict[str, Any], expected: int) -> None:
    assert status(doors.judge(evolve(LOOK, **changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 403),  # the cookie alone, as another server of this machine may have got it
        ({"mark": "1"}, 403),
        ({"mark": "key"}, 200),
        ({"path": "/"}, 200),
        ({"path": "/static/page.js"}, 200),
        ({"path": "/metrics"}, 403),
        ({"mark": "key", "site": "same-origin"}, 200),
        ({"mark": "key", "site": "none"}, 200),
        ({"mark": "key", "site": "cross-site"}, 403),
        ({"mark": "key", "site": "same-site"}, 403),  # another port of this machine is the same site
        ({"method": "POST"}, 403),
        ({"method": "POST", "mark": "key"}, 403),
        ({"method": "POST", "origin": OWN}, 403),
        ({"method": "POST", "origin": OWN, "mark": "key"}, 200),
        ({"method": "POST", "origin": OWN.upper(), "mark": "key"}, 200),
        ({"method": "POST", "referer": f"{OWN}/", "mark": "key"}, 200),
        ({"method": "POST", "referer": f"{OWN}.evil.example/", "mark": "key"}, 403),
        ({"method": "POST", "referer": OWN, "mark": "key"}, 403),
        ({"method": "POST", "origin": "null", "mark": "key"}, 403),
        ({"method": "POST", "origin": "null", "referer": f"{OWN}/", "mark": "key"}, 403),
        ({"method": "POST", "origin": "http://evil.example", "mark": "key"}, 403),
        ({"method": "POST", "origin": "http://127.0.0.1:9999", "mark": "key"}, 403),
        ({"method": "POST", "origin": f"https://{HOST}", "mark": "key"}, 403),
        ({"method": "POST", "origin": OWN, "mark": "1"}, 403),
        ({"method": "POST", "origin": OWN, "mark": "key of another"}, 403),
        ({"method": "POST", "origin": OWN, "mark": "\udcff"}, 403),
        ({"method": "POST", "origin": OWN, "mark": "key", "site": "same-site"}, 403),
    ],
)
def test_a_session_looks_and_steers_from_its_own_page_alone(
    doors: Doors, sessions: Sessions, cookie: str, changes: dict[str, Any], expected: int
) -> None:
    keys = {"key": sessions.key_of(sessions.whose(cookie) or ""), "key of another": sessions.key_of("another")}
    knock = evolve(LOOK, cookie=cookie, **changes)
    judged = doors.judge(evolve(knock, mark=keys.get(knock.mark or "", knock.mark)))
    assert status(judged) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"origin": OWN}, 200), ({}, 403), ({"origin": "http://evil.example"}, 403), ({"origin": "null"}, 403)],
)
def test_nobody_is_logged_in_by_the_form_of_another_page(doors: Doors, changes: dict[str, Any], expected: int) -> None:
    assert status(doors.judge(evolve(LOOK, method="POST", path="/login", **changes))) == expected


def test_visitors_are_known_for_who_they_are(doors: Doors, cookie: str, sessions: Sessions) -> None:
    assert doors.judge(evolve(LOOK, **BEARER)) == Visitor(has_token=True)
    session = sessions.whose(cookie)
    assert session is not None
    assert doors.judge(evolve(LOOK, cookie=cookie, mark=sessions.key_of(session))) == Visitor(session)
    assert doors.judge(evolve(LOOK, path="/")) == GUEST


def test_a_wrong_token_is_not_made_good_by_a_cookie(doors: Doors, cookie: str) -> None:
    assert status(doors.judge(evolve(LOOK, cookie=cookie, authorization="Bearer wrong"))) == 401


def test_whoever_guesses_must_wait_and_the_owner_need_not(doors: Doors) -> None:
    guess = evolve(LOOK, authorization="Bearer guess")
    answers = [doors.judge(guess) for _ in range(20)]
    assert [status(answer) for answer in answers] == [401] * 10 + [429] * 10
    assert isinstance(answers[-1], Refusal)
    assert 0 < answers[-1].wait <= 60
    assert status(doors.judge(evolve(LOOK, **BEARER))) == 200


def test_guessing_from_many_addresses_is_bounded_too(doors: Doors) -> None:
    answers = [
        status(doors.judge(evolve(LOOK, authorization="Bearer guess", remote=f"10.0.0.{number}")))
        for number in range(100)
    ]
    assert answers.count(401) == 30


def test_asking_without_a_token_is_no_guess(doors: Doors) -> None:
    assert {status(doors.judge(LOOK)) for _ in range(50)} == {401}


def test_even_the_owner_may_ask_only_so_often(doors: Doors) -> None:
    answers = [status(doors.judge(evolve(LOOK, **BEARER))) for _ in range(200)]
    assert answers.count(200) in range(100, 130)
    assert answers[-1] == 429


def test_no_refusal_tells_what_was_tried(doors: Doors) -> None:
    for changes in ({"authorization": "Bearer hunter2"}, {"cookie": "hunter2"}, {"path": "/hunter2"}):
        assert "hunter2" not in repr(doors.judge(evolve(LOOK, **changes)))


def test_no_secret_is_in_the_picture_of_a_request() -> None:
    secret = evolve(LOOK, authorization="Bearer hunter2", cookie="hunter2", referer="http://x/login?code=hunter2")
    assert "hunter2" not in f"{secret!r} {Visitor('hunter2')!r}"


def test_whoever_comes_with_a_code_need_not_wait_for_those_who_only_knock(doors: Doors, sessions: Sessions) -> None:
    code = sessions.invite()
    guest = evolve(LOOK, path="/login", code="guess")
    assert [status(doors.judge(guest)) for _ in range(50)].count(429) > 5
    assert status(doors.judge(evolve(guest, code=code))) == 200
    assert sessions.begin(code) is not None
    assert status(doors.judge(evolve(guest, code=code))) == 429
