"""Secrets are in no output, file, page, measure, alert or list of processes, whatever fails."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, quote_plus

import pytest
import requests
from attrs import define, field

from actors.cli import _guarded
from actors.control.assets import Assets
from actors.control.run_file import RUN_FILE
from actors.control.tokens import TOKEN_FILE
from actors.log_lines.secrets import conceal
from engine.errors import BadInput, RunFailed
from tests.e2e.killing.kill_points import KillPoint
from tests.e2e.killing.processes import Process
from tests.e2e.watched_desk import SOON, WatchedDesk
from tests.engine.configurations import changed

ROOT = Path(__file__).parents[2]
ENDS_WITHIN = 40.0  # seconds, of commands that are run side by side
USER, PASSWORD, TOKEN, QUERY = "aliceuser-7f3a", "hunter2/päss word+9", "tokenofmine-5e1d88", "queryofmine-40b2c6"
DATABASE_PASSWORD = "dbpass/8d1c w0rd"  # noqa: S105 of no database
WRONG_KEY, WRONG_SECRET = "wrongkey" + "Q7" * 28, "wrongsecret" + "Z3" * 26
SHORTEST = 6  # digits of base64 that are looked for
PARTS = ("status", "orders", "levels", "balance", "trades", "events", "days", "candles", "health")
PATHS = ("/", "/login", "/login?failed=1", "/livez", "/readyz", "/metrics", "/nothing", "/api/status?grid=none")


@define(eq=False)
class Echoing:
    """Take alerts as ``json://`` sends them, and answer 500 with everything that came, headers and all."""

    taken: list[str] = field(factory=list)
    news: threading.Event = field(factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"json://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{TOKEN}/?cto=2&rto=3&+X-Token={QUERY}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        echoing: Echoing = cast("Any", self.server).echoing
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        echoing.taken.append(body)
        echoing.news.set()
        answer = f"{echoing.url} {self.path} {self.headers} {body}".encode()
        self.send_response(500, f"refused {self.path}")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's own name
        """Keep quiet."""


@pytest.fixture
def echoing() -> Iterator[Echoing]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads, server.block_on_close = True, False
    echoing = Echoing(port=server.server_address[1])
    cast("Any", server).echoing = echoing
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield echoing
    server.shutdown()
    thread.join()
    server.server_close()


class TalkativeDesk(WatchedDesk):
    """Say, log and report all there is."""

    def _started(self, *options: str, kill_at: KillPoint | None = None) -> Process:
        assert kill_at is None
        keys = {"EXCHANGE_API_KEY": self.sandbox.api_key, "EXCHANGE_SECRET_KEY": self.sandbox.secret}
        arguments = ("start", "grid.json", "--state-dir", str(self.state_dir), "--results", "results.json", *options)
        return self._starter.start(arguments, self.folder, keys, self.output, kill_at)


def forms(secret: str) -> Iterator[bytes]:
    """Give how a secret could be read: as it is, quoted, or in base64 wherever in there it begins."""
    yield secret.encode("unicode_escape")
    for text in (secret, quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield text.encode()
    content = secret.encode()
    for before in range(3):
        digits = base64.b64encode(bytes(before) + content).decode().rstrip("=")
        core = digits[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]
        if len(core) >= SHORTEST:
            yield core.encode()
            yield core.translate(str.maketrans("+/", "-_")).encode()


def found(secrets: Mapping[str, str], places: Mapping[str, bytes]) -> list[str]:
    """Say which secret is where."""
    return [
        f"{name} in {place}: …{text[max(0, text.find(form) - 80) : text.find(form)]!r}…"
        for name, secret in secrets.items()
        for form in sorted(set(forms(secret)))
        for place, text in places.items()
        if form in text
    ]


def test_no_secret_is_anywhere_whatever_fails(
    tmp_path: Path, echoing: Echoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPRISE_NOTIFICATION_URLS", echoing.url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    noisy = (
        ("logging", {"log_level": "DEBUG", "log_to_file": True}),
        ("execution.reconciliation_interval", 1),
    )
    with TalkativeDesk(tmp_path / "desk", *noisy, command=("-m", "tests.e2e.loose_talk")) as desk:
        desk.start()
        desk.wait_quiet()
        desk.wait_until(lambda: b"cannot go on with" in desk.output.read_bytes(), "an error that says too much")
        desk.move(95)
        desk.wait_quiet()
        assert echoing.news.wait(SOON)
        codes = {"the used code": desk.login_code(), "the waiting code": desk.login_code()}
        secrets = {
            "the API key": desk.sandbox.api_key,
            "the API secret": desk.sandbox.secret,
            "the token": desk.token,
            "the URL": echoing.url,
            "its password": PASSWORD,
            "its path": TOKEN,
            "its query": QUERY,
            "the database's password": DATABASE_PASSWORD,
            "a wrong key": WRONG_KEY,
            "a wrong secret": WRONG_SECRET,
            **codes,
        }
        answers, session = everything_served(desk, codes["the used code"])
        lists = dict(listed(desk.pid))
        outputs = beside(desk)
        assert desk.stop() == 0
        written = {
            str(path.relative_to(tmp_path)): path.read_bytes()
            for path in tmp_path.rglob("*")
            if path.is_file() and path.name not in (RUN_FILE, TOKEN_FILE, "other.json")
        }
        alerts = {"the alerts": "\n".join(echoing.taken).encode()}
    for place in ("grid.json", "output.txt", "results.json", "data/logs/gridactors.jsonl"):
        assert f"desk/{place}" in written
    assert any(place.endswith((".db", ".sqlite", ".sqlite3")) for place in written), sorted(written)
    assert any(place.endswith(".html") for place in written), sorted(written)
    leaks = found(secrets | session, {**written, **answers, **outputs, **alerts, **lists})
    assert not leaks, "\n".join(leaks)


def everything_served(desk: WatchedDesk, code: str) -> tuple[dict[str, bytes], dict[str, str]]:
    """Ask for everything, also in vain; give it all, and the secrets of a session that was begun with `code`."""
    url, answers = desk.url, {}
    link = requests.get(f"{url}/login?code={code}", allow_redirects=False, timeout=SOON)
    session = {"the cookie": str(link.cookies["gridactors"]), "the key": link.headers["Location"].partition("=")[2]}
    asked = [*PATHS, *(f"/api/{part}" for part in PARTS), *(f"/static/{name}" for name in Assets.read().files)]
    asked += [f"/api/{desk.token}", f"/static/{desk.token}", f"/api/trades?limit={desk.token}", f"/login?code={code}"]
    for number, path in enumerate(asked):
        for who, headers in {"owner": desk.bearer, "guest": {"Connection": "close"}}.items():
            answer = requests.get(f"{url}{path}", headers=headers, timeout=SOON, allow_redirects=False)
            answers[f"answer {number} to the {who}"] = f"{answer.headers}".encode() + answer.content
    for body in (f'{{"{desk.token}": 1}}', desk.token):
        headers = {**desk.bearer, "Content-Type": "application/json"}
        answer = requests.post(f"{url}/api/pause", data=body, headers=headers, timeout=SOON)
        assert answer.status_code in (400, 404)
        answers[f"answer to a wrong body of {len(body)}"] = answer.content.replace(body.encode(), b"")
    with desk.get("/api/stream", stream=True) as stream:
        text = b""
        for piece in stream.iter_content(None):
            text += piece
            if b"event: candles" in text:
                break
    return {**answers, "the stream": text}, session


def listed(pid: int) -> Iterator[tuple[str, bytes]]:
    """Give what anybody on the machine may read of a process and its threads."""
    folder = Path(f"/proc/{pid}")
    for path in (folder / "cmdline", *folder.glob("task/*/comm")):
        yield str(path), path.read_bytes()


def beside(desk: TalkativeDesk) -> dict[str, bytes]:
    """Run commands beside the process, some of them in vain, all at once; give what they say."""
    elsewhere = ("persistence", {"url": f"postgresql://bob:{quote(DATABASE_PASSWORD, safe='')}@127.0.0.1:1/grids"})
    document = changed(elsewhere, of=json.loads((desk.folder / "grid.json").read_text()))
    (desk.folder / "other.json").write_text(json.dumps(document, default=float))
    keys = {"EXCHANGE_API_KEY": desk.sandbox.api_key, "EXCHANGE_SECRET_KEY": desk.sandbox.secret}
    wrong = {"EXCHANGE_API_KEY": WRONG_KEY, "EXCHANGE_SECRET_KEY": WRONG_SECRET}
    commands: dict[str, tuple[int, dict[str, str]]] = {
        "status": (0, {}),
        "journal grid.json": (0, {}),
        "notify-test grid.json": (1, {}),
        "status nothing": (2, {}),
        "start grid.json --state-dir second": (2, wrong),
        "start other.json --state-dir third": (1, keys),
    }
    processes = {
        words: subprocess.Popen(  # noqa: S603 the program itself
            [sys.executable, "-m", "actors", *words.split()],
            cwd=desk.folder,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for words, (_, env) in commands.items()
    }
    try:
        outputs = {words: process.communicate(timeout=ENDS_WITHIN)[0] for words, process in processes.items()}
        codes = {words: process.returncode for words, process in processes.items()}
        assert codes == {words: code for words, (code, _) in commands.items()}, outputs
        return outputs
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


@pytest.mark.parametrize("error", [RuntimeError, RunFailed, BadInput])
def test_the_last_words_of_a_command_have_no_secret(error: type[Exception], capsys: pytest.CaptureFixture[str]) -> None:
    """Let an error end a command whose text has a secret in it, as that of a library may, or of an actor's."""
    conceal(WRONG_SECRET)

    def fail() -> None:
        raise error(f"cannot go on with {WRONG_SECRET}")

    assert _guarded(fail) > 0
    said = capsys.readouterr()
    assert "cannot go on" in said.err
    assert not found({"a secret": WRONG_SECRET}, {"the terminal": (said.out + said.err).encode()})
