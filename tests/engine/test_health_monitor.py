"""The monitor as a whole: what it asks, what it describes, what it tells."""

from __future__ import annotations

from typing import Any

from engine.addresses import NOTIFIER
from engine.effects import Send
from engine.gateway.breaker import BreakerState
from engine.health.monitor import HealthMonitor
from engine.health.process import Vitals
from engine.health.thresholds import WatchedGrid
from engine.messages.alerting import AlertKind, Notify
from engine.messages.notifying import DescribeNotifier, NotifierDescribed
from engine.messages.questions import Answered, DescribeGateway, DescribeJournal, DescribePrices
from engine.messages.vitals import ActorRestarted, Check, ClockCompared, HealthDescribed, Level, Mailbox
from tests.engine.watched import NAME, ROOT, SHARED, everybody, gateway, prices, watched, well

VITALS = Vitals(
    cpu_seconds=0.0,
    memory=100,
    machine_memory=50.0,
    disk_free=50 * 10**9,
    disk_total=100 * 10**9,
    threads=30,
    files=40,
    files_limit=1_000,
)
EVERY, EPOCH = 60.0, 1_795_000_000_000


class Watch:
    """A monitor whose questions are answered as if all were well, but for what a test says."""

    def __init__(self, *grids: WatchedGrid) -> None:
        self.monitor = HealthMonitor(grids or (watched(),), ROOT, 0.0)
        self.monitor.clock_compared(0.0, ClockCompared(NAME, 3))
        self.now = 0.0
        self.looks = 0
        self.asked: list[tuple[str, object]] = []

    def look(self, mailboxes: list[Mailbox] | None = None, **answers: object) -> list[Notify]:
        """Look once; `answers` are by the name of the actor. Give what is told."""
        self.now += EVERY
        self.looks += 1
        own = {name if name in SHARED else f"{NAME}/{name}": value for name, value in answers.items()}
        said = well(self.looks) | own
        self.asked = self.monitor.questions(self.now)
        for address, _ in self.asked:
            if address in said:
                self.monitor.answered(self.now, Answered(address, said[address]))
        boxes = everybody() if mailboxes is None else mailboxes
        return told(self.monitor.judge(self.now, EPOCH + int(self.now * 1_000), VITALS, boxes))

    @property
    def described(self) -> HealthDescribed:
        return self.monitor.described

    def is_well(self) -> bool:
        return self.described.level is Level.OK

    def check(self, name: str, grid: str | None = NAME) -> Check:
        (check,) = [one for one in self.described.checks if (one.name, one.grid) == (name, grid)]
        return check


def told(effects: Any) -> list[Notify]:
    messages = []
    for effect in effects:
        assert isinstance(effect, Send)
        assert effect.to == NOTIFIER
        messages.append(effect.message)
    return messages


def test_nothing_is_known_before_the_first_look() -> None:
    assert HealthMonitor([watched()], ROOT, 0.0).described == HealthDescribed(0, Level.UNKNOWN, ())


def test_all_that_is_looked_at_is_described() -> None:
    watch = Watch()
    assert watch.look() + watch.look() == []
    assert [(check.name, check.grid) for check in watch.described.checks] == [
        *((f"process.{name}", None) for name in ("cpu", "memory", "disk", "threads", "files")),
        ("actors", None),
        ("supervisor", None),
        ("notifier", None),
        ("restarts", None),
        *((name, NAME) for name in ("prices", "order_stream", "exchange", "database", "reconciliation", "clock")),
    ]
    assert watch.described.level is Level.OK
    assert watch.described.time == EPOCH + 120_000


def test_grid_on_paper_has_no_real_exchange_to_be_asked() -> None:
    watch = Watch(watched(is_live=False))
    watch.look()
    assert [question for _, question in watch.asked] == [DescribeNotifier(), DescribePrices(), DescribeJournal()]
    assert [check.name for check in watch.described.checks if check.grid] == ["prices", "database"]


def test_those_who_owe_an_answer_are_not_asked_again() -> None:
    watch = Watch()
    for _ in range(3):
        watch.monitor.questions(watch.now)
    watch.monitor.answered(watch.now, Answered(f"{NAME}/exchange", gateway()))
    assert watch.monitor.questions(watch.now) == [(f"{NAME}/exchange", DescribeGateway())]


def test_question_that_failed_is_put_again() -> None:
    watch = Watch()
    watch.look(exchange=None)
    watch.look(exchange=None)
    assert (f"{NAME}/exchange", DescribeGateway()) in watch.asked


def test_answers_that_nobody_asked_for_change_nothing() -> None:
    watch = Watch()
    watch.monitor.answered(0.0, Answered("ETH/USDT/exchange", gateway()))
    watch.monitor.clock_compared(0.0, ClockCompared("ETH/USDT", 1))
    assert watch.look() == []


def test_trouble_is_told_of_its_grid_once_and_again_when_it_is_over() -> None:
    watch = Watch()
    watch.look()
    held_back = gateway(breaker=BreakerState.OPEN, trouble="no route")
    text = "calls are held back after too many failures in a row: no route; 0 calls waiting or under way"
    assert watch.look(exchange=held_back) == [Notify(AlertKind.HEALTH, NAME, f"exchange, critical: {text}")]
    assert watch.look(exchange=held_back) == []
    assert not watch.is_well()
    again = "exchange: well again after 2 min: it answers; 0 calls waiting or under way"
    assert watch.look() == [Notify(AlertKind.HEALTH, NAME, again)]
    assert watch.is_well()


def test_check_knows_since_when_it_is_as_it_is() -> None:
    watch = Watch()
    watch.look()
    watch.look()
    assert watch.check("exchange").since == EPOCH + 60_000
    for _ in range(2):
        watch.look(exchange=gateway(paused=True))
    assert watch.check("exchange").since == EPOCH + 180_000


def test_trend_shows_the_last_looks_oldest_first() -> None:
    watch = Watch()
    for calls in range(70):
        watch.look(exchange=gateway(pending=calls))
    assert watch.check("exchange").trend == tuple(range(10, 70))
    assert watch.check("exchange").number == 69


def test_troubles_with_prices_are_known_by_grid() -> None:
    watch = Watch()
    watch.look()
    assert watch.monitor.price_troubles == {}
    watch.look(price_feed=prices(1, "no connection: dropped"))
    assert watch.monitor.price_troubles == {NAME: "no connection: dropped, for 60 s"}


def test_services_that_do_not_take_what_they_are_sent_show() -> None:
    watch = Watch()
    watch.look()
    assert watch.check("notifier", None).text == "1 service; 0 letters waiting, 7 sent"
    failing = NotifierDescribed(2, "mailto: timed out", 3, 7, 4)
    assert watch.look(notifier=failing) == []
    text = "notifier: mailto: timed out, for 60 s; 3 letters waiting, 7 sent, 4 failed"
    assert watch.look(notifier=failing) == [Notify(AlertKind.HEALTH, None, text)]


def test_notifier_without_services_is_well_and_says_so() -> None:
    watch = Watch()
    watch.monitor.questions(0.0)
    watch.monitor.answered(0.0, Answered("notifier", NotifierDescribed(0, None, 0, 0, 0)))
    watch.monitor.judge(1.0, EPOCH, VITALS, everybody())
    check = watch.check("notifier", None)
    assert (check.level, check.text) == (Level.OK, "no service is configured: nobody is told of anything")


def test_restart_is_told_at_once_and_shown() -> None:
    watch = Watch(watched(), watched("SOL/USDT two"), watched("ETH/USDT"))
    for address, grid in (
        ("SOL/USDT/core", NAME),
        ("SOL/USDT two/core", "SOL/USDT two"),
        ("ETH/USDT/level/1", "ETH/USDT"),
        ("reporter", None),
    ):
        restart = ActorRestarted(address, (), "KeyError: 1", 0.0, "above")
        text = f"{address} restarted by above, in 0 s: KeyError: 1"
        assert told(watch.monitor.restarted(0.0, restart)) == [Notify(AlertKind.RESTART, grid, text)]
    assert [one.text for one in watch.look(everybody()) if "restarts" in one.text] == []
    assert watch.check("restarts", None).number == 4


def test_grids_are_judged_each_by_its_own_thresholds_and_the_process_by_the_strictest() -> None:
    quiet, strict = watched("quiet", clock_offset_ms=5_000, threads=100), watched("strict", threads=10)
    monitor = HealthMonitor([quiet, strict], ROOT, 0.0)
    for name in ("quiet", "strict"):
        monitor.clock_compared(0.0, ClockCompared(name, 2_000))
    alerts = told(monitor.judge(1.0, EPOCH, VITALS, everybody()))
    assert [(alert.grid, alert.text.split(":")[0]) for alert in alerts] == [
        (None, "process.threads"),
        ("strict", "clock"),
    ]
