"""The order feed as an actor: what it makes of a real private stream, and what it does without one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from actors import order_feed
from actors.gateways.credentials import Credentials
from engine.feeds.timers import Purpose
from engine.messages import HeartbeatSeen, OrderFilled, OrderReported, OrdersUnobserved, StreamEnded, StreamOpened
from tests.actors.feeds import HostedFeed, live_grid, told
from tests.actors.loopback import Loopback, Peer

CREDENTIALS = Credentials("the-key", "the-secret")
SUBSCRIBED = {"id": 1, "status": 200, "result": {"subscriptionId": 0}}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def feed(url: str, name: str = "binance") -> HostedFeed:
    return HostedFeed(lambda post: order_feed.spec(live_grid(url, name=name), post, CREDENTIALS, lambda: 0))


def subscribes(server: Loopback) -> Peer:
    peer = server.accepts()
    assert peer.path == "/ws-api/v3"
    assert peer.hears()["method"] == "userDataStream.subscribe.signature"
    peer.says(SUBSCRIBED)
    return peer


def report(execution: str, status: str, **more: Any) -> dict[str, Any]:
    event = {
        "e": "executionReport",
        "s": "SOLUSDT",
        "c": "a",
        "C": "",
        "i": 4,
        "x": execution,
        "X": status,
        "z": "0",
        **more,
    }
    return {"subscriptionId": 0, "event": event}


TRADE = report("TRADE", "FILLED", z="2", t=7, L="100", l="2", n="0.1", N="USDT", T=5)


def test_every_subscription_calls_for_a_catch_up(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        assert told(hosted.brings(StreamOpened)) == [OrdersUnobserved()]
        peer.drops()
        hosted.brings(StreamEnded)
        hosted.rings(Purpose.RETRY)
        subscribes(server)
        assert told(hosted.brings(StreamOpened)) == [OrdersUnobserved()]


def test_fill_reaches_the_order_manager(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        peer.says(TRADE)
        (fill,) = hosted.brings(OrderFilled)
        assert fill.to == "SOL/USDT/order_manager"
        assert fill.message == OrderFilled("a", "7", Decimal(100), Decimal(2), Decimal("0.1"), "USDT", 5, "4")
        assert told(hosted.brings(OrderReported)) == [OrderReported("a", Decimal(2), is_open=False, order_id="4")]


def test_frame_that_is_not_understood_might_have_been_a_fill_and_calls_for_a_catch_up(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        peer.says(report("TRADE", "FILLED", z="2"))  # without its trade
        hosted.brings(StreamEnded)
        hosted.rings(Purpose.RETRY)
        subscribes(server)
        assert told(hosted.brings(StreamOpened)) == [OrdersUnobserved()]


def test_events_are_a_sign_of_life(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        hosted.brings(HeartbeatSeen)
        hosted.rings(Purpose.SILENCE)
        peer.says(TRADE)
        hosted.brings(HeartbeatSeen)
        for _ in range(2):
            hosted.rings(Purpose.SILENCE)
        assert peer.hears()["method"] == "session.subscriptions"  # and not hung up


def test_clock_that_is_off_is_set_without_a_new_connection(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = server.accepts()
        first = peer.hears()["params"]["timestamp"]
        peer.says({"id": 1, "status": 400, "error": {"code": -1021, "msg": "Timestamp ..."}})
        assert peer.hears()["method"] == "time"
        peer.says({"id": 2, "status": 200, "result": {"serverTime": first + 3_600_000}})
        assert peer.hears()["params"]["timestamp"] >= first + 3_600_000
        peer.says(SUBSCRIBED)
        assert told(hosted.brings(StreamOpened)) == [OrdersUnobserved()]


def test_neither_key_nor_secret_is_ever_told_or_logged(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with feed(server.url) as hosted:
        peer = server.accepts()
        signature = peer.hears()["params"]["signature"]
        peer.says({"id": 1, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key, IP, or permissions"}})
        hosted.brings(StreamEnded)
    assert "-2015 Invalid API-key" in caplog.text
    for secret in ("the-key", "the-secret", signature):
        assert secret not in caplog.text


def test_catch_ups_go_on_at_the_configured_interval(server: Loopback) -> None:
    with feed(server.url) as hosted:
        subscribes(server)
        hosted.brings(StreamOpened)
        for _ in range(3):
            assert told(hosted.rings(Purpose.POLL)) == [OrdersUnobserved()]
        assert [timer.delay for timer in hosted.hosted.post.timers if timer.message.purpose == Purpose.POLL] == [
            15.0
        ] * 4


def test_exchange_without_a_dialect_is_only_asked_at_intervals() -> None:
    with feed("", name="kraken") as hosted:
        assert [timer.message.purpose for timer in hosted.hosted.post.timers] == [Purpose.POLL]
        assert told(hosted.rings(Purpose.POLL)) == [OrdersUnobserved()]
        assert hosted.has_said_all
