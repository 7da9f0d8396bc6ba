"""A process that trades while somebody does it harm: its market never rests, and every answer to a fill is timed.

```
with WatchedDesk(tmp_path) as desk:
    desk.start()
    desk.wait_quiet()
    with Market(desk) as market:
        market.answers(100)            # so many fills, each answered by the order that it implies
```
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, Self

import psutil
import requests
from attrs import define, field, frozen

from engine.venue.events import Event, OrderChanged
from engine.venue.values import OrderRecord
from tests.e2e.killing.kill_desk import KillDesk
from tests.e2e.killing.processes import Command, Spawned
from tests.e2e.live_desk import SOL, grid_document

ANSWERED_WITHIN = 5.0  # seconds, of any fill, whatever else goes on; it takes some milliseconds
SOON = 10.0
SPACING = Decimal(1)
_MOVE_EVERY = 0.004  # seconds between an answer and the next move
_LOWEST, _HIGHEST = Decimal("90.5"), Decimal("109.5")
_SWITCH_EVERY = 0.0005  # seconds: the exchange and its attackers share an interpreter here


def watched_document(*changes: tuple[str, object]) -> dict[str, Any]:
    """Give a configuration: SOL/USDT 80 to 120 in steps of one, 10000 USDT."""
    return grid_document(
        ("grid_strategy.num_grids", 41),
        ("trading_settings.initial_balance", 10_000),
        *changes,
    )


class WatchedDesk(KillDesk):
    """Run the command itself, with its door open at a port that the system chooses."""

    def __init__(
        self, folder: Path, *changes: tuple[str, object], command: Sequence[str] = ("-m", "actors"), **options: Any
    ) -> None:
        super().__init__(folder, Command((sys.executable, *command)), watched_document(*changes), **options)

    def start(self, *options: str, kill_at: Any = None) -> None:
        """Start it, and wait until its door is open."""
        listen = () if "--listen" in options else ("--listen", "127.0.0.1:0")
        super().start(*listen, *options, kill_at=kill_at)
        self.wait_until(self._is_open, "an open door")

    @property
    def pid(self) -> int:
        assert isinstance(self.process, Spawned)
        return self.process.process.pid

    @property
    def vitals(self) -> psutil.Process:
        return psutil.Process(self.pid)

    @property
    def running(self) -> dict[str, Any]:
        """Give what ``run.json`` says."""
        told: dict[str, Any] = json.loads((self.state_dir / "run.json").read_text(encoding="utf-8"))
        return told

    @property
    def url(self) -> str:
        url: str = self.running["url"]
        return url

    @property
    def token(self) -> str:
        return (self.state_dir / "control.token").read_text(encoding="ascii").strip()

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Connection": "close"}

    def get(self, path: str, **more: Any) -> requests.Response:
        """Ask as the owner does."""
        return requests.get(f"{self.url}{path}", headers=self.bearer, timeout=SOON, **more)

    def post_to(self, path: str, body: object) -> requests.Response:
        """Have something done, as the owner does."""
        return requests.post(f"{self.url}{path}", json=body, headers=self.bearer, timeout=SOON)

    def login_code(self) -> str:
        """Make a code that begins one session."""
        link: str = self.post_to("/api/login-link", {}).json()["url"]
        return link.partition("code=")[2]

    def logged_in(self) -> requests.Session:
        """Be the owner's browser, at the page."""
        browser = requests.Session()
        browser.trust_env = False
        answer = browser.get(f"{self.url}/login?code={self.login_code()}", timeout=SOON)
        assert answer.status_code == 200, answer.text
        (redirect,) = answer.history
        browser.headers["X-Gridactors"] = redirect.headers["Location"].partition("#key=")[2]
        return browser

    def _is_open(self) -> bool:
        assert self.process is not None
        assert self.process.wait(0.0) is None, f"it has ended:\n{self.said}"
        try:
            return bool(self.running["pid"] == self.pid)
        except (OSError, ValueError, KeyError):
            return False


@frozen
class Answer:
    """Hold a fill and the order that answered it; times are seconds of `perf_counter`."""

    fill: OrderRecord
    filled_at: float
    order: OrderRecord
    answered_at: float

    @property
    def seconds(self) -> float:
        return self.answered_at - self.filled_at

    def fault(self) -> str | None:
        """Say why this is not the order that the fill implies: the other side of the same level, one price away."""
        away = SPACING if self.fill.side == "BUY" else -SPACING
        is_implied = self.order.side != self.fill.side and self.order.price == self.fill.price + away
        return None if is_implied else f"{self.fill} was answered by {self.order}"


@frozen
class Pace:
    """Tell how soon fills were answered, in seconds."""

    count: int
    median: float
    p99: float
    worst: float

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Pace:
        times = sorted(answer.seconds for answer in answers)
        return cls(len(times), times[len(times) // 2], times[min(int(len(times) * 0.99), len(times) - 1)], times[-1])

    def __str__(self) -> str:
        times = {"p50": self.median, "p99": self.p99, "worst": self.worst}
        return f"{self.count} fills: {', '.join(f'{name} {1000 * time:.1f} ms' for name, time in times.items())}"


@define(eq=False)
class Market:
    """Move the price through the ladder without a rest, in a thread, and note how every fill is answered."""

    desk: WatchedDesk
    answered: list[Answer] = field(factory=list, init=False)
    failure: str | None = field(default=None, init=False)
    _owed: dict[str, tuple[OrderRecord, float]] = field(factory=dict, init=False)  # by level
    _news: threading.Condition = field(factory=threading.Condition, init=False)
    _ends: threading.Event = field(factory=threading.Event, init=False)
    _thread: threading.Thread = field(init=False)
    _switched: float = field(default=0.0, init=False)

    def __enter__(self) -> Self:
        self._switched = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_EVERY)
        with self.desk.sandbox.hall.lock:
            self.desk.sandbox.hall.subscribe(self._note)
        self._thread = threading.Thread(target=self._move_on, name="market", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join(ANSWERED_WITHIN + 1)
        sys.setswitchinterval(self._switched)
        if exc_type is None:
            assert self.failure is None, self.failure

    def answers(self, count: int) -> Pace:
        """Wait for so many more answers; tell how soon they came."""
        begun = len(self.answered)
        self._wait_for(begun + count)
        return Pace.of(self.answered[begun:])

    def _wait_for(self, count: int) -> None:
        with self._news:
            deadline = monotonic() + 30
            while len(self.answered) < count and self.failure is None and monotonic() < deadline:
                self._news.wait(0.5)
        assert self.failure is None, f"{self.failure}\n{self.desk.said}"
        assert len(self.answered) >= count, f"only {len(self.answered)} of {count} answers came"

    # --- in the market's thread ----------------------------------------------------------------------

    def _move_on(self) -> None:
        price, step = self.desk.price.to_integral_value() + SPACING / 2, SPACING
        while self.failure is None and not self._ends.wait(_MOVE_EVERY):
            if not _LOWEST <= price + step <= _HIGHEST:
                step = -step
            price += step
            self.desk.move(price, SOL.symbol)
            self._await_answers()

    def _await_answers(self) -> None:
        with self._news:
            if not self._news.wait_for(lambda: not self._owed, ANSWERED_WITHIN):
                self.failure = f"not answered within {ANSWERED_WITHIN} s: {', '.join(map(str, self._owed.values()))}"
                self._news.notify_all()

    def _note(self, events: Sequence[Event]) -> None:
        """Note fills and new orders right when they happen; under the exchange's lock."""
        now = perf_counter()
        with self._news:
            for event in events:
                if isinstance(event, OrderChanged) and event.order.client_order_id.startswith(self.desk.prefix):
                    self._note_order(event.order, event.execution, now)
            self._news.notify_all()

    def _note_order(self, order: OrderRecord, execution: str, now: float) -> None:
        level = order.client_order_id.split("-")[1]
        if execution == "TRADE":
            self._owed[level] = order, now
        elif execution == "NEW" and (owed := self._owed.pop(level, None)) is not None:
            answer = Answer(*owed, order, now)
            self.answered.append(answer)
            self.failure = self.failure or answer.fault()
