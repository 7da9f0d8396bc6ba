"""The health monitor as an actor: it knocks, asks without waiting, and has clocks compared in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pykka
import pytest
from attrs import define, field

from actors import health_monitor
from actors.base import Life, launch
from actors.health_monitor import Clocks, HealthMonitorShell
from actors.liveness import Liveness
from actors.mail import Letter
from actors.post import Post
from engine.addresses import HEALTH_MONITOR, NOTIFIER, REPORTER
from engine.effects import Address, After, Behaviour, Effect, Reply
from engine.health.monitor import HealthMonitor
from engine.health.process import Vitals
from engine.health.thresholds import WatchedGrid
from engine.messages.alerting import AlertKind, Notify
from engine.messages.questions import Answered, DescribePrices, PricesDescribed
from engine.messages.vitals import (
    ActorRestarted,
    ClockCompared,
    DescribeHealth,
    HealthDescribed,
    JudgeDue,
    Level,
    LookDue,
)
from tests.actors.fake_post import FakePost, Hosted
from tests.actors.feeds import live_grid
from tests.engine.samples import D

GRID = live_grid("")
NAME = GRID.name
SOON = 5.0


@define(eq=False)
class KnockedPost(FakePost):
    """Remember knocks and questions too."""

    knocks: int = 0
    inquiries: list[tuple[str, Any, str]] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        Post.__init__(self)

    def knock(self) -> None:
        self.knocks += 1

    def inquire(self, to: Address[Any], message: Any, reply_to: Address[Answered]) -> None:
        self.inquiries.append((to, message, reply_to))


def hosted(tmp_path: Path, interval: float = 60.0, **server_ahead: Any) -> tuple[Hosted, KnockedPost]:
    post = KnockedPost()
    grid = live_grid("", ("execution.health_check_interval", interval))
    liveness = Liveness([grid], post)
    ahead = {NAME: server_ahead["ask"]} if server_ahead else {}
    spec = health_monitor.spec([grid], post, state_dir=tmp_path, server_ahead=ahead, liveness=liveness)
    assert spec.address == HEALTH_MONITOR
    return Hosted(spec, post), post


@pytest.mark.parametrize(
    ("interval", "first", "pause", "rest"), [(60.0, 1.0, 1.0, 59.0), (1.0, 1.0, 0.25, 0.75), (0.4, 0.4, 0.1, 0.3)]
)
def test_look_is_judged_when_all_have_had_time_to_answer(
    tmp_path: Path, interval: float, first: float, pause: float, rest: float
) -> None:
    monitor, post = hosted(tmp_path, interval)
    monitor.tell(LookDue())
    monitor.tell(JudgeDue())
    assert post.timers == [
        After(first, LookDue()),
        After(pause, JudgeDue()),
        After(pytest.approx(rest), LookDue()),  # type: ignore[arg-type]
    ]


def test_look_knocks_and_asks_for_answers_to_itself(tmp_path: Path) -> None:
    monitor, post = hosted(tmp_path)
    assert monitor.tell(LookDue()) == []
    assert post.knocks == 1
    asked = ("price_feed", "order_feed", "exchange", "journal", "reconciler")
    assert {to for to, _, _ in post.inquiries} == {NOTIFIER, *(f"{NAME}/{name}" for name in asked)}
    assert {reply_to for _, _, reply_to in post.inquiries} == {HEALTH_MONITOR}


def test_health_is_unknown_before_the_first_look_and_described_after_it(tmp_path: Path) -> None:
    monitor, _ = hosted(tmp_path)
    assert monitor.ask(DescribeHealth()) == HealthDescribed(0, Level.UNKNOWN, ())
    monitor.tell(LookDue())
    monitor.tell(Answered(f"{NAME}/price_feed", PricesDescribed(D(132), 1, None, 1)))
    monitor.tell(JudgeDue())
    described = monitor.ask(DescribeHealth())
    assert described.time > 1_700_000_000_000
    checks = {check.name: check for check in described.checks}
    assert checks["prices"].text == "132; the stream was heard just now"
    assert checks["process.memory"].number > 10


def test_restart_is_told_to_the_notifier(tmp_path: Path) -> None:
    monitor, _ = hosted(tmp_path)
    (sent,) = monitor.tell(ActorRestarted(f"{NAME}/core", (), "ValueError: no", 0.1, f"{NAME}/branch"))
    assert sent.to == NOTIFIER
    text = f"{NAME}/core restarted by {NAME}/branch, in 0.1 s: ValueError: no"
    assert sent.message == Notify(AlertKind.RESTART, NAME, text)


def test_alert_is_written_down_as_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    monitor, _ = hosted(tmp_path)
    monitor.tell(ClockCompared(NAME, 5_000))
    monitor.tell(LookDue())
    sent = monitor.tell(JudgeDue())
    assert [one.message.text.split(":")[0] for one in sent if one.message.grid == NAME] == ["clock"]
    assert [record.levelname for record in caplog.records if "clock" in record.message] == ["WARNING"]


# --- clocks ------------------------------------------------------------------------------------------


@define(eq=False)
class Server:
    """An exchange that tells its time, or does not."""

    answer: int | Exception = 7
    asked: int = 0
    may_answer: threading.Event = field(factory=threading.Event)
    told: queue.SimpleQueue[ClockCompared] = field(factory=queue.SimpleQueue)

    def ahead(self) -> int:
        self.asked += 1
        assert self.may_answer.wait(SOON)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def clocks(self) -> Clocks:
        return Clocks({NAME: self.ahead}, self.told.put)


def done(clocks: Clocks) -> None:
    assert clocks._thread is not None
    clocks._thread.join(SOON)
    assert not clocks._thread.is_alive()


def test_clocks_are_compared_at_the_start_and_every_ten_minutes() -> None:
    server = Server()
    server.may_answer.set()
    clocks = server.clocks()
    for now in (0.0, 60.0, 599.0, 600.0, 660.0):
        clocks.look(now)
        done(clocks)
    assert server.asked == 2
    assert [server.told.get_nowait() for _ in range(2)] == [ClockCompared(NAME, 7)] * 2


def test_clocks_are_never_compared_by_two_at_a_time() -> None:
    server = Server()
    clocks = server.clocks()
    for now in (0.0, 600.0, 1_200.0):
        clocks.look(now)
    server.may_answer.set()
    done(clocks)
    assert server.asked == 1
    clocks.look(1_260.0)
    done(clocks)
    assert server.asked == 2


def test_exchange_that_does_not_tell_its_time_is_asked_again_sooner() -> None:
    server = Server(answer=OSError("no route"))
    server.may_answer.set()
    clocks = server.clocks()
    clocks.look(0.0)
    done(clocks)
    compared = server.told.get_nowait()
    assert compared == ClockCompared(NAME, None)
    clocks.heard(1.0, compared)
    for now, asked in ((60.0, 1), (61.0, 2)):
        clocks.look(now)
        done(clocks)
        assert server.asked == asked


def test_without_a_real_exchange_no_thread_is_started() -> None:
    clocks = Clocks({}, lambda _: None)
    clocks.look(0.0)
    assert clocks._thread is None


# --- on real threads ---------------------------------------------------------------------------------


@define(eq=False)
class Feed:
    """Answer as a price feed; hang over anything else until it is let go."""

    hangs: threading.Event = field(factory=threading.Event)
    entered: threading.Event = field(factory=threading.Event)

    def handle(self, message: object) -> list[Effect]:
        if isinstance(message, str):
            self.entered.set()
            assert self.hangs.wait(SOON)
        return [Reply(PricesDescribed(D(132), 1, None, 1))] if isinstance(message, DescribePrices) else []


@define(eq=False)
class House:
    """All actors of a grid: its price feed, others who do nothing, the monitor; and somebody who hears what is told."""

    post: Post
    feed: Feed
    told: queue.SimpleQueue[Letter] = field(factory=queue.SimpleQueue)
    lives: list[Life] = field(factory=list)

    def launch(self, address: Address[Any], behaviour: Behaviour) -> None:
        life = Life(address, lambda _: behaviour)
        launch(life, self.post)
        self.lives.append(life)

    def hear(self, is_wanted: Callable[[Notify], bool]) -> Notify:
        """Wait for an alert."""
        while True:
            message = self.told.get(timeout=SOON).message  # questions too, which nobody answers here
            if isinstance(message, Notify) and is_wanted(message):
                return message


@pytest.fixture
def house() -> Iterator[House]:
    addresses = GRID.addresses
    with Post() as post:
        house = House(post, Feed())
        post.perform(post.register(NOTIFIER, house.told.put), [])
        house.launch(addresses.price_feed, house.feed)
        others = ("order_feed", "exchange", "order_manager", "balance_tracker", "grid_manager", "risk_monitor")
        for name in (*(f"{NAME}/{one}" for one in (*others, "reconciler", "journal")), REPORTER):
            house.launch(Address(name), Feed())
        yield house
        house.feed.hangs.set()
        for life in reversed(house.lives):
            life.stop()
        assert all(life.join(SOON) for life in house.lives)
    assert pykka.ActorRegistry.get_all() == []


def test_actor_that_hangs_is_told_by_a_monitor_that_goes_on(house: House) -> None:
    grid = live_grid("", ("health.actor_hangs", 0.05), ("health.mailbox_wait", 0.04), ("health.feed_silence", 3_600))
    liveness = Liveness([grid], house.post)
    judge = HealthMonitor([WatchedGrid.of(grid)], "supervisor", 0.0)
    shell = HealthMonitorShell(judge, house.post, Vitals, Clocks({}, not_asked), liveness, 0.02)
    house.post.send(Address(grid.addresses.price_feed), "something slow")
    assert house.feed.entered.wait(SOON)
    house.launch(HEALTH_MONITOR, shell)
    house.hear(lambda alert: f"{grid.addresses.price_feed} hangs" in alert.text)
    described = house.post.ask(HEALTH_MONITOR, DescribeHealth(), SOON)
    assert {check.name: check.level for check in described.checks}["actors"] is Level.CRITICAL
    assert liveness.deadly() is None
    house.feed.hangs.set()
    well = house.hear(lambda alert: "well again" in alert.text)
    assert well.text.startswith("actors: well again after ")


def not_asked(_: ClockCompared) -> None:
    raise AssertionError("there are no clocks")
