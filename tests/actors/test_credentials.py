"""Credentials: where they are found, what they may be, and that nothing shows them."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from actors.gateways.credentials import KEY, SECRET, Credentials, load
from engine.errors import BadInput

API_KEY, HMAC = "k" * 64, "s" * 32 + "/+$HOME${X}="


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Give the working directory and the folder of the configuration, with nothing set."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    monkeypatch.chdir(here)
    for name in (KEY, SECRET):
        monkeypatch.delenv(name, raising=False)
    return here, there


def pem(key: ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, word: bytes = b"") -> str:
    how: KeySerializationEncryption = BestAvailableEncryption(word) if word else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how).decode()


ED25519 = pem(ed25519.Ed25519PrivateKey.generate())
RSA = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def found(folders: tuple[Path, Path]) -> tuple[str, str]:
    credentials = load(str(folders[1] / "grid.toml"))
    return credentials.api_key, credentials.secret


def refusal(folders: tuple[Path, Path]) -> str:
    with pytest.raises(BadInput) as caught:
        found(folders)
    return str(caught.value)


def test_environment_is_looked_at_first(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    (folders[0] / ".env").write_text(f"{KEY}=other\n{SECRET}=other\n")
    monkeypatch.setenv(KEY, API_KEY)
    monkeypatch.setenv(SECRET, f" {HMAC}\n")

    assert found(folders) == (API_KEY, HMAC)


@pytest.mark.parametrize("place", [0, 1], ids=["working directory", "beside the configuration"])
def test_env_file_is_read_as_it_stands_and_the_environment_left_alone(folders: tuple[Path, Path], place: int) -> None:
    (folders[place] / ".env").write_text(f'# mine\n{KEY}={API_KEY}\nexport {SECRET}="{HMAC}"\n')

    assert found(folders) == (API_KEY, HMAC)
    assert KEY not in os.environ
    assert SECRET not in os.environ


@pytest.mark.parametrize(("text", "missing"), [("", f"{KEY} and {SECRET}"), (f"{KEY}=x", SECRET), (f"{KEY}=", KEY)])
def test_missing_variable_is_named_with_the_places_it_may_be_in(
    folders: tuple[Path, Path], text: str, missing: str
) -> None:
    (folders[0] / ".env").write_text(text)

    said = refusal(folders)
    assert f"needs {missing}" in said
    assert all(str(folder / ".env") in said for folder in folders)
    assert str(folders[1] / "grid.toml") in said


def test_env_file_that_is_no_text_is_named(folders: tuple[Path, Path]) -> None:
    (folders[0] / ".env").write_bytes(b"\xff\xfe=\x00")

    assert str(folders[0] / ".env") in refusal(folders)


@pytest.mark.parametrize("text", [ED25519, RSA], ids=["ed25519", "rsa"])
@pytest.mark.parametrize("how", ["text", "windows", "escaped", "file", "file beside", "named .pem"])
def test_private_key_comes_out_in_the_form_that_ccxt_can_tell(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, text: str, how: str
) -> None:
    monkeypatch.setenv(KEY, API_KEY)
    match how:
        case "text":
            monkeypatch.setenv(SECRET, f"\n{text}\n\n")
        case "windows":
            monkeypatch.setenv(SECRET, text.replace("\n", "\r\n"))
        case "escaped":
            monkeypatch.setenv(SECRET, text.replace("\n", "\\n"))
        case "file":
            (folders[0] / "key").write_text(text)
            monkeypatch.setenv(SECRET, "key")
        case "file beside":
            (folders[1] / "key").write_text(text)
            (folders[1] / ".env").write_text(f"{SECRET}=key")
        case "named .pem":
            (folders[0] / "key.pem").write_text(text)
            monkeypatch.setenv(SECRET, str(folders[0] / "key.pem"))

    credentials = load(str(folders[1] / "grid.toml"))
    assert credentials.secret == text.strip()
    assert credentials.is_pem
    assert (len(credentials.secret) > 120) is (text is RSA)  # how ccxt tells them apart


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("nowhere.pem", "nowhere.pem: there is no such file"),
        (ED25519.replace("M", "N"), "not valid PEM"),
        (pem(ed25519.Ed25519PrivateKey.generate(), b"word"), "has a password"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "another type; allowed: Ed25519 or RSA"),
    ],
    ids=["no file", "damaged", "with password", "another type"],
)
def test_private_key_that_cannot_be_used_is_refused_without_showing_it(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, secret: str, said: str
) -> None:
    monkeypatch.setenv(KEY, API_KEY)
    monkeypatch.setenv(SECRET, secret)

    refused = refusal(folders)
    assert said in refused
    assert SECRET in refused
    assert not any(line in refused for line in secret.splitlines() if "nowhere" not in line)


def test_secret_too_long_for_a_path_is_taken_as_it_is(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, API_KEY)
    monkeypatch.setenv(SECRET, "s/" * 5000)

    assert found(folders) == (API_KEY, "s/" * 5000)


def test_no_text_shows_key_or_secret(caplog: pytest.LogCaptureFixture) -> None:
    credentials = Credentials(API_KEY, HMAC)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("%s %r", credentials, [credentials])

    shown = f"{credentials} {credentials!r} {caplog.text}"
    assert API_KEY not in shown
    assert HMAC not in shown
    assert "Credentials" in shown


def test_what_an_exchange_quotes_is_concealed() -> None:
    assert Credentials("the-key", "the-secret").conceal("bad key the-key/the-secret") == "bad key ***/***"
