"""The way into the dashboard, probes, and TLS."""

from __future__ import annotations

import datetime as dt
import ssl
import webbrowser
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.commands.answers import status
from tests.commands.api import PlayedApi
from tests.commands.conftest import Terminal

LINK = {"url": "http://127.0.0.1:8420/login?code=once&x=%22", "expires_in": 60}


# --- dashboard ---------------------------------------------------------------------------------------


def test_dashboard_prints_a_link_that_was_asked_for(terminal: Terminal) -> None:
    terminal.plays("POST /api/login-link", LINK)
    result = terminal.run("dashboard")

    assert (result.exit_code, result.stdout) == (0, f"{LINK['url']}\n")
    assert terminal.json("dashboard") == LINK


def test_dashboard_opens_a_browser_without_showing_it_the_link_where_all_can_see(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_browser(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", open_browser)
    terminal.plays("POST /api/login-link", LINK)
    result = terminal.run("dashboard", "--open")

    page = terminal.state_dir / "open-dashboard.html"
    assert (result.exit_code, result.stdout) == (0, "")
    assert opened == [page.as_uri()]
    assert page.stat().st_mode & 0o077 == 0
    assert 'content="0;url=http://127.0.0.1:8420/login?code=once&amp;x=%22"' in page.read_text(encoding="utf-8")


def test_dashboard_without_a_browser_fails_and_says_what_to_do(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _url: False)
    terminal.plays("POST /api/login-link", LINK)
    result = terminal.run("dashboard", "--open")

    assert result.exit_code == 1
    assert "no browser could be started; `gridactors dashboard` prints the link" in result.stderr


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "file:///etc/passwd"])
def test_link_that_is_none_is_not_opened(terminal: Terminal, url: str | None) -> None:
    terminal.plays("POST /api/login-link", {"url": url, "expires_in": 60})
    assert terminal.run("dashboard", "--open").exit_code == 1


# --- probes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "path"), [((), "/livez"), (("--ready",), "/readyz")])
@pytest.mark.parametrize(
    ("code", "told", "exit_code"),
    [
        (200, {"ok": True, "why": None}, 0),
        (503, {"ok": False, "why": "its price has not been heard of"}, 1),
        (200, {"ok": False, "why": None}, 1),
        (500, {"error": "broken"}, 1),
    ],
)
def test_ping_tells_by_its_exit_code(
    terminal: Terminal, options: tuple[str, ...], path: str, code: int, told: dict[str, object], exit_code: int
) -> None:
    terminal.plays(f"GET {path}", told, code)
    result = terminal.run("ping", *options)

    assert result.exit_code == exit_code
    assert str(told.get("why") or told.get("error") or "") in result.stderr
    assert terminal.last.path == path


# --- TLS ---------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> Path:
    """Make a self-signed certificate for this machine, its key behind it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.fixture
def under_tls(tmp_path: Path) -> Iterator[Terminal]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate(tmp_path, "own"))
    with PlayedApi(tls=tls) as api:
        yield Terminal(api, tmp_path)


def test_certificate_of_the_process_itself_is_trusted(under_tls: Terminal) -> None:
    under_tls.api.runs(under_tls.state_dir, certificate=str(under_tls.state_dir / "own.pem"))
    under_tls.plays("GET /api/status", status())

    assert under_tls.json("status") == status()


@pytest.mark.parametrize("name", [None, "another", "missing"])
def test_any_other_certificate_is_not_and_the_token_stays_here(under_tls: Terminal, name: str | None) -> None:
    certificate(under_tls.state_dir, "another")
    path = None if name is None else str(under_tls.state_dir / f"{name}.pem")
    under_tls.api.runs(under_tls.state_dir, certificate=path)
    result = under_tls.run("status")

    assert result.exit_code == 1
    assert "does not answer at https://127.0.0.1:" in result.stderr
    assert under_tls.api.asked == []
