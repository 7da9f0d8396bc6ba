from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from actors.control.sessions import CODE_SECONDS, SESSION_SECONDS, Sessions


@pytest.fixture
def sessions() -> Sessions:
    return Sessions("the-token")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let time pass."""
    now, monotonic = time.time, time.monotonic

    def pass_by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: now() + seconds)
        monkeypatch.setattr(time, "monotonic", lambda: monotonic() + seconds)

    return pass_by


def logged_in(sessions: Sessions) -> str:
    cookie = sessions.begin(sessions.invite())
    assert cookie is not None
    return cookie


def test_a_code_begins_one_session(sessions: Sessions) -> None:
    code = sessions.invite()
    cookie = sessions.begin(code)
    assert cookie is not None
    assert sessions.whose(cookie)
    assert sessions.begin(code) is None


def test_a_code_is_good_for_a_minute(sessions: Sessions, later: Callable[[float], None]) -> None:
    codes = [sessions.invite(), sessions.invite()]
    later(CODE_SECONDS - 1)
    assert sessions.begin(codes[0]) is not None
    later(CODE_SECONDS + 1)
    assert sessions.begin(codes[1]) is None


@pytest.mark.parametrize("code", ["", "wrong", "\udcff", "x" * 100_000])
def test_a_code_that_nobody_made_begins_nothing(sessions: Sessions, code: str) -> None:
    sessions.invite()
    assert sessions.begin(code) is None


def test_the_newest_codes_are_remembered(sessions: Sessions) -> None:
    codes = [sessions.invite() for _ in range(100)]
    assert sessions.begin(codes[0]) is None
    assert sessions.begin(codes[-1]) is not None


def test_no_code_is_kept(sessions: Sessions) -> None:
    code = sessions.invite()
    assert code not in repr(vars(sessions))


def test_a_session_outlives_a_restart_with_the_same_token(sessions: Sessions) -> None:
    cookie = logged_in(sessions)
    assert Sessions("the-token").whose(cookie) == sessions.whose(cookie)
    assert Sessions("another-token").whose(cookie) is None


def test_a_session_lasts_thirty_days(sessions: Sessions, later: Callable[[float], None]) -> None:
    cookie = logged_in(sessions)
    later(SESSION_SECONDS - 60)
    assert sessions.whose(cookie)
    later(SESSION_SECONDS + 60)
    assert sessions.whose(cookie) is None


def test_a_session_that_was_ended_lets_nobody_in(sessions: Sessions) -> None:
    cookie, other = logged_in(sessions), logged_in(sessions)
    session = sessions.whose(cookie)
    assert session is not None
    sessions.end(session)
    assert sessions.whose(cookie) is None
    assert sessions.whose(other)


def test_a_cookie_that_was_changed_lets_nobody_in(sessions: Sessions) -> None:
    cookie = logged_in(sessions)
    for place in range(len(cookie)):
        changed = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :]
        # The last character of base64 has bits that mean nothing.
        assert sessions.whose(changed) is None or place == len(cookie) - 1


@pytest.mark.parametrize("cookie", ["", ".", "..", "a.b.c", "\udcff.\udcff.x", "x" * 100_000, "é.é.é"])
def test_nonsense_lets_nobody_in(sessions: Sessions, cookie: str) -> None:
    assert sessions.whose(cookie) is None
