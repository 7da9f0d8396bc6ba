"""No log shows a secret, wherever in a record it may stand."""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors import logs
from actors.display.live_table import _notice
from actors.gateways.credentials import Credentials
from actors.log_lines import secrets
from actors.log_lines.secret_patterns import mask_patterns
from actors.log_lines.secrets import Secrets, conceal, conceal_url, redacted
from tests.actors.log_files import own_log, records_in

SECRET = "q7+Zr/0pW=x9&Lk 3%"  # noqa: S105 made up
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHq7\nZr0pWx9LkOo3aBcD\n-----END PRIVATE KEY-----"
log = logging.getLogger("actors.x")


@pytest.fixture(autouse=True)
def log_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Know no secret before a test, and none of its secrets afterwards."""
    monkeypatch.setattr(secrets._OF_THIS_PROCESS, "_forms", ())
    with own_log():
        yield


class Shows:
    def __repr__(self) -> str:
        return f"<it is {SECRET}>"


def fail(text: str) -> None:
    raise RuntimeError(text)


# --- known secrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["message", "argument", "value shown", "error", "cause", "stack", "logger", "thread"])
def test_known_secret_is_in_no_file_and_on_no_terminal(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conceal(SECRET)
    logs.set_up(logging.INFO, tmp_path / "x.jsonl")
    match place:
        case "message":
            log.warning(SECRET + " was seen")  # noqa: G003 as somebody may write it
        case "argument":
            log.warning("%s %s", "seen", SECRET)
        case "value shown":
            log.warning("%r", {"of": [Shows()]})
        case "error":
            try:
                fail(SECRET)
            except RuntimeError:
                log.exception("failed")
        case "cause":
            try:
                try:
                    fail(SECRET)
                except RuntimeError as error:
                    raise ValueError("no") from error
            except ValueError:
                log.exception("failed")
        case "stack":
            eval(compile(f"log.warning('seen', stack_info=True)  # {SECRET}", SECRET, "exec"), globals())  # noqa: S307
        case "logger":
            logging.getLogger(SECRET).warning("seen")
        case _:
            thread = threading.Thread(target=log.warning, args=("seen",), name=SECRET)
            thread.start()
            thread.join(10)

    (record,) = records_in(tmp_path / "x.jsonl")
    written, printed = json.dumps(record, ensure_ascii=False), capsys.readouterr().err
    assert SECRET not in written
    assert SECRET not in printed
    assert "***" in written
    assert printed


def test_handler_of_somebody_else_hears_no_secret_either() -> None:
    conceal(SECRET)
    logs.set_up(logging.INFO, None)
    heard = io.StringIO()
    records: SimpleQueue[logging.LogRecord] = SimpleQueue()
    other, queued = logging.StreamHandler(heard), QueueHandler(records)
    log.addHandler(other)
    log.addHandler(queued)
    try:
        fail(SECRET)
    except RuntimeError:
        log.exception("%s", SECRET)
    finally:
        log.removeHandler(other)
        log.removeHandler(queued)

    assert SECRET not in heard.getvalue()
    assert heard.getvalue().count("***") == 2
    assert "***" in _notice(records.get())


@given(st.text(min_size=6), st.text(max_size=7), st.text(max_size=7))
def test_known_secret_is_found_in_every_form(secret: str, before: str, after: str) -> None:
    known = Secrets()
    known.conceal(secret)
    secret = secret.strip()
    if len(secret) < 6:
        return
    whole = f"{before}{secret}{after}"
    for form in (secret, quote(secret), quote_plus(secret), quote(secret, safe=""), repr(secret)[1:-1]):
        assert form not in known.redacted(f"{before} {form} {after}") or form in "***"
    encoded = base64.b64encode(whole.encode()).decode()
    assert known.redacted(encoded) != encoded


def test_base64_of_a_password_is_hidden_wherever_it_begins() -> None:
    conceal("correct-horse")
    for user in ("a", "ab", "abc"):
        text = base64.b64encode(f"{user}:correct-horse".encode()).decode()
        shown = redacted(f"sent {text} away")
        assert "***" in shown
        assert base64.b64encode(b"correct-horse").decode()[4:12] not in shown


def test_each_line_of_a_private_key_is_hidden() -> None:
    conceal(PEM)
    for line in PEM.splitlines()[1:-1]:
        assert redacted(f"read {line} there") == "read *** there"
    assert redacted(repr(PEM)) == "'***'"


@pytest.mark.parametrize("short", ["", "12345", "  1234 \n"])
def test_what_is_too_short_to_be_secret_hides_nothing(short: str) -> None:
    conceal(short)
    assert redacted("a 12345 and 1234 there") == "a 12345 and 1234 there"


def test_longer_secret_goes_before_one_that_is_a_part_of_it() -> None:
    conceal("abcdef")
    conceal("abcdefghij")
    assert redacted("abcdefghij abcdef") == "*** ***"


def test_credentials_are_concealed_as_soon_as_they_are_there() -> None:
    Credentials("the-api-key", PEM)
    shown = redacted(f"the-api-key {PEM}")
    assert "the-api-key" not in shown
    assert "Zr0pWx9LkOo3aBcD" not in shown


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("tgram://123456789:AAbbCCddEEffGGhhIIjjKKll-mm_NN/-100123", "AAbbCCddEEffGGhhIIjjKKll-mm_NN"),
        ("mailto://me:pass%2Fword@example.org?to=you@example.org", "pass/word"),
        ("https://example.org/hook/0123456789abcdef0123", "0123456789abcdef0123"),
        ("json://example.org/?key=0123456789abcdef0123", "0123456789abcdef0123"),
        ("discord://123456789012345678/AbCdEfGhIjKlMnOpQrSt", "AbCdEfGhIjKlMnOpQrSt"),
        ("postgresql://grid:hunter22@[::1", "hunter22@[::1"),
    ],
)
def test_secret_url_hides_as_a_whole_and_in_parts_but_not_its_host(url: str, secret: str) -> None:
    conceal_url(url)
    assert redacted(f"told {url}, failed") == "told ***, failed"
    if url.count("[") == 0:
        assert secret not in redacted(f"cannot tell {secret} of it")
        assert redacted("example.org refused; me and you") == "example.org refused; me and you"


# --- secrets that nobody has told of ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "GET /api/v3/order?symbol=X&signature=0123abcdef&timestamp=1",
            "GET /api/v3/order?symbol=X&signature=***&timestamp=1",
        ),
        ("{'apiKey': 'abcdefgh', 'symbol': 'X'}", "{'apiKey': ***, 'symbol': 'X'}"),
        ('{"api_key":"abc","secretKey" : "d e"}', '{"api_key":***,"secretKey" : "d e"}'.replace('"d e"', "***")),
        ("Credentials(api_key='abc', secret='d e f')", "Credentials(api_key=***, secret=***)"),
        ("headers {'X-MBX-APIKEY': 'abcdefgh'}", "headers {'X-MBX-APIKEY': ***}"),
        ("X-MBX-APIKEY: abcdefgh", "X-MBX-APIKEY: ***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("('authorization', 'Basic dXNlcjpwYXNz')", "('authorization', 'Basic ***')"),
        ("bearer abcdefghi refused", "bearer *** refused"),
        ("Cookie: gridactors=abcdefgh; other", "Cookie: gridactors=***; other"),
        ("postgresql://grid:pa/ss@host/db gone", "postgresql://grid:***@host/db gone"),
        ("http://:secret@host", "http://:***@host"),
        ("https://api.telegram.org/bot123456:AAbbCCddEEffGGhhIIjjKKll/send", "https://api.telegram.org/bot***/send"),
        ("https://hooks.slack.com/services/T000/B000/XXXX", "https://hooks.slack.com/services/***"),
        ("https://discord.com/api/webhooks/123/abc-def", "https://discord.com/api/webhooks/***"),
        ("http://127.0.0.1:8420/login?code=0123456789abcdef", "http://127.0.0.1:8420/login?code=***"),
        (f"key {PEM} read", "key *** read"),
        (PEM[:60], "***"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "SOL/USDT level 7: sell 1.2 at 101 filled, fee 0.12 USDT (ga0123456789-7-0b0)",
        "binance code=-1021 msg=Timestamp for this request is outside of the recvWindow",
        "http://127.0.0.1:8420/?a=b",
        "OrdersRecalled(token=5, orders=())",
        "the key is not known; no secret was set, a token is needed",
        "KeyError: 'price'",
        "",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    "text",
    ["://" * 30_000, "://a:" * 20_000, "-----BEGIN PRIVATE KEY-----" * 4_000, "token=" * 20_000, "cookie:" * 20_000],
)
def test_text_of_a_stranger_keeps_nobody_busy(text: str) -> None:
    began = time.thread_time()
    mask_patterns(text)
    assert time.thread_time() - began < 2.0  # seconds; a pattern that goes back and forth takes minutes


@pytest.mark.parametrize("text", ["data/control.token: cannot be read", "EXCHANGE_SECRET_KEY: nobody has set it"])
def test_prose_after_the_name_of_a_secret_is_left_alone(text: str) -> None:
    assert redacted(text) == text
