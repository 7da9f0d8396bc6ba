from __future__ import annotations

import logging
import socket
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from actors.control.door import Door
from actors.control.hosts import Hosts
from actors.control.options import DEFAULT_PORT, ControlOptions
from actors.control.tokens import keep_token
from engine.errors import BadInput
from tests.control.certificates import Certified, certified


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certified(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def taken() -> Iterator[int]:
    """Hold a port that nobody else can have."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


# --- where it may be -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        (None, ("127.0.0.1", DEFAULT_PORT)),
        ("127.0.0.1:9", ("127.0.0.1", 9)),
        ("127.1.2.3:0", ("127.1.2.3", 0)),
        ("[::1]:9", ("::1", 9)),
        ("LocalHost:9", ("localhost", 9)),
        (":9", ("127.0.0.1", 9)),
    ],
)
def test_loopback_needs_nothing(listen: str | None, address: tuple[str, int]) -> None:
    assert ControlOptions(listen=listen).address() == address


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:9", "[::]:9", "192.168.1.2:9", "example.com:9", "127.0.0.1.evil.com:9", "[fe80::1]:9", "0:9"]
)
def test_what_others_can_reach_is_refused_without_tls_or_the_word_for_it(
    listen: str, tmp_path: Path, papers: Certified
) -> None:
    with pytest.raises(BadInput, match=r"--listen = .*--certificate and --key, or --without-tls"):
        Door.open(ControlOptions(listen=listen, state_dir=tmp_path))
    assert ControlOptions(listen=listen, without_tls=True).address()[1] == 9
    assert ControlOptions(listen=listen, certificate=papers.certificate, key=papers.key).address()[1] == 9


@pytest.mark.parametrize(
    "listen",
    ["", "9", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:9", "[::1:9", "a b:9", ":-1", ":٣"],
)
def test_what_is_no_address_is_refused_by_the_option(listen: str) -> None:
    with pytest.raises(BadInput, match="--listen = "):
        ControlOptions(listen=listen).address()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (ControlOptions(certificate=Path("c")), "--certificate needs --key"),
        (ControlOptions(key=Path("k")), "--key needs --certificate"),
        (ControlOptions(certificate=Path("c"), key=Path("k"), without_tls=True), "exclude each other"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: ControlOptions, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        options.address()


def test_a_port_that_was_asked_for_and_is_taken_is_refused(tmp_path: Path, taken: int) -> None:
    with pytest.raises(BadInput, match=f"--listen = '127.0.0.1:{taken}': Address already in use"):
        Door.open(ControlOptions(listen=f"127.0.0.1:{taken}", state_dir=tmp_path))


def test_the_usual_port_gives_way_to_any_that_is_free(
    tmp_path: Path, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.control.options.DEFAULT_PORT", taken)
    with closing(Door.open(ControlOptions(state_dir=tmp_path))) as door:
        assert door.url.startswith("http://127.0.0.1:")
        assert door.url != f"http://127.0.0.1:{taken}"


@pytest.mark.parametrize(("listen", "reached"), [("0.0.0.0:0", "127.0.0.1"), ("127.0.0.2:0", "127.0.0.2")])
def test_the_url_leads_there_from_this_machine(tmp_path: Path, listen: str, reached: str) -> None:
    with closing(Door.open(ControlOptions(listen=listen, without_tls=True, state_dir=tmp_path))) as door:
        port = door.listener.getsockname()[1]
        assert door.url == f"http://{reached}:{port}"
        socket.create_connection((reached, port)).close()


def test_a_certificate_names_the_door(tmp_path: Path, papers: Certified) -> None:
    options = ControlOptions(listen="127.0.0.2:0", certificate=papers.certificate, key=papers.key, state_dir=tmp_path)
    with closing(Door.open(options)) as door:
        port = door.listener.getsockname()[1]
        assert door.url == f"https://grid.example:{port}"
        assert door.hosts.accept(f"grid.example:{port}")


# --- its papers ------------------------------------------------------------------------------------------


def test_papers_that_are_not_there_are_refused_by_option_and_path(tmp_path: Path, papers: Certified) -> None:
    missing = tmp_path / "missing.pem"
    for options, option in (
        (ControlOptions(certificate=missing, key=papers.key, state_dir=tmp_path), "--certificate"),
        (ControlOptions(certificate=papers.certificate, key=missing, state_dir=tmp_path), "--key"),
    ):
        with pytest.raises(BadInput, match=rf"{option} = '.*missing\.pem': cannot be read"):
            Door.open(options)


def test_papers_that_are_none_are_refused_without_a_word_of_what_is_in_them(tmp_path: Path, papers: Certified) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("hunter2")
    with pytest.raises(BadInput) as refused:
        Door.open(ControlOptions(certificate=papers.certificate, key=nonsense, state_dir=tmp_path))
    assert "nonsense.pem" in str(refused.value)
    assert "hunter2" not in str(refused.value)


# --- its names -------------------------------------------------------------------------------------------


EVERYWHERE = "0.0.0.0"  # noqa: S104 nobody listens: only names are judged


@pytest.mark.parametrize(
    ("host", "certificate", "header", "is_ours"),
    [
        ("127.0.0.1", (), "127.0.0.1:8420", True),
        ("127.0.0.1", (), "localhost:8420", True),
        ("127.0.0.1", (), "LOCALHOST:8420", True),
        ("127.0.0.1", (), "[::1]:8420", True),
        ("127.0.0.1", (), "127.0.0.1", False),
        ("127.0.0.1", (), "127.0.0.1:80", False),
        ("127.0.0.1", (), "127.0.0.1:08420x", False),
        ("127.0.0.1", (), "evil.example:8420", False),
        ("127.0.0.1", (), "localhost.evil.example:8420", False),
        ("127.0.0.1", (), "127.0.0.1:8420@evil.example", False),
        ("127.0.0.1", (), "evil.example#127.0.0.1:8420", False),
        ("127.0.0.1", (), "localhost:8420, evil.example", False),
        ("127.0.0.1", (), "", False),
        ("127.0.0.1", (), "192.168.1.2:8420", False),
        ("192.168.1.2", (), "192.168.1.2:8420", True),
        ("192.168.1.2", (), "localhost:8420", False),
        ("192.168.1.2", ("grid.example",), "grid.example:8420", True),
        ("192.168.1.2", ("*.example",), "grid.example:8420", True),
        ("192.168.1.2", ("*.example",), "a.grid.example:8420", False),
        ("192.168.1.2", ("*.example",), "example:8420", False),
        (EVERYWHERE, (), "192.168.7.7:9999", True),
        (EVERYWHERE, (), "localhost:9999", True),
        (EVERYWHERE, (), "[2001:db8::1]:9999", True),
        (EVERYWHERE, (), "evil.example:8420", False),
    ],
)
def test_only_names_of_the_door_are_answered(
    host: str, certificate: tuple[str, ...], header: str, *, is_ours: bool
) -> None:
    assert Hosts.of(host, 8420, certificate).accept(header) is is_ours


@pytest.mark.parametrize(("has_tls", "port"), [(False, 80), (True, 443)])
def test_the_usual_port_of_its_scheme_need_not_be_named(*, has_tls: bool, port: int) -> None:
    assert Hosts.of("127.0.0.1", port, has_tls=has_tls).accept("127.0.0.1")


# --- its token -------------------------------------------------------------------------------------------


def test_a_token_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    token = keep_token(tmp_path / "new")
    assert len(token) >= 43
    assert keep_token(tmp_path / "new") == token
    assert stat.S_IMODE((tmp_path / "new" / "control.token").stat().st_mode) == 0o600


def test_a_token_that_others_could_read_is_narrowed_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    token = keep_token(tmp_path)
    (tmp_path / "control.token").chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert keep_token(tmp_path) == token
    assert stat.S_IMODE((tmp_path / "control.token").stat().st_mode) == 0o600
    assert "could be read by others" in caplog.text
    assert token not in caplog.text


@pytest.mark.parametrize("text", ["", "short", "x" * 200, "with spaces that no header may have, and long enough"])
def test_a_token_that_is_none_is_refused_by_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "control.token").write_text(text)
    with pytest.raises(BadInput, match=r"control\.token: holds no token") as refused:
        keep_token(tmp_path)
    assert not text or text not in str(refused.value)


def test_no_secret_is_in_the_picture_of_a_door(tmp_path: Path) -> None:
    with closing(Door.open(ControlOptions(listen=":0", state_dir=tmp_path))) as door:
        assert door.token not in f"{door!r}"
