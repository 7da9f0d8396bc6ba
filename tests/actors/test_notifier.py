"""The notifier as an actor: real threads, the real Apprise, and a real receiver that may hang or be gone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import define, evolve

from actors import notifier
from actors.alerting.sender import Sender, Service
from actors.base import Life, launch
from actors.gateways.apprise_service import VARIABLE, load_services
from actors.post import Post
from engine.addresses import NOTIFIER
from engine.grid_setup import GridSetup
from engine.messages.alerting import AlertKind, Notify
from engine.messages.notifying import DescribeNotifier, DigestDue, NotifierDescribed, RedeliveryDue
from engine.notifying.letters import MANNERS
from engine.settings.model import Notifications
from tests.actors.grids import grid
from tests.actors.receiver import SECRETS, SOON, Receiver
from tests.engine.alerts import EVERYTHING, told, trade

AT_ONCE = 1.0  # seconds: a question to an actor that nothing keeps takes a thousandth of it


@define
class House:
    """Be the post, and the notifier living there."""

    post: Post
    life: Life

    def tell(self, message: Any) -> None:
        self.post.send(NOTIFIER, message)

    def described(self) -> NotifierDescribed:
        described = self.post.ask(NOTIFIER, DescribeNotifier(), timeout=AT_ONCE)
        assert isinstance(described, NotifierDescribed)
        return described

    def becomes(self, holds: Callable[[NotifierDescribed], bool]) -> NotifierDescribed:
        """Ask until it is so."""
        end = time.monotonic() + SOON
        while not holds(described := self.described()):
            assert time.monotonic() < end, described
        return described

    def stops(self) -> float:
        """Stop it, and give the seconds that took."""
        began = time.monotonic()
        self.post.miss_nobody()
        self.life.stop()
        assert self.life.join(SOON)
        return time.monotonic() - began


def keen(name: str = "SOL/USDT") -> GridSetup:
    setup = grid(name=name)
    wishes = Notifications(kinds=EVERYTHING, daily_summary="off")
    return GridSetup(name, evolve(setup.settings, notifications=wishes), setup.rules)


@contextmanager
def living(services: Sequence[Service], last_words_within: float = 2.0) -> Iterator[House]:
    with Post() as post:
        spec = notifier.spec([keen()], services, post, last_words_within=last_words_within)
        life = Life(spec.address, lambda _: spec.factory())
        launch(life, post)
        house = House(post, life)
        try:
            yield house
        finally:
            house.stops()
    assert life.failure is None


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sequence[Service]]:
    """Set the URLs of some receivers, and give the services made of that."""

    def services(*receivers: Receiver) -> Sequence[Service]:
        monkeypatch.setenv(VARIABLE, "\n".join(one.url for one in receivers))
        return load_services()

    return services


Reach = Callable[..., Sequence[Service]]


def test_each_kind_of_alert_arrives_with_its_text(receiver: Receiver, reach: Reach) -> None:
    with living(reach(receiver)) as house:
        for kind in AlertKind:
            house.tell(Notify(kind, "SOL/USDT", f"an example of {kind}"))
        heard = [receiver.hears() for _ in AlertKind]

    assert {one["message"]: (one["title"], one["type"]) for one in heard} == {
        f"SOL/USDT: an example of {kind}": (MANNERS[kind].title, MANNERS[kind].tone) for kind in AlertKind
    }


def test_fill_that_a_journal_has_written_arrives(receiver: Receiver, reach: Reach) -> None:
    with living(reach(receiver)) as house:
        house.tell(told(trades=[trade()]))

        assert receiver.hears()["message"] == ("SOL/USDT: bought 2.943 SOL at 167.77 USDT (level 9), fee 0.00294 SOL")
        assert house.becomes(lambda described: described.sent == 1) == NotifierDescribed(1, None, 0, 1, 0)


def test_service_that_hangs_delays_neither_the_notifier_nor_other_services_nor_the_end(
    receiver: Receiver, reach: Reach
) -> None:
    with Receiver(hangs=True) as hung, living(reach(hung, receiver), last_words_within=0.2) as house:
        house.tell(Notify(AlertKind.GRID_STATE, "SOL/USDT", "armed"))
        hung.hears()
        receiver.hears()
        for number in range(200):
            house.tell(Notify(AlertKind.HEALTH, "SOL/USDT", f"number {number}"))
        assert receiver.hears()["message"] == "SOL/USDT: number 0"
        assert house.described().waiting >= 10  # each answer within AT_ONCE, while the service hangs

        assert house.stops() < AT_ONCE


def test_service_that_was_down_gets_what_happened_meanwhile(reach: Reach) -> None:
    with Receiver() as gone:
        services = reach(gone)
    with living(services) as house:
        house.tell(Notify(AlertKind.STOP_LOSS, "SOL/USDT", "out"))
        described = house.becomes(lambda described: described.failed == 1)
        assert described.trouble is not None
        assert described.trouble.startswith("service 1 (json://127.0.0.1…) has taken nothing since ")
        house.tell(Notify(AlertKind.GRID_STATE, "SOL/USDT", "stopped"))
        with Receiver(port=gone.port) as back:
            house.tell(RedeliveryDue(0))

            assert [back.hears()["message"] for _ in range(2)] == ["SOL/USDT: out", "SOL/USDT: stopped"]
            assert house.becomes(lambda described: described.sent == 2).trouble is None


def test_what_was_to_be_told_is_told_at_the_end(receiver: Receiver, reach: Reach) -> None:
    with living(reach(receiver)) as house:
        for number in range(12):
            house.tell(told(trades=[trade(number)]))
        house.tell(Notify(AlertKind.STOP_LOSS, "SOL/USDT", "out"))

    messages = []
    while not receiver.arrived.empty():
        messages.append(receiver.hears()["message"])
    everything = "\n".join(messages)
    assert everything.count("bought") == 10
    assert "2 fills: 2 buys" in everything
    assert "SOL/USDT: out" in everything


def test_digest_arrives_as_one_message(receiver: Receiver, reach: Reach) -> None:
    with living(reach(receiver)) as house:
        for number in range(25):
            house.tell(told(trades=[trade(number)]))
        for _ in range(10):
            receiver.hears()
        house.tell(DigestDue("SOL/USDT"))

        assert receiver.hears()["message"].splitlines()[1:] == ["15 fills: 15 buys"]


def test_secrets_are_in_no_log_no_text_and_no_description(reach: Reach, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    with Receiver(status=401) as refusing, living(services := reach(refusing)) as house:
        house.tell(Notify(AlertKind.ERROR, None, "an error"))
        described = house.becomes(lambda described: described.failed == 1)
        refusing.hears()
    assert described.trouble is not None
    assert "401" in described.trouble
    assert "has taken nothing" in caplog.text

    seen = f"{caplog.text}{described}{services}{house}"
    assert [secret for secret in SECRETS if secret in seen] == []


def test_without_services_it_lives_and_no_thread_is_started() -> None:
    with living([]) as house:
        house.tell(Notify(AlertKind.ERROR, None, "an error"))

        assert house.described() == NotifierDescribed(0, None, 0, 0, 0)
        assert not [thread for thread in threading.enumerate() if isinstance(thread, Sender)]


def test_threads_end_with_it(receiver: Receiver, reach: Reach, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), living(reach(receiver)) as house:
        house.tell(Notify(AlertKind.GRID_STATE, "SOL/USDT", "armed"))
        receiver.hears()

    assert not [thread for thread in threading.enumerate() if isinstance(thread, Sender)]
    assert "in time" not in caplog.text
