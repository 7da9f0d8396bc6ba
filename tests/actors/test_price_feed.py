"""The price feed as an actor: what it makes of a real stream, and of an exchange that has to be asked."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from actors import price_feed
from actors.gateways.price_poll import FetchPrice
from actors.mail import Letter
from actors.post import Post
from engine.addresses import REPORTER
from engine.effects import Address, Send
from engine.feeds.connection import Patience
from engine.feeds.timers import Purpose
from engine.messages import (
    DescribePrices,
    PaperExchangeInbox,
    PriceFetched,
    PriceMoved,
    PriceNoted,
    PriceReached,
    PricesDescribed,
    PricesUnwatched,
    PricesWaiting,
    RangeEntered,
    StreamEnded,
    StreamLeaving,
    StreamOpened,
    WatchPrices,
    WatchRange,
)
from engine.supervision import ChildSpec
from tests.actors.feeds import QUICK, HostedFeed, live_grid, told
from tests.actors.loopback import SOON, Loopback, Peer

D = Decimal
SUBSCRIBED = {"result": None, "id": 1}


def nothing() -> tuple[int, Decimal]:
    raise ConnectionError("nobody answers")


_NUMBERS = count(1)  # of trades, which rise


def trade(price: int | str, time: int = 1) -> dict[str, Any]:
    return {"e": "aggTrade", "s": "SOLUSDT", "a": next(_NUMBERS), "p": str(price), "T": time}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def feed(url: str, fetch: FetchPrice = nothing, patience: Patience | None = None, name: str = "binance") -> HostedFeed:
    return HostedFeed(lambda post: price_feed.spec(live_grid(url, name=name), post, fetch, patience=patience))


def subscribes(server: Loopback) -> Peer:
    peer = server.accepts()
    assert peer.hears()["params"] == ["solusdt@aggTrade"]
    peer.says(SUBSCRIBED)
    return peer


def described(hosted: HostedFeed) -> PricesDescribed:
    answer = hosted.hosted.ask(DescribePrices())
    assert isinstance(answer, PricesDescribed)
    return answer


def built(spec: ChildSpec) -> price_feed.PriceFeedShell:
    shell = spec.factory()
    assert isinstance(shell, price_feed.PriceFeedShell)
    return shell


# --- a stream ----------------------------------------------------------------------------------------


def test_price_feed_lives_in_its_grid() -> None:
    with Post() as post:
        assert price_feed.spec(live_grid(""), post, nothing).address == "SOL/USDT/price_feed"


def test_trades_of_the_stream_reach_who_watches(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        assert peer.path == "/ws"
        hosted.brings(StreamOpened)
        hosted.hosted.tell(WatchRange(D(90), D(110)))
        hosted.hosted.tell(WatchPrices(D(95), None))
        peer.says(trade(100, time=7))
        assert told(hosted.brings(PricesWaiting)) == [RangeEntered(7, D(100))]
        peer.says(trade(94))
        assert told(hosted.brings(PricesWaiting)) == [PriceReached(D(94))]


def test_ticks_that_come_while_the_feed_is_busy_are_one_look_with_every_extreme(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        peer.says(trade(100))
        hosted.brings(PricesWaiting)
        hosted.hosted.tell(WatchPrices(D(91), None))
        for price in (98, 90, 104, *(101 for _ in range(500)), 99):
            peer.says(trade(price, time=price))
        assert peer.is_answered_a_ping()
        waiting = hosted.inbox.get(timeout=SOON).message
        assert isinstance(waiting, PricesWaiting)
        assert told(hosted.hosted.tell(waiting)) == [PriceReached(D(90))]
        assert described(hosted) == PricesDescribed(D(99), 99, None)
        assert told(hosted.hosted.tell(waiting)) == []  # the slot is empty
        assert hosted.inbox.qsize() <= 1  # the ping


def test_paper_exchange_is_moved(server: Loopback) -> None:
    setup = live_grid(server.url, mode="paper_trading")
    with HostedFeed(lambda post: price_feed.spec(setup, post, nothing)) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        peer.says(trade(100, time=7))
        sent = hosted.brings(PricesWaiting)
        assert sent == [
            Send(REPORTER, PriceNoted("SOL/USDT", 7, D(100))),
            Send(Address[PaperExchangeInbox](setup.addresses.exchange), PriceMoved(7, D(100))),
        ]


def test_those_who_watch_are_told_at_every_start(server: Loopback) -> None:
    who: Address[PricesUnwatched] = Address("who")
    with Post() as post:
        spec = price_feed.spec(live_grid(server.url), post, nothing, tell_unwatched=(who,))
        for _ in range(2):
            shell = built(spec)
            assert [effect for effect in shell.start() if isinstance(effect, Send)] == [Send(who, PricesUnwatched())]
            shell.close()


# --- its end, and the next ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        lambda peer: peer.drops(),
        lambda peer: peer.closes(1001),
        lambda peer: peer.says("{not json"),
        lambda peer: peer.says(["not", "an", "object"]),
        lambda peer: peer.says(trade("not a number")),
        lambda peer: peer.says(b"\xff\xfe"),
        lambda peer: peer.connection.socket.sendall(b"\x81\x02\xff\xfe"),
    ],
    ids=["dropped", "closed", "broken json", "wrong json", "wrong price", "binary", "garbage"],
)
def test_lost_stream_is_opened_and_subscribed_again(server: Loopback, end: Callable[[Peer], None]) -> None:
    with feed(server.url, patience=QUICK) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        end(peer)
        hosted.brings(StreamEnded)
        trouble = described(hosted).trouble
        assert trouble is not None
        assert trouble.startswith("no connection: ")
        hosted.rings(Purpose.RETRY)
        again = subscribes(server)
        hosted.brings(StreamOpened)
        again.says(trade(100))
        hosted.brings(PricesWaiting)
        assert described(hosted) == PricesDescribed(D(100), 1, None)


def test_refused_subscription_is_tried_again(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = server.accepts()
        peer.says({"error": {"code": 2, "msg": "Invalid request"}, "id": 1})
        hosted.brings(StreamEnded)
        assert described(hosted).trouble == "no connection: the exchange refused a subscription: 2 Invalid request"
        hosted.rings(Purpose.RETRY)
        subscribes(server)
        hosted.brings(StreamOpened)


def test_silent_stream_is_asked_and_then_replaced_and_its_late_frames_are_ignored(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        peer.says(trade(100))
        hosted.brings(PricesWaiting)
        for _ in range(2):
            hosted.rings(Purpose.SILENCE)
        assert peer.hears()["method"] == "LIST_SUBSCRIPTIONS"
        hosted.rings(Purpose.SILENCE)
        with contextlib.suppress(ConnectionClosed):
            peer.says(trade(99))  # too late
        peer.sees_the_end()
        subscribes(server)
        hosted.brings(StreamOpened)
        assert described(hosted).price == 100


def test_answer_to_the_question_for_life_keeps_the_stream(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        for _ in range(2):
            hosted.rings(Purpose.SILENCE)
        assert peer.hears()["id"] == 3
        peer.says({"result": ["solusdt@aggTrade"], "id": 3})
        assert peer.is_answered_a_ping()
        while not hosted.has_said_all:
            hosted.hosted.tell(hosted.inbox.get().message)
        hosted.rings(Purpose.SILENCE)
        assert described(hosted).trouble is None
        assert server.is_left_alone


def test_stream_whose_server_leaves_is_replaced_before_it_is_gone(server: Loopback) -> None:
    with feed(server.url) as hosted:
        old = subscribes(server)
        hosted.brings(StreamOpened)
        old.says({"e": "serverShutdown", "E": 1})
        hosted.brings(StreamLeaving)
        new = server.accepts()
        old.says(trade(100))
        hosted.brings(PricesWaiting)
        assert described(hosted).price == 100
        new.says(SUBSCRIBED)
        hosted.brings(StreamOpened)
        old.says(trade(101))
        hosted.brings(PricesWaiting)
        new.says(trade(102))
        hosted.brings(PricesWaiting)
        assert described(hosted).price == 102
        hosted.rings(Purpose.OVERLAP)
        assert old.sees_the_end() == (1000, True)
        assert described(hosted).trouble is None


def test_next_incarnation_numbers_its_connections_on(server: Loopback) -> None:
    inbox, numbers = queue.SimpleQueue[Letter](), []
    with Post() as post:
        spec = price_feed.spec(live_grid(server.url), post, nothing)
        post.register(spec.address, inbox.put)
        for _ in range(2):
            shell = built(spec)
            shell.start()
            subscribes(server)
            while not isinstance(message := inbox.get(timeout=SOON).message, StreamOpened):
                pass
            numbers.append(message.connection)
            shell.close()
    assert numbers == [1, 2]


def test_trouble_is_logged_as_it_comes_and_goes(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "actors.streams.troubles")
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        for price in (100, 1, 1, 99):
            peer.says(trade(price))
            hosted.brings(PricesWaiting)
    said = [record.getMessage() for record in caplog.records if record.name == "actors.streams.troubles"]
    doubt, relief = said
    assert doubt.startswith("SOL/USDT/price_feed: the price jumped from 100 to 1, by more than 20 % at once")
    assert relief == "SOL/USDT/price_feed is well again"


def test_closing_hangs_up_and_leaves_no_thread(server: Loopback) -> None:
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
    assert peer.sees_the_end() == (1000, True)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("SOL/USDT")]


# --- questions ---------------------------------------------------------------------------------------


def test_last_price_is_asked_for_when_a_stream_opens(server: Loopback) -> None:
    with feed(server.url, lambda: (5, D(100))) as hosted:
        subscribes(server)
        hosted.brings(StreamOpened)
        hosted.brings(PriceFetched)
        assert described(hosted) == PricesDescribed(D(100), 5, None)


def test_question_that_fails_harms_nothing(server: Loopback, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "actors.price_feed")
    with feed(server.url) as hosted:
        peer = subscribes(server)
        hosted.brings(StreamOpened)
        peer.says(trade(100))
        hosted.brings(PricesWaiting)
        assert described(hosted).price == 100


def test_question_that_hangs_is_not_asked_twice_nor_waited_for(server: Loopback) -> None:
    asked, release = queue.SimpleQueue[None](), threading.Event()

    def fetch() -> tuple[int, Decimal]:
        asked.put(None)
        release.wait(SOON)
        return 5, D(100)

    with feed(server.url, fetch) as hosted:
        subscribes(server)
        hosted.brings(StreamOpened)
        asked.get(timeout=SOON)
        hosted.rings(Purpose.QUIET)
    release.set()
    assert asked.empty()


def test_exchange_without_a_dialect_is_asked_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.streams.price_sources.POLLING_INTERVAL", 0.001)
    answers = iter([(1, D(100)), (2, D(90)), (3, D(101))])
    with feed("", lambda: next(answers), name="kraken") as hosted:
        hosted.brings(StreamOpened)
        hosted.hosted.tell(WatchPrices(D(95), None))
        hosted.brings(StreamEnded)  # no more answers
        assert described(hosted).price in {90, 101}
        trouble = described(hosted).trouble
        assert trouble is not None
        assert "StopIteration" in trouble


def test_exchange_that_gives_no_price_is_asked_later() -> None:
    with feed("", name="kraken") as hosted:
        hosted.brings(StreamEnded)
        assert described(hosted).trouble == "no connection: nobody answers"
        hosted.rings(Purpose.RETRY)
        hosted.brings(StreamEnded)
