"""What somebody else on the same machine may try at a process that trades: refused, logged, and no trade is late."""

from __future__ import annotations

import json
import os
import resource
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from attrs import define, field

from tests.control.raw import Raw, dial, request, send
from tests.e2e.killing.processes import Spawned
from tests.e2e.watched_desk import SOON, Market, Pace, WatchedDesk

# How late an answer may come under attack. Quiet, half of all fills are answered within 7 ms and 99 of 100 within 25;
# attackers, exchange and grid share two cores here with whatever else is tested: that is what the room is for. What
# must not be is an answer that waits for a door: for a worker (seconds), a time limit (10 s), a lock.
MEDIAN_TIMES, MEDIAN_MORE = 4.0, 0.020  # seconds
P99_TIMES, P99_MORE = 4.0, 0.250
SERVED_WITHIN = 2.0  # seconds, of the owner, during everything
FILES_AND_THREADS_MORE = 3  # than before: a connection of the exchange may come and go
LINES_A_KIND = 2  # of the log, within a minute: the first of each kind, and once how often it came again


@define(eq=False)
class Siege:
    """Attack a process, and see that it trades on."""

    desk: WatchedDesk
    market: Market
    before: Pace
    url: str
    token: str
    cookie: str = field(repr=False)

    def owner_is_served(self) -> None:
        answer = requests.get(
            f"{self.url}/api/status",
            headers={"Authorization": f"Bearer {self.token}", "Connection": "close"},
            timeout=SERVED_WITHIN,
        )
        assert answer.status_code == 200
        (grid,) = answer.json()["grids"]
        assert grid["standing"] == "running"

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Have the trading go on during what happens here, and everything be as it was afterwards."""
        files, threads = self.desk.vitals.num_fds(), self.desk.vitals.num_threads()
        lines = len(self.refusals())
        begun = len(self.market.answered)
        yield
        pace = Pace.of(self.market.answered[begun : self.market_after(begun)])
        told = f"before: {self.before}; meanwhile: {pace}"
        assert pace.median <= MEDIAN_TIMES * self.before.median + MEDIAN_MORE, told
        assert pace.p99 <= P99_TIMES * self.before.p99 + P99_MORE, told
        self.desk.wait_until(lambda: self.desk.vitals.num_fds() <= files + FILES_AND_THREADS_MORE, "closed files")
        self.desk.wait_until(lambda: self.desk.vitals.num_threads() <= threads + FILES_AND_THREADS_MORE, "no threads")
        new = self.refusals()[lines:]
        kinds = {line.partition("refused at the door: ")[2].partition(" (")[0].partition(", ")[0] for line in new}
        assert len(new) <= LINES_A_KIND * max(1, len(kinds)), "\n".join(new)
        assert self.token not in "".join(new)
        assert self.cookie not in "".join(new)
        self.owner_is_served()

    def market_after(self, begun: int) -> int:
        """Wait until enough fills were answered to tell how soon."""
        if (missing := 100 - (len(self.market.answered) - begun)) > 0:
            self.market.answers(missing)
        return len(self.market.answered)

    def refusals(self) -> list[str]:
        """Give the lines of the log about what was refused."""
        text = self.desk.output.read_text(encoding="utf-8")
        return [line for line in text.splitlines() if "refused at the door" in line]


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    with WatchedDesk(tmp_path_factory.mktemp("siege") / "desk") as desk:
        desk.start()
        desk.wait_quiet()
        with desk.logged_in() as browser:
            (cookie,) = [cookie.value for cookie in browser.cookies]
        assert cookie is not None
        with Market(desk) as market:
            market.answers(50)  # warming up
            yield Siege(desk, market, market.answers(250), desk.url, desk.token, cookie)
        desk.wait_quiet()
        assert desk.stop() == 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


STATUS, PAUSE = "GET /api/status HTTP/1.1", "POST /api/pause HTTP/1.1"
JSON = "Content-Type: application/json"

Ask = Callable[[Siege], bytes]


def guest(line: str, *headers: str, body: bytes = b"") -> Ask:
    return lambda siege: request(siege.url, line, *(one.format(siege=siege) for one in headers), body=body)


def owner(line: str, *headers: str, body: bytes = b"") -> Ask:
    return lambda siege: request(siege.url, line, *headers, token=siege.token, body=body)


def steer(*headers: str, body: bytes = b"{}", cookie: str = "{siege.cookie}") -> Ask:
    """Ask for a pause with the owner's cookie, as a page of somebody else's would have a browser do."""
    length = f"Content-Length: {len(body)}"
    return guest(PAUSE, f"Cookie: gridactors={cookie}", length, *headers, body=body)


def told(body: bytes, *headers: str) -> Ask:
    """Ask for a pause with the token, and a body that is none."""
    return owner(PAUSE, JSON, f"Content-Length: {len(body)}", *headers, body=body)


ATTACKS: dict[str, tuple[int, Ask]] = {
    # without the token
    "no token": (401, guest(STATUS)),
    "no token, to steer": (401, guest(PAUSE, JSON, "Content-Length: 2", body=b"{}")),
    "no token, the stream": (401, guest("GET /api/stream HTTP/1.1")),
    "no token, the measures": (401, guest("GET /metrics HTTP/1.1")),
    "no token, a login link": (401, guest("POST /api/login-link HTTP/1.1", JSON, "Content-Length: 2", body=b"{}")),
    "a wrong token": (401, guest(STATUS, "Authorization: Bearer x")),
    "a token with one letter more": (401, guest(STATUS, "Authorization: Bearer {siege.token}x")),
    "another scheme": (401, guest(STATUS, "Authorization: Basic {siege.token}")),
    "the token in the address": (
        401,
        lambda siege: request(siege.url, f"GET /api/status?token={siege.token} HTTP/1.1"),
    ),
    "the token as a cookie": (401, guest(STATUS, "Cookie: gridactors={siege.token}")),
    "a cookie with one letter more": (401, guest(STATUS, "Cookie: gridactors={siege.cookie}x")),
    # another name
    "a name made to lead here": (403, owner(STATUS, "Host: evil.example")),
    "a name that begins like ours": (403, owner(STATUS, "Host: 127.0.0.1.evil.example")),
    "another port": (403, owner(STATUS, "Host: 127.0.0.1:1")),
    "another name, the login page": (403, guest("GET / HTTP/1.1", "Host: evil.example")),
    "two names": (400, owner(STATUS, "Host: 127.0.0.1", "Host: evil.example")),
    # another page, with the cookie
    "nothing but the cookie": (403, steer(JSON)),
    "another origin": (403, steer(JSON, "X-Gridactors: 1", "Origin: http://evil.example")),
    "another port's origin": (403, steer(JSON, "X-Gridactors: 1", "Origin: http://127.0.0.1:9999")),
    "no origin to speak of": (403, steer(JSON, "X-Gridactors: 1", "Origin: null")),
    "from another site": (403, steer(JSON, "X-Gridactors: 1", "Origin: {siege.url}", "Sec-Fetch-Site: cross-site")),
    "from another port": (403, steer(JSON, "X-Gridactors: 1", "Origin: {siege.url}", "Sec-Fetch-Site: same-site")),
    "no X-Gridactors": (403, steer(JSON, "Origin: {siege.url}")),
    "a cookie that another server was sent": (403, steer(JSON, "X-Gridactors: 1", "Origin: {siege.url}")),
    "looking, from another port": (
        403,
        guest(STATUS, "Cookie: gridactors={siege.cookie}", "Sec-Fetch-Site: same-site"),
    ),
    # with the token, badly
    "a large head": (413, owner(STATUS, f"X-Large: {'x' * 20_000}")),
    "many headers": (400, owner(STATUS, *(f"X-{number}: x" for number in range(80)))),
    "a large body": (413, told(b"{" + b" " * 70_000 + b"}")),
    "a body said to be large": (413, owner(PAUSE, JSON, "Content-Length: 99999999")),
    "no length": (400, owner(PAUSE, JSON, "Content-Length: -1")),
    "two lengths": (400, owner(PAUSE, JSON, "Content-Length: 2", "Content-Length: 3", body=b"{}x")),
    "pieces": (400, owner(PAUSE, JSON, "Transfer-Encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n")),
    "pieces and a length": (
        400,
        owner(PAUSE, JSON, "Content-Length: 2", "Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    ),
    "no JSON": (400, told(b'{"grids":')),
    "no object": (400, told(b"[]")),
    "no text": (400, told(b"\xff\xfe")),
    "a deep nest": (400, told(b"[" * 30_000)),
    "no number": (400, told(b'{"wait": NaN}')),
    "a key twice": (400, told(b'{"wait": 1, "wait": 2}')),
    "an unknown key": (400, told(b'{"price": 1}')),
    "an endless number": (400, told(b'{"seconds": 1' + b"0" * 5_000 + b"}")),
    "a form": (400, owner(PAUSE, "Content-Type: text/plain", "Content-Length: 2", body=b"{}")),
    "an unknown grid": (404, told(b'{"grids": ["../../etc/passwd"]}')),
    # paths
    "the token's file": (404, owner("GET /control.token HTTP/1.1")),
    "a way up": (404, owner("GET /static/../../../../etc/passwd HTTP/1.1")),
    "a quoted way up": (404, owner("GET /static/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1")),
    "a way up, quoted twice": (404, owner("GET /static/%252e%252e/run_file.py HTTP/1.1")),
    "a way from the root": (404, owner("GET /static//etc/passwd HTTP/1.1")),
    "a backslash": (404, owner("GET /static/..\\..\\run_file.py HTTP/1.1")),
    "a zero in a path": (404, owner("GET /static/page.js%00.png HTTP/1.1")),
    "a path with two slashes": (400, owner("GET //api/status HTTP/1.1")),
    "an open path to a closed one": (401, guest("GET /login/../api/status HTTP/1.1")),
    "an open path to a closed one, quoted": (401, guest("GET /static/login.js%2f..%2f..%2fapi%2fstatus HTTP/1.1")),
    # methods and lines
    **{method: (405, owner(f"{method} /api/status HTTP/1.1")) for method in ("PUT", "DELETE", "OPTIONS", "TRACE")},
    "looking where one acts": (405, owner("GET /api/pause HTTP/1.1")),
    "acting where one looks": (405, owner("POST /api/status HTTP/1.1", JSON, "Content-Length: 2", body=b"{}")),
    "CONNECT": (405, owner("CONNECT evil.example:443 HTTP/1.1")),
    "a line in a header": (400, owner(STATUS, "X-Thing: a\nX-Gridactors: 1")),
    "a folded header": (400, owner(STATUS, "X-Thing: a\r\n  b")),
    "a header with two meanings": (400, owner(STATUS, "X_Gridactors: 1")),
    "a line in the address": (404, owner("GET /login%0d%0aSet-Cookie:%20a=b HTTP/1.1")),
    "no HTTP": (400, lambda _: b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
}


def test_what_nobody_may_ask_is_refused_while_the_grid_trades(siege: Siege) -> None:
    def answer(ask: Ask) -> Raw:
        return send(siege.url, ask(siege))

    with siege.undisturbed():
        answers = {name: answer(ask) for name, (_, ask) in ATTACKS.items()}
    assert {name: said.status for name, said in answers.items()} == {name: code for name, (code, _) in ATTACKS.items()}
    for name, said in answers.items():
        assert json.loads(said.body)["error"], name
        assert "Set-Cookie" not in said.headers, name
        assert "root:" not in said.body.decode(), name
        assert not [header for header in said.headers if header.lower().startswith("access-control-")], name


def test_codes_and_tokens_cannot_be_guessed_and_the_owner_comes_in_meanwhile(siege: Siege) -> None:
    with siege.undisturbed():
        statuses = []
        for number in range(150):
            statuses.append(send(siege.url, request(siege.url, f"GET /login?code=guess{number} HTTP/1.1")).status)
            bearer = f"Authorization: Bearer guess{number}"
            statuses.append(send(siege.url, request(siege.url, STATUS, bearer)).status)
        assert set(statuses) <= {401, 429}
        assert statuses.count(401) <= 15, "ten, and what a slow test is let meanwhile"
        with siege.desk.logged_in() as browser:
            assert browser.get(f"{siege.url}/api/status", timeout=SERVED_WITHIN).status_code == 200


@pytest.mark.parametrize(
    ("count", "saying"),
    [
        pytest.param(1000, b"", id="1000 that say nothing"),
        pytest.param(200, b"GET /api/status HTTP/1.1\r\nHost: 127", id="200 half requests"),
        pytest.param(200, b"POST /api/stop HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{", id="200 half bodies"),
    ],
)
def test_connections_that_say_little_delay_no_trade(siege: Siege, count: int, saying: bytes) -> None:
    with siege.undisturbed(), ExitStack() as stack:
        for _ in range(count):
            sock = stack.enter_context(dial(siege.url))
            with suppress(ConnectionError):  # it has made room for another
                sock.sendall(saying)
        siege.owner_is_served()
        siege.market.answers(100)
        siege.owner_is_served()


def test_streams_that_nobody_reads_delay_no_trade_and_no_other_reader(siege: Siege) -> None:
    asked = request(siege.url, "GET /api/stream HTTP/1.1", token=siege.token)
    with siege.undisturbed(), ExitStack() as stack:
        for _ in range(8):
            sock = stack.enter_context(small_ear(siege.url))
            sock.sendall(asked)
            assert sock.recv(12) == b"HTTP/1.1 200", "it is open; from now on nothing is read"
        assert send(siege.url, asked).status == 503
        siege.owner_is_served()
        siege.market.answers(200)
        siege.owner_is_served()


def small_ear(url: str) -> socket.socket:
    """Connect as one who takes next to nothing at once."""
    place = urlsplit(url)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    sock.settimeout(SOON)
    sock.connect((place.hostname, place.port))
    return sock


def test_only_our_own_page_steers_with_a_session(siege: Siege) -> None:
    """See that what is refused above is not refused because nothing could be done in this way at all."""
    with siege.desk.logged_in() as browser:
        own = {"Origin": siege.url, "Sec-Fetch-Site": "same-origin"}
        answer = browser.post(f"{siege.url}/api/resume", json={"wait": 0}, headers=own, timeout=SOON)
        assert answer.status_code == 409, "it does trade, so there is nothing to resume"


# --- files, and ports ------------------------------------------------------------------------------------


def test_what_lies_in_the_state_directory_is_not_trusted(tmp_path: Path) -> None:
    """Lay links and open files where the process will write its secrets."""
    with WatchedDesk(tmp_path / "desk") as desk:
        desk.state_dir.mkdir(parents=True)
        run, token, elsewhere = desk.state_dir / "run.json", desk.state_dir / "control.token", tmp_path / "elsewhere"
        elsewhere.write_text("y" * 43 + "\n")
        elsewhere.chmod(0o644)
        token.symlink_to(elsewhere)
        assert refused(desk) == 2
        assert "control.token: cannot be read" in desk.said
        assert "y" * 43 not in desk.said
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644

        run.symlink_to(elsewhere)
        token.unlink()
        token.write_text("x" * 43 + "\n")
        token.chmod(0o644)
        desk.start()
        assert [path.is_symlink() for path in (run, token)] == [False, False]
        assert [stat.S_IMODE(path.stat().st_mode) for path in (run, token)] == [0o600, 0o600]
        assert elsewhere.read_text() == "y" * 43 + "\n"
        assert "control.token could be read by others, and no longer can" in desk.said
        assert desk.stop() == 0
        assert not run.exists()


def test_a_port_that_somebody_else_has_is_not_shared(siege: Siege, tmp_path: Path) -> None:
    with WatchedDesk(tmp_path / "desk") as desk, socket.socket() as foreign:
        foreign.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        listen = f"127.0.0.1:{foreign.getsockname()[1]}"
        assert refused(desk, "--listen", listen) == 2
        assert f"--listen = '{listen}': Address already in use" in desk.said
        assert not desk.all_exchange_orders()
        foreign.settimeout(0.0)
        with pytest.raises(BlockingIOError):
            foreign.accept()  # nobody has come to it with a token
    with socket.socket() as late:
        late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with pytest.raises(OSError, match="in use"):
            late.bind(("0.0.0.0", urlsplit(siege.url).port))  # noqa: S104 that is the attack


def refused(desk: WatchedDesk, *options: str) -> int | None:
    """Start what does not get as far as trading; give its exit code."""
    process = desk._started(*(options or ("--listen", "127.0.0.1:0")))
    assert isinstance(process, Spawned)
    code = process.wait(SOON)
    if code is None:
        os.kill(process.process.pid, 9)
    return code
