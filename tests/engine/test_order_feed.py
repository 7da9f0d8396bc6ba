from __future__ import annotations

from itertools import count

import pytest

from engine.effects import Reply
from engine.feeds.connection import Connect, FeedConnection
from engine.feeds.order_feed import OrderFeed
from engine.messages import HeartbeatSeen, OrderReported, OrdersUnobserved, StreamEnded, StreamOpened
from engine.messages.questions import DescribeOrderFeed, OrderFeedDescribed
from tests.engine.samples import ADDRESSES, D, filled, told
from tests.engine.wires import STEADY, Network, Wire, fails, opens, opens_for

EVENTS = [filled("a", "1", 100, 2), OrderReported("a", D(2), is_open=False)]


def wired(network: Network = opens, interval: float = 15.0) -> Wire:
    return Wire(OrderFeed(FeedConnection(STEADY, count(1), lambda: 0.0), interval, ADDRESSES), network)


@pytest.mark.parametrize("event", EVENTS)
def test_reports_are_handed_on_to_the_order_manager(event: object) -> None:
    feed = OrderFeed(None, 15.0, ADDRESSES)
    assert told(feed.handle(event), ADDRESSES.order_manager) == [event]  # type: ignore[arg-type]


def test_reports_of_a_connection_that_is_gone_count_too() -> None:
    wire = wired()
    wire.run(1)
    wire.tell(StreamEnded(1, "dropped"))
    assert wire.tell(EVENTS[0]) == [EVENTS[0]]


def test_every_subscription_calls_for_a_catch_up() -> None:
    wire = wired(opens_for(30), interval=1000)
    assert wire.told == []
    assert wire.run(1) == [OrdersUnobserved()]
    wire.run(99)
    assert len(wire.told) == len(wire.times(Connect)) == 4


def test_second_word_of_one_subscription_calls_for_no_catch_up() -> None:
    wire = wired(interval=1000)
    wire.run(1)
    assert wire.tell(StreamOpened(7)) == []


def test_catch_ups_go_on_beside_a_stream() -> None:
    wire = wired(opens_for(1000), interval=15)
    wire.run(1)
    assert wire.run(60) == [OrdersUnobserved()] * 4


def test_catch_ups_go_on_without_a_stream() -> None:
    wire = wired(fails, interval=15)
    assert wire.run(61) == [OrdersUnobserved()] * 4
    assert wire.feed.trouble == "no connection: refused"


def test_feed_without_a_dialect_only_calls_for_catch_ups() -> None:
    wire = Wire(OrderFeed(None, 15.0, ADDRESSES))
    assert wire.run(61) == [OrdersUnobserved()] * 4
    for stray in (StreamOpened(1), HeartbeatSeen(1)):
        assert wire.tell(stray) == []
    assert wire.log == []
    assert wire.feed.trouble is None


# --- how it is ---------------------------------------------------------------------------------------


def described(feed: OrderFeed) -> OrderFeedDescribed:
    (reply,) = feed.handle(DescribeOrderFeed())
    assert isinstance(reply, Reply)
    assert isinstance(reply.value, OrderFeedDescribed)
    return reply.value


def test_feed_without_a_stream_describes_itself_as_polling() -> None:
    assert described(OrderFeed(None, 15.0, ADDRESSES)) == OrderFeedDescribed(None, is_streamed=False)


def test_trouble_is_described() -> None:
    wire = wired(fails)
    assert isinstance(wire.feed, OrderFeed)
    assert described(wire.feed) == OrderFeedDescribed(None, is_streamed=True)
    wire.run(1)
    assert described(wire.feed) == OrderFeedDescribed("no connection: refused", is_streamed=True)


def test_signs_of_life_are_counted_of_the_connection_that_is_up() -> None:
    wire = wired()
    assert isinstance(wire.feed, OrderFeed)
    assert described(wire.feed).signs == 0
    wire.run(1)
    opened = described(wire.feed).signs
    wire.tell(HeartbeatSeen(1))
    wire.tell(HeartbeatSeen(7))
    assert (opened, described(wire.feed).signs) == (1, 2)
