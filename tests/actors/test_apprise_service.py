"""Services through the real Apprise: which URLs are taken, what is said of them, and how a failure is told."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from pathlib import Path

import pytest

from actors.alerting.sender import Refusal
from actors.gateways.apprise_service import VARIABLE, AppriseService, load_services, secret_parts, split_urls
from engine.errors import BadInput
from engine.notifying.letters import Letter, Tone
from tests.actors.receiver import SECRETS, Receiver

LETTER = Letter("A title", "a <b>text</b> & more\nin two lines", Tone.WARNING, is_urgent=False, written_at=0)


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)


def only(*urls: str) -> AppriseService:
    (service,) = load(*urls)
    return service


def load(*urls: str) -> list[AppriseService]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, " ".join(urls))
        return load_services()


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        ("json://a json://b", ["json://a", "json://b"]),
        ("json://a,json://b", ["json://a", "json://b"]),
        ("json://a ,\n json://b\n", ["json://a", "json://b"]),
        ("mailto://u:p@h?to=a@x.de,b@y.de, tgram://t/1", ["mailto://u:p@h?to=a@x.de,b@y.de", "tgram://t/1"]),
        ('"json://a"', ["json://a"]),
        ("nonsense json://b", ["nonsense", "json://b"]),
        (" \n, ", []),
    ],
)
def test_urls_stand_apart_by_spaces_lines_or_commas(value: str, urls: list[str]) -> None:
    assert split_urls(value) == urls


def test_no_url_is_no_service() -> None:
    assert load_services() == []


def test_urls_come_from_the_environment_or_the_env_file_beside_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = tmp_path / "grids"
    beside.mkdir()
    source = str(beside / "sol.toml")
    (beside / ".env").write_text(f"{VARIABLE}=json://beside.example\n")

    def names() -> list[str]:
        return [service.name for service in load_services([source, source])]

    assert names() == ["json://beside.example…"]
    (tmp_path / ".env").write_text(f'{VARIABLE}="json://here.example\njson://there.example"\n')
    assert names() == ["json://here.example…", "json://there.example…"]
    monkeypatch.setenv(VARIABLE, "json://set.example")
    assert names() == ["json://set.example…"]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("json://alicename:hunter2secret@127.0.0.1:1/tokenofmine", "json://127.0.0.1…"),
        ("json://alicename:hun@ter2secret@127.0.0.1:1/tokenofmine", "json://…"),
        ("tgram://123456789:hunter2secretabcdefgh/12345", "tgram://…"),
        ("discord://123456789012345678/hunter2secrethunter2secrethunter2secret/", "discord://…"),
        ("mailto://alicename:hunter2secret@gmail.com", "mailto://gmail.com…"),
    ],
)
def test_service_is_named_by_what_is_no_secret(url: str, name: str) -> None:
    service = only(url)

    assert service.name == name
    assert repr(service) == f"<AppriseService {name}>"


def test_urls_that_cannot_be_used_are_refused_all_at_once_by_their_place(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    with pytest.raises(BadInput) as refused:
        load("tgram://hunter2secret", "json://ok.example", "nothing://hunter2secret", "slack://hunter2secret")

    assert [problem.split(" cannot")[0] for problem in refused.value.problems] == [
        f"{VARIABLE}: its URL number {place} of 4" for place in (1, 3, 4)
    ]
    assert "hunter2secret" not in f"{refused.value!r}{refused.value}{caplog.text}"
    assert refused.value.__cause__ is None


def test_letter_arrives_as_it_was_written_and_with_neither_event_loop_nor_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("not here")

    monkeypatch.setattr(asyncio, "new_event_loop", forbidden)
    monkeypatch.setattr(concurrent.futures.ThreadPoolExecutor, "submit", forbidden)
    with Receiver() as receiver:
        assert only(receiver.url).deliver(LETTER) is None
        heard = receiver.hears()

    assert (heard["title"], heard["message"], heard["type"]) == (LETTER.title, LETTER.text, "warning")


@pytest.mark.parametrize(("status", "is_refused"), [(400, True), (413, True), (401, False), (500, False), (503, False)])
def test_answer_that_is_no_success_is_told_with_its_code(status: int, is_refused: bool) -> None:  # noqa: FBT001 a table
    with Receiver(status=status) as receiver:
        refusal = only(receiver.url).deliver(LETTER)

    assert refusal is not None
    assert f"error={status}" in refusal.reason
    assert refusal.of_letter is is_refused


def test_service_that_is_not_there_or_hangs_is_told_without_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    with Receiver(hangs=True) as receiver:
        hung = only(receiver.url.replace("rto=3", "rto=0.2")).deliver(LETTER)
    gone = only(receiver.url).deliver(LETTER)

    assert hung == gone == Refusal("A Connection error occurred sending JSON notification to 127.0.0.1.")
    assert [secret for secret in SECRETS if secret in caplog.text] == []


def test_part_of_a_url_that_a_service_repeats_is_struck() -> None:
    service = only("json://alicename:hunter2secret@127.0.0.1:8080/tokenofmine?+X-Key=pass%20word")

    said = service._concealed("no ALICENAME with hunter2secret at 127.0.0.1/tokenofmine for pass word\n")
    assert said == "no *** with *** at 127.0.0.1/*** for *** "


def test_plugin_that_raises_is_told_by_the_kind_of_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    service = only("json://127.0.0.1:1")

    def broken(**_: object) -> bool:
        raise RuntimeError("hunter2secret")

    monkeypatch.setattr(service._plugin, "notify", broken)
    assert service.deliver(LETTER) == Refusal("failed with RuntimeError")


def test_timeouts_of_a_url_are_bounded() -> None:
    plugin = only("json://127.0.0.1:1/?cto=9999&rto=9999")._plugin

    assert plugin.request_timeout == (10.0, 20.0)


def test_secret_parts_are_all_but_schema_and_shown_host() -> None:
    assert set(secret_parts("json://u:p%20q@h:8/t?k=v", "h")) == {
        "u:p%20q@h:8/t?k=v",
        "u:p q@h:8/t?k=v",
        *("u", "p%20q", "p q", "8", "t", "k", "v"),
    }
    assert "h" in secret_parts("tgram://h/1")


def test_apprise_is_heard_by_nobody_afterwards(caplog: pytest.LogCaptureFixture) -> None:
    only("json://127.0.0.1:1")
    caplog.set_level(1)
    logging.getLogger("apprise").error("json://alicename:hunter2secret@127.0.0.1")

    assert caplog.text == ""
