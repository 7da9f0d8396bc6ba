from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from actors import control
from actors.control.options import ControlOptions
from actors.control.run_file import read_run
from tests.control.certificates import certified
from tests.control.raw import dial
from tests.control.town import Town

SOON = 5.0

PAGE = Path(control.__file__).parent / "page"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("tls")
    papers = certified(folder)
    options = ControlOptions(
        listen="127.0.0.1:0", certificate=papers.certificate, key=papers.key, state_dir=folder / "state"
    )
    with Town(folder, options=options) as town:
        yield town


@pytest.fixture
def owner(town: Town) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(town.door.certificate)
        session.headers["Authorization"] = f"Bearer {town.door.token}"
        yield session


@pytest.fixture
def url(town: Town) -> str:
    assert town.door.url.startswith("https://127.0.0.1:")
    return town.door.url


def test_with_tls_everything_is_as_without(url: str, owner: requests.Session) -> None:
    for _ in range(3):
        assert owner.get(f"{url}/api/status", timeout=SOON).status_code == 200
    assert owner.post(f"{url}/api/pause", json={}, timeout=SOON).status_code == 200
    assert owner.get(f"{url}/static/page.css", timeout=SOON).content == (PAGE / "page.css").read_bytes()


def test_a_command_knows_which_certificate_to_expect(town: Town) -> None:
    running = read_run(town.options.state_dir)
    assert running is not None
    assert running.certificate == str(town.door.certificate)


def test_a_cookie_goes_over_tls_alone(url: str, owner: requests.Session) -> None:
    link = owner.post(f"{url}/api/login-link", json={}, timeout=SOON).json()["url"]
    cookie = owner.get(link, allow_redirects=False, timeout=SOON, headers={"Authorization": None}).headers["Set-Cookie"]
    assert cookie.startswith("__Host-gridactors=")
    assert "Secure" in cookie


def test_without_tls_there_is_no_answer(url: str) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(url.replace("https", "http"), timeout=SOON)


def test_old_versions_of_tls_are_refused(town: Town, url: str) -> None:
    context = ssl.create_default_context(cafile=town.door.certificate)
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)), dial(url) as sock:
        context.wrap_socket(sock, server_hostname="127.0.0.1")


def test_a_name_of_the_certificate_is_answered_and_no_other(url: str, owner: requests.Session) -> None:
    port = url.rpartition(":")[2]
    for name, status in (("grid.example", 200), ("evil.example", 403)):
        answer = owner.get(f"{url}/api/status", headers={"Host": f"{name}:{port}"}, timeout=SOON)
        assert answer.status_code == status
