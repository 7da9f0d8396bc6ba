"""The running process of a state directory, spoken to over its API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from actors.commands.answering import Json
from actors.control.run_file import RUN_FILE, Running, read_run
from actors.display.running_columns import printable
from actors.state_dir import STATE_DIR
from engine.errors import BadInput, RunFailed
from engine.messages.steering import Command

if TYPE_CHECKING:
    from requests import Response

CONNECTS_WITHIN = 5.0  # seconds
ANSWERS_WITHIN = 10.0  # besides what it is asked to wait
MOST_WAIT = 60.0  # that it waits at once
_BAD_REQUEST, _UNKNOWN_TOKEN, _NOT_FOUND, _REFUSED, _UNAVAILABLE = 400, 401, 404, 409, 503


def find_process(state_dir: Path) -> Running:
    """Give the process that runs there; raise `RunFailed` when none does."""
    running = read_run(state_dir)
    if running is not None:
        return running
    if (state_dir / RUN_FILE).exists():
        why = f"{state_dir / RUN_FILE} was left by a process that is gone; {_start(state_dir)} goes on with its grids"
        raise RunFailed(f"nothing runs with --state-dir {state_dir}: {why}")
    raise RunFailed(f"nothing runs with --state-dir {state_dir}; start a grid with {_start(state_dir)}")


def other_version(running: Running) -> str | None:
    """Say that the process is of another version than this command, None when it is not."""
    own = version("gridactors")
    if running.version == own:
        return None
    theirs = printable(running.version)
    return f"the process is gridactors {theirs}, this command {own}: they may misunderstand each other"


class RunningProcess:
    """Ask a running process and steer it; `RunFailed` when it does not answer, `BadInput` for what it refuses."""

    def __init__(self, running: Running, state_dir: Path) -> None:
        """Prepare to speak to it; nothing is sent yet."""
        import requests

        self.running = running
        self._file = state_dir / RUN_FILE
        self._session = requests.Session()
        # The environment knows proxies, which the token must not go through, and passwords, which would take its place.
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {running.token}"
        self._session.verify = running.certificate or True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(self, part: str, grids: Sequence[str] = (), limit: int | None = None) -> Json:
        """Ask for one part."""
        parameters = [("grid", name) for name in grids]
        if limit is not None:
            parameters.append(("limit", str(limit)))
        return self._told(self._ask("GET", f"/api/{part}", parameters))

    def steer(self, command: Command, grids: Sequence[str], seconds: float | None, wait: float) -> Json:
        """Send one command, once, and have the process wait for it."""
        body: dict[str, object] = {}
        if command is not Command.QUIT:
            body = {"wait": wait}
            body |= {"grids": list(grids)} if grids else {}
            body |= {} if seconds is None else {"seconds": seconds}
        return self._told(self._ask("POST", f"/api/{command}", body=body, wait=wait))

    def login_link(self) -> Json:
        """Ask for a link that lets one browser in, once."""
        return self._told(self._ask("POST", "/api/login-link", body={}))

    def probe(self, path: str) -> Json:
        """Ask ``/livez`` or ``/readyz``."""
        reply = self._ask("GET", path)
        return self._json(reply) if reply.status_code == _UNAVAILABLE else self._told(reply)

    def _ask(
        self,
        method: str,
        path: str,
        parameters: Sequence[tuple[str, str]] = (),
        body: Mapping[str, object] | None = None,
        wait: float = 0.0,
    ) -> Response:
        import requests

        try:
            return self._session.request(
                method,
                self.running.url.rstrip("/") + path,
                params=list(parameters),
                json=body,
                timeout=(CONNECTS_WITHIN, ANSWERS_WITHIN + wait),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise self._silent("its certificate is not the one that it should have") from error
        except requests.exceptions.ReadTimeout as error:
            raise self._silent(f"no answer within {ANSWERS_WITHIN + wait:g} s") from error
        except (requests.RequestException, OSError) as error:  # the latter for a certificate that is no file
            raise self._silent("no connection") from error

    def _silent(self, why: str) -> RunFailed:
        who = f"process {self.running.pid} does not answer at {printable(self.running.url)}: {why}"
        return RunFailed(f"{who}; if it is no gridactors, remove {self._file}")

    def _told(self, reply: Response) -> Json:
        """Give what it says; what it refuses is the user's fault, or a failure."""
        status = reply.status_code
        if status in {200, 202} or (status == _REFUSED and "grids" in self._json(reply)):
            return self._json(reply)
        who = f"process {self.running.pid} at {printable(self.running.url)}"
        if status == _UNKNOWN_TOKEN:
            raise RunFailed(f"{who} does not know the token in {self._file}: it may be another process's")
        why = printable(str(self._json(reply).get("error", f"HTTP {status}")))
        if status in {_BAD_REQUEST, _NOT_FOUND}:
            raise BadInput(f"{who}: {why}")
        raise RunFailed(f"{who}: {why} ({status})")

    def _json(self, reply: Response) -> Json:
        try:
            told: Any = reply.json()
        except ValueError:
            told = None
        if isinstance(told, dict):
            return told
        raise self._silent(f"what answers there says what no gridactors says (HTTP {reply.status_code})")


def _start(state_dir: Path) -> str:
    at = "" if state_dir == STATE_DIR else f" --state-dir {state_dir}"
    return f"`gridactors start CONFIG{at}`"
