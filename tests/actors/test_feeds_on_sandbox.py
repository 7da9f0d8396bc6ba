"""Both feeds, on their own threads, against an exchange that speaks Binance and misbehaves on demand."""

from __future__ import annotations

import json
import queue
import threading
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import define, field

from actors import order_feed, price_feed
from actors.gateways.credentials import Credentials
from actors.mail import Letter
from actors.post import Post
from actors.sandbox.hall import MAIN
from actors.sandbox.options import SandboxOptions
from actors.sandbox.server import Sandbox
from actors.system import System
from engine.effects import Address
from engine.feeds.connection import Patience
from engine.grid_setup import GridSetup
from engine.messages import (
    DescribePrices,
    OrderFilled,
    OrderReported,
    OrdersUnobserved,
    PriceReached,
    PricesDescribed,
    RangeEntered,
    WatchPrices,
    WatchRange,
)
from engine.supervision import ChildSpec, Strategy, SupervisorSpec
from engine.venue.values import OrderRequest
from tests.actors.feeds import live_grid
from tests.actors.loopback import SOON

D = Decimal
BRISK = Patience(first_delay=0.01, longest_delay=0.05, silence=0.3, overlap=0.05)
SYMBOL = "SOLUSDT"
FIRST = "1"  # the exchange numbers its orders


@define(eq=False)
class Stage:
    """Run feeds on a sandbox; read what they tell the others."""

    box: Sandbox
    post: Post = field(factory=Post)
    told: queue.SimpleQueue[Letter] = field(factory=queue.SimpleQueue)
    setup: GridSetup = field(init=False)
    system: System | None = None

    def __attrs_post_init__(self) -> None:
        urls = self.box.urls
        self.setup = live_grid("", ("exchange.stream_url", urls.stream), ("exchange.ws_api_url", urls.ws_api))
        addresses = self.setup.addresses
        for address in (addresses.risk_monitor, addresses.grid_manager, addresses.order_manager):
            self.post.perform(self.post.register(address, self.told.put), [])
        silent: queue.SimpleQueue[Letter] = queue.SimpleQueue()
        self.post.perform(self.post.register(addresses.reporter, silent.put), [])

    def run(self, *feeds: ChildSpec) -> None:
        self.system = System.start(SupervisorSpec(Address("root"), Strategy.ONE_FOR_ONE, feeds), self.post)

    def prices(self, patience: Patience = BRISK) -> None:
        self.run(price_feed.spec(self.setup, self.post, self.last_price, patience=patience))

    def orders(self, credentials: Credentials | None = None, ahead: int = 0) -> None:
        known = credentials or Credentials(self.box.api_key, self.box.secret)
        self.run(order_feed.spec(self.setup, self.post, known, lambda: ahead, patience=BRISK))

    def next(self) -> Any:
        return self.told.get(timeout=SOON).message

    def last_price(self) -> tuple[int, Decimal]:
        with self.box.hall.lock:
            return self.box.hall.now_ms(), self.box.hall.venue.price(SYMBOL)

    def watches(self, below: int) -> None:
        self.post.send(self.setup.addresses.price_feed, WatchPrices(D(below), None))

    def described(self) -> PricesDescribed:
        answer = self.post.ask(self.setup.addresses.price_feed, DescribePrices(), SOON)
        assert isinstance(answer, PricesDescribed)
        return answer

    def moves(self, *prices: int) -> None:
        with self.box.hall.lock:
            for price in prices:
                self.box.hall.publish(self.box.hall.venue.move(SYMBOL, D(price), self.box.hall.now_ms()))

    def buys(self, name: str, price: int, quantity: int = 1) -> None:
        request = OrderRequest(SYMBOL, "BUY", "LIMIT", D(quantity), D(price), None, "GTC", name)
        with self.box.hall.lock:
            _, events = self.box.hall.venue.place(MAIN, request, self.box.hall.now_ms())
            self.box.hall.publish(events)

    def arms(self, **fault: Any) -> None:
        url, body = f"{self.box.urls.rest}/sandbox/faults", json.dumps(fault).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=SOON) as reply:  # noqa: S310 it is ours
            assert reply.status == 200

    def close(self) -> None:
        if self.system is not None:
            self.system.stop(SOON)
        self.post.close()
        assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("SOL/USDT")]


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Sandbox(SandboxOptions()) as box:
        stage = Stage(box)
        try:
            yield stage
        finally:
            stage.close()


def is_running(name: str) -> bool:
    return any(thread.name == f"SOL/USDT/{name}" for thread in threading.enumerate())


# --- prices ------------------------------------------------------------------------------------------


def opens_at_100(stage: Stage) -> None:
    """Wait until the feed has a price, which the question at its opening gives it."""
    stage.post.send(stage.setup.addresses.price_feed, WatchRange(D(99), D(101)))
    assert isinstance(stage.next(), RangeEntered)


def test_every_extreme_of_a_burst_is_seen(stage: Stage) -> None:
    stage.prices()
    opens_at_100(stage)
    stage.watches(92)
    stage.moves(101, 99, 91, 95, 99, 100)
    reached = stage.next()
    assert isinstance(reached, PriceReached)
    assert reached.price == 91


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "drop"},
        {"action": "close", "code": 1008},
        {"action": "silence"},
        {"action": "shutdown", "seconds": 0.2},
    ],
    ids=lambda fault: str(fault["action"]),
)
def test_price_feed_survives(stage: Stage, fault: dict[str, Any]) -> None:
    stage.prices()
    opens_at_100(stage)
    stage.watches(99)
    stage.arms(route="stream", **fault)
    while is_running("price_feed stream 1"):
        assert stage.described().price == 100
    stage.moves(99)  # told by the new connection, or by the question when it opens
    reached = stage.next()
    assert isinstance(reached, PriceReached)
    assert reached.price == 99


def test_server_that_refuses_for_a_while_is_asked_until_it_does_not(stage: Stage) -> None:
    stage.arms(route="stream", action="refuse", times=4)
    stage.prices()
    opens_at_100(stage)
    assert stage.described().trouble is None


def test_price_feed_says_what_is_wrong_while_it_is_refused(stage: Stage) -> None:
    stage.arms(route="stream", action="refuse", times=0)
    stage.prices()
    expected = "no connection after 5 retries, and trying on: refused with HTTP status 503"
    while (trouble := stage.described().trouble) != expected:
        assert trouble is None or trouble.startswith("no connection")  # None while the first one is being made
    stage.arms(route="stream", action="clear")
    opens_at_100(stage)


# --- orders ------------------------------------------------------------------------------------------


def fill_of(stage: Stage, name: str) -> OrderFilled:
    """Wait for what is told of an order that fills in one trade."""
    assert stage.next() == OrderReported(name, D(0), is_open=True, order_id=FIRST)
    fill = stage.next()
    assert isinstance(fill, OrderFilled)
    assert stage.next() == OrderReported(name, D(1), is_open=False, order_id=FIRST)
    return fill


def test_order_is_followed_from_its_acceptance_to_its_fill(stage: Stage) -> None:
    stage.orders()
    assert stage.next() == OrdersUnobserved()
    stage.buys("ga-1", 95)
    stage.moves(95)
    fill = fill_of(stage, "ga-1")
    with stage.box.hall.lock:
        (trade,) = stage.box.hall.venue.my_trades(MAIN, SYMBOL)
    assert fill == OrderFilled(
        "ga-1",
        str(trade.trade_id),
        trade.price,
        trade.quantity,
        trade.commission,
        trade.commission_asset,
        trade.time,
        FIRST,
    )
    assert (fill.price, fill.fee, fill.fee_asset) == (D(95), D("0.001"), "SOL")


def test_cancel_is_told_under_the_orders_own_name(stage: Stage) -> None:
    stage.orders()
    assert stage.next() == OrdersUnobserved()
    stage.buys("ga-1", 95)
    with stage.box.hall.lock:
        _, events = stage.box.hall.venue.cancel(
            MAIN, SYMBOL, stage.box.hall.now_ms(), client_order_id="ga-1", cancel_id="another"
        )
        stage.box.hall.publish(events)
    assert [stage.next(), stage.next()] == [
        OrderReported("ga-1", D(0), is_open=True, order_id=FIRST),
        OrderReported("ga-1", D(0), is_open=False, order_id=FIRST),
    ]


def test_ed25519_key_subscribes_as_well(stage: Stage) -> None:
    with stage.box.hall.lock:
        issued = stage.box.hall.keys.issue_ed25519(MAIN)
    stage.orders(Credentials(issued.api_key, issued.secret))
    assert stage.next() == OrdersUnobserved()
    stage.buys("ga-1", 95)
    assert stage.next() == OrderReported("ga-1", D(0), is_open=True, order_id=FIRST)


@pytest.mark.parametrize("skew_ms", [-3_600_000, 3_600_000])
def test_clock_that_is_off_by_an_hour_is_no_obstacle(stage: Stage, skew_ms: int) -> None:
    stage.arms(route="clock", skew_ms=skew_ms)
    stage.orders()
    assert stage.next() == OrdersUnobserved()


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "drop"},
        {"action": "close", "code": 1001},
        {"action": "silence"},
        {"action": "shutdown", "seconds": 0.2},
    ],
    ids=lambda fault: str(fault["action"]),
)
def test_order_feed_survives_and_calls_for_a_catch_up(stage: Stage, fault: dict[str, Any]) -> None:
    stage.orders()
    assert stage.next() == OrdersUnobserved()
    stage.arms(route="user", **fault)
    assert stage.next() == OrdersUnobserved()
    stage.buys("ga-1", 95)
    assert stage.next() == OrderReported("ga-1", D(0), is_open=True, order_id=FIRST)


def test_key_that_is_revoked_and_restored_is_tried_on(stage: Stage) -> None:
    stage.arms(route="keys", action="revoke")
    stage.orders()
    stage.arms(route="keys", action="restore")
    assert stage.next() == OrdersUnobserved()


def test_event_that_is_told_twice_is_the_same_trade(stage: Stage) -> None:
    stage.orders()
    assert stage.next() == OrdersUnobserved()
    stage.buys("ga-1", 95)
    assert stage.next() == OrderReported("ga-1", D(0), is_open=True, order_id=FIRST)
    stage.arms(route="user", action="duplicate", times=1, event="executionReport", execution="TRADE")
    stage.moves(95)
    told = [stage.next() for _ in range(4)]
    assert told[:2] == told[2:]
