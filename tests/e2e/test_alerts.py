"""Every kind of alert reaches a real HTTP receiver, through Apprise; and one that hangs delays no trade.

Of the kinds there are, `regrid` is told of nothing yet: no grid moves its range.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from actors import notifier
from actors.alerting.error_alerts import errors_told
from actors.attendants import Attendance, Attendants
from actors.gateways.apprise_service import load_services
from actors.tree import trading_system
from engine.effects import Address
from engine.notifying.day import next_time
from engine.notifying.letters import MANNERS
from engine.settings.choices import AlertKind
from tests.actors.receiver import Receiver
from tests.e2e.live_desk import LiveDesk, grid_document
from tests.e2e.reply_faults import PLACE
from tests.e2e.watched_desk import Market, Pace, WatchedDesk

NO_EVENT_YET = {AlertKind.REGRID}
TALKATIVE: dict[str, object] = {"kinds": [str(kind) for kind in AlertKind], "per_minute": 600, "digest_interval": 300}
ARRIVES_WITHIN = 15.0  # seconds
# Quiet, half of all fills are answered within 7 ms, and 99 of 100 within 25. A receiver that were waited for would
# cost seconds (its own time limit is 20 s); the rest is room for what else runs on two cores.
MEDIAN_TIMES, MEDIAN_MORE, MEDIAN_AT_MOST = 3.0, 0.015, 0.25  # seconds
P99_TIMES, P99_MORE, P99_AT_MOST = 4.0, 0.150, 1.0
STOPS_WITHIN = 10.0


class Inbox:
    """Take what a receiver gets, and find in it what was waited for; what is heard stays."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.heard: list[tuple[str, str]] = []

    def wait_for(self, kind: AlertKind, *words: str) -> str:
        """Wait for an alert of a kind, told by itself, that has these words in it; give its text."""
        title = MANNERS[kind].title
        deadline = time.monotonic() + ARRIVES_WITHIN
        seen = 0
        while True:
            for heard, text in self.heard[seen:]:
                seen += 1
                if heard == title and all(word in text for word in words):
                    return text
            assert time.monotonic() < deadline, f"no {kind} with {words}, but {self.heard}"
            self._hear(deadline - time.monotonic())

    def _hear(self, seconds: float) -> None:
        try:
            message = self._receiver.arrived.get(timeout=max(0.01, seconds))
        except Exception as error:
            raise AssertionError(f"nothing more came: {self.heard}") from error
        self.heard.append((message["title"], message["message"]))


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with Receiver() as receiver:
        monkeypatch.setenv("APPRISE_NOTIFICATION_URLS", receiver.url)
        yield receiver


@contextmanager
def attended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, object], **more: Any
) -> Iterator[LiveDesk]:
    """Run a grid in this process as `start` does, with all its attendants but no door."""
    desk = LiveDesk(folder, grid_document(("notifications", TALKATIVE), *changes), **more)

    def system(links: Any, post: Any) -> Any:
        attendance = Attendance(load_services(), None, folder)
        return trading_system(links, post, attendants=Attendants.of(attendance, [link.grid for link in links], post))

    monkeypatch.setattr("tests.e2e.live_desk.trading_system", system)
    with errors_told(desk.post), desk:
        yield desk
        desk.post.miss_nobody()


def test_what_becomes_of_orders_and_of_the_account_is_told(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(receiver)
    often = ("execution.reconciliation_interval", 0.2)
    with attended(tmp_path, monkeypatch, often, spare={"USDT": 500}) as desk, caplog.at_level(logging.CRITICAL):
        inbox.wait_for(AlertKind.GRID_STATE, "armed at 100 USDT with")
        inbox.wait_for(AlertKind.ORDER_FILLED, "initial purchase: bought")
        inbox.wait_for(AlertKind.ORDER_PLACED, "placed a buy of", "at 95 USDT")
        desk.wait_quiet()

        desk.move(94)
        inbox.wait_for(AlertKind.ORDER_FILLED, "SOL/USDT: bought", "at 95 USDT", "fee")
        inbox.wait_for(AlertKind.ORDER_PLACED, "placed a sell of", "at 100 USDT")
        desk.wait_quiet()

        desk.cancel_outside(desk.order_at(85).client_order_id)
        inbox.wait_for(AlertKind.ORDER_CANCELLED, "a buy of", "at 85 USDT", "was cancelled")
        desk.wait_quiet()

        refusal = {"action": "error", "code": -2010, "status": 400, "msg": "This order is not wanted."}
        desk.arm_fault({"route": PLACE, **refusal})
        desk.move(89)
        inbox.wait_for(AlertKind.ORDER_FAILED, "a sell of", "was refused")
        desk.wait_quiet()

        desk.transfer("USDT", 100)
        inbox.wait_for(AlertKind.DRIFT, "USDT")
        desk.transfer("USDT", -desk.account()["USDT"][0])
        inbox.wait_for(AlertKind.MISMATCH, "USDT")


def test_what_goes_wrong_in_the_process_is_told(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(receiver)
    soon = (("execution.health_check_interval", 0.2), ("health.feed_silence", 1.0))
    with attended(tmp_path, monkeypatch, *soon) as desk, caplog.at_level(logging.ERROR):
        desk.wait_quiet()
        reconciler: Address[Any] = Address("SOL/USDT/reconciler")
        desk.post.send(reconciler, cast("Any", "not a message"))
        inbox.wait_for(AlertKind.ERROR, "SOL/USDT/reconciler failed")
        inbox.wait_for(AlertKind.RESTART, "SOL/USDT/reconciler")

        logging.getLogger("actors.elsewhere").error("nobody expected %s", "this")
        inbox.wait_for(AlertKind.ERROR, "nobody expected this")

        for route in ("stream", "user"):
            desk.arm_fault({"route": route, "action": "refuse", "times": 0})
            desk.arm_fault({"route": route, "action": "drop"})
        desk.arm_fault({"route": "* /api/v3/ticker/*", "action": "drop", "times": 0})
        inbox.wait_for(AlertKind.HEALTH, "SOL/USDT")
        desk.clear_faults()
        inbox.wait_for(AlertKind.HEALTH, "again")


def test_a_day_is_summed_up(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the notifier's clock be shortly before the end of a day."""
    real = notifier._now_ms
    ahead = next_time("00:00", real()) - real() - 3_000
    monkeypatch.setitem(cast("Any", notifier.spec).__kwdefaults__, "now", lambda: real() + ahead)
    inbox = Inbox(receiver)
    with attended(tmp_path, monkeypatch, ("notifications", {**TALKATIVE, "daily_summary": "00:00"})) as desk:
        inbox.wait_for(AlertKind.ORDER_FILLED, "initial purchase")
        desk.wait_quiet()
        inbox.wait_for(AlertKind.SUMMARY, "SOL/USDT")


@pytest.mark.parametrize(
    ("exit_name", "threshold", "price", "kind"),
    [("take_profit", 130, "131", AlertKind.TAKE_PROFIT), ("stop_loss", 70, "69", AlertKind.STOP_LOSS)],
)
def test_an_exit_is_told(
    exit_name: str,
    threshold: int,
    price: str,
    kind: AlertKind,
    tmp_path: Path,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inbox = Inbox(receiver)
    exits = (f"risk_management.{exit_name}", {"enabled": True, "threshold": threshold})
    with attended(tmp_path, monkeypatch, exits) as desk:
        desk.wait_quiet()
        desk.move(price)
        inbox.wait_for(kind, "all orders are taken down and what it holds is sold")
        inbox.wait_for(kind, "stopped by")
        desk.wait_stopped()


def test_a_process_that_was_killed_tells_that_it_goes_on(tmp_path: Path, receiver: Receiver) -> None:
    inbox = Inbox(receiver)
    with WatchedDesk(tmp_path / "desk", ("notifications", TALKATIVE)) as desk:
        desk.start()
        desk.wait_quiet()
        inbox.wait_for(AlertKind.GRID_STATE, "armed at")
        desk.kill_running()
        desk.start()
        inbox.wait_for(AlertKind.RECOVERY, "goes on from what was written down")
        desk.wait_quiet()
        assert desk.post_to("/api/pause", {}).status_code == 200
        inbox.wait_for(AlertKind.GRID_STATE, "paused until somebody resumes it")
        assert desk.post_to("/api/resume", {}).status_code == 200
        inbox.wait_for(AlertKind.GRID_STATE, "goes on")
        desk.wait_quiet()
        assert desk.stop() == 0


def test_a_receiver_that_hangs_delays_no_trade_and_not_the_end(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPRISE_NOTIFICATION_URLS", receiver.url.partition("?")[0])  # with no time limit of its own
    with WatchedDesk(tmp_path / "desk", ("notifications", {**TALKATIVE, "digest_interval": 1})) as desk:
        desk.start()
        desk.wait_quiet()
        with Market(desk) as market:
            market.answers(50)  # warming up
            without = market.answers(150)
            receiver.hangs = True
            while receiver.arrived.qsize():
                receiver.arrived.get()
            receiver.hears()  # from now on it is waited for, by one thread
            hanging = market.answers(150)
            assert receiver.arrived.empty(), "nobody was sent anything meanwhile: it has not answered"
        desk.wait_quiet()
        begun = time.monotonic()
        assert desk.stop() == 0
        took = time.monotonic() - begun
    check(without, hanging)
    assert took < STOPS_WITHIN


def check(without: Pace, hanging: Pace) -> None:
    told = f"without: {without}; hanging: {hanging}"
    assert hanging.median <= min(MEDIAN_TIMES * without.median + MEDIAN_MORE, MEDIAN_AT_MOST), told
    assert hanging.p99 <= min(P99_TIMES * without.p99 + P99_MORE, P99_AT_MOST), told


def test_no_kind_is_left_out_here() -> None:
    """See that a kind that is new is told of in a test above."""
    text = Path(__file__).read_text(encoding="utf-8")
    told = {kind for kind in AlertKind if text.count(f"AlertKind.{kind.name}")}
    assert told == set(AlertKind)
    assert {kind for kind in AlertKind if f"wait_for(AlertKind.{kind.name}" in text} >= told - NO_EVENT_YET - {
        AlertKind.TAKE_PROFIT,
        AlertKind.STOP_LOSS,
    }
