"""What can go wrong with the sandbox's streams, when it is told to."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
import websocket

from actors.sandbox.client_socket import SocketTimes
from actors.sandbox.faults import BadFault
from actors.sandbox.server import Sandbox
from actors.sandbox.sockets import Sockets, SocketSettings
from tests.sandbox.clients import Http
from tests.sandbox.stream_clients import PATIENCE, ApiClient, Json, Listener, limit_order, move

TRADES = "/ws/solusdt@trade"


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with ApiClient(sandbox.urls.ws_api, sandbox.keys.hmac) as connected:
        connected.subscribe()
        yield connected


@pytest.fixture
def trades(sandbox: Sandbox) -> Iterator[Listener]:
    with Listener(sandbox.urls.stream + TRADES) as connected:
        connected.ask("LIST_SUBSCRIPTIONS")
        yield connected


def arm(sandbox: Sandbox, **fault: Any) -> None:
    sandbox.hall.faults.arm(fault)


# --- connections ----------------------------------------------------------------------------------------


def test_a_dropped_connection_ends_without_a_close_frame(sandbox: Sandbox, trades: Listener, client: ApiClient) -> None:
    arm(sandbox, route="stream", action="drop")
    assert trades.close_code() is None
    assert client.call("ping")["status"] == 200


def test_a_close_carries_its_code(sandbox: Sandbox, trades: Listener, client: ApiClient) -> None:
    arm(sandbox, route="user", action="close", code=4001, msg="go")
    assert client.close_code() == 4001
    move(sandbox, "101")
    assert trades.message()["p"] == "101.00000000"


def test_a_client_that_connects_again_after_a_drop_is_served(sandbox: Sandbox, trades: Listener) -> None:
    arm(sandbox, route="stream", action="drop")
    trades.close_code()
    with Listener(sandbox.urls.stream + TRADES) as again:
        again.ask("LIST_SUBSCRIPTIONS")
        move(sandbox, "101")
        assert again.message()["p"] == "101.00000000"


def test_orders_fill_unseen_while_the_user_stream_is_lost(sandbox: Sandbox, client: ApiClient) -> None:
    client.signed("order.place", **limit_order("BUY", "1", "99"))
    arm(sandbox, route="user", action="drop")
    arm(sandbox, route="user", action="refuse", times=1)
    client.close_code()
    with pytest.raises(websocket.WebSocketBadStatusException, match="503"):
        Listener(sandbox.urls.ws_api)
    move(sandbox, "99")
    with ApiClient(sandbox.urls.ws_api, sandbox.keys.hmac) as again:
        again.subscribe()
        assert again.is_quiet()
        assert again.signed("order.status", symbol="SOLUSDT", origClientOrderId="mine")["result"]["status"] == "FILLED"


def test_a_shutdown_is_told_in_every_form_and_done(sandbox: Sandbox, trades: Listener, client: ApiClient) -> None:
    with Listener(f"{sandbox.urls.stream}/stream?streams=solusdt@trade") as combined:
        combined.ask("LIST_SUBSCRIPTIONS")
        for route in ("stream", "user"):
            arm(sandbox, route=route, action="shutdown", seconds=0.1)
        assert trades.message()["e"] == "serverShutdown"
        assert combined.message()["stream"] == "!serverShutdown"
        assert client.event()["e"] == "serverShutdown"
        assert [told.close_code() for told in (trades, combined, client)] == [1001, 1001, 1001]


def test_silence_keeps_the_connection_and_its_pongs(sandbox: Sandbox, trades: Listener) -> None:
    arm(sandbox, route="stream", action="silence")
    move(sandbox, "101")
    trades.ping("there?")
    assert trades.frame() == (websocket.ABNF.OPCODE_PONG, b"there?")
    assert trades.is_quiet()
    arm(sandbox, action="clear")
    move(sandbox, "102")
    assert trades.message()["p"] == "102.00000000"


def test_a_silence_ends_in_its_time(sandbox: Sandbox, trades: Listener) -> None:
    arm(sandbox, route="stream", action="silence", seconds=0.2)
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        move(sandbox, "101")
        move(sandbox, "102")
        if not trades.is_quiet(0.05):
            break
    else:
        pytest.fail("still silent")


def test_pings_are_left_unanswered(sandbox: Sandbox, trades: Listener) -> None:
    arm(sandbox, route="stream", action="unanswered_pings")
    move(sandbox, "101")
    assert trades.message()["p"] == "101.00000000"  # by then the fault is at work
    trades.ping("there?")
    with pytest.raises(TimeoutError):
        trades.frame(0.3)


# --- pings and ages, faster than life -------------------------------------------------------------------


@pytest.fixture
def fast(sandbox: Sandbox) -> Iterator[Sockets]:
    times = SocketTimes(ping_every=0.25, pong_within=0.4, longest_life=60)
    sockets = Sockets(sandbox.hall, SocketSettings(times=times, tick=0.02))
    sockets.start()
    try:
        yield sockets
    finally:
        sockets.close()


def test_the_server_pings_and_keeps_who_answers(fast: Sockets) -> None:
    with Listener(fast.url + TRADES) as client:
        payloads = [client.frame() for _ in range(4)]  # twice as long as a pong may take
    assert {opcode for opcode, _data in payloads} == {websocket.ABNF.OPCODE_PING}
    assert all(data.isdigit() for _opcode, data in payloads)


def test_who_answers_no_pings_is_closed(fast: Sockets) -> None:
    with Listener(fast.url + TRADES) as client:
        began = monotonic()
        while client.frame(pongs=False)[0] == websocket.ABNF.OPCODE_PING:
            client.pong("of my own")
        assert monotonic() - began >= 0.4


def test_no_pings_come_any_more(sandbox: Sandbox, fast: Sockets) -> None:
    with Listener(fast.url + TRADES) as client:
        client.frame()
        arm(sandbox, route="stream", action="no_pings")
        with pytest.raises(TimeoutError):
            frames_until_none_comes(client, 0.5)


def frames_until_none_comes(client: Listener, seconds: float) -> None:
    while True:
        client.frame(seconds)


def test_a_connection_too_old_is_closed_and_new_ones_age_too(sandbox: Sandbox, fast: Sockets) -> None:
    with Listener(fast.url + TRADES) as client:
        arm(sandbox, route="stream", action="max_age", seconds=0.1)
        assert client.close_code() == 1001
    with Listener(fast.url + TRADES) as client:
        assert client.close_code() == 1001
    arm(sandbox, action="clear")
    with Listener(fast.url + TRADES) as client:
        assert client.is_quiet()


# --- events ---------------------------------------------------------------------------------------------


def prices_told(sandbox: Sandbox, trades: Listener, *prices: str) -> list[str]:
    """Move the market about; give the prices that are told until nothing more comes."""
    for price in prices:
        move(sandbox, price)
    told: list[str] = []
    while True:
        try:
            told.append(trades.message(0.25)["p"].removesuffix(".00000000"))
        except TimeoutError:
            return told


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"action": "lose"}, ["102", "103"]),
        ({"action": "lose", "times": 2}, ["103"]),
        ({"action": "lose", "times": 0}, []),
        ({"action": "lose", "event": "depthUpdate"}, ["101", "102", "103"]),
        ({"action": "duplicate"}, ["101", "101", "102", "103"]),
        ({"action": "late", "seconds": 0.1}, ["102", "103", "101"]),
        ({"action": "late", "seconds": 0.1, "times": 2}, ["103", "101", "102"]),
    ],
)
def test_events_are_lost_doubled_or_late(sandbox: Sandbox, trades: Listener, fault: Json, told: list[str]) -> None:
    arm(sandbox, route="stream", **fault)
    assert prices_told(sandbox, trades, "101", "102", "103") == told


def test_a_gap_breaks_the_chain_of_depth_updates_once(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@depth@100ms") as client:
        client.ask("LIST_SUBSCRIPTIONS")
        move(sandbox, "101")
        last = client.message()["u"]
        arm(sandbox, route="stream", action="gap")
        move(sandbox, "102")
        assert client.is_quiet()
        move(sandbox, "103")
        broken = client.message()
        move(sandbox, "104")
        assert broken["U"] > last + 1
        assert client.message()["U"] == broken["u"] + 1


def test_a_fill_is_lost_and_the_balances_come(sandbox: Sandbox, client: ApiClient) -> None:
    client.signed("order.place", **limit_order("BUY", "1", "99"))
    assert [client.event()["e"], client.event()["e"]] == ["executionReport", "outboundAccountPosition"]
    arm(sandbox, route="user", action="lose", event="executionReport", execution="TRADE")
    move(sandbox, "99")
    assert client.event()["e"] == "outboundAccountPosition"


def test_a_doubled_fill_carries_one_trade_id(sandbox: Sandbox, client: ApiClient) -> None:
    arm(sandbox, route="user", action="duplicate", execution="TRADE")
    client.signed("order.place", **limit_order("BUY", "1", "99"))
    move(sandbox, "99")
    first, second = (client.event(lambda told: told.get("x") == "TRADE") for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("when", "first"), [("before_reply", "event"), ("after_reply", "id")])
def test_user_events_come_before_or_after_the_reply(sandbox: Sandbox, client: ApiClient, when: str, first: str) -> None:
    arm(sandbox, route="events", when=when, seconds=0.2)
    client.send({"id": "it", "method": "order.place", "params": client.sign(limit_order("BUY", "1", "90"))})
    told = [client.message() for _ in range(3)]  # an execution report, the balances, the reply
    assert first in told[0]
    assert sum("id" in message for message in told) == 1


# --- answers of the WebSocket API -----------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dropped_order_was_placed_or_was_not(sandbox: Sandbox, client: ApiClient, when: str) -> None:
    arm(sandbox, route="ws-api order.place", action="drop", when=when)
    client.send({"id": 1, "method": "order.place", "params": client.sign(limit_order("BUY", "1", "90"))})
    assert client.close_code() is None
    with sandbox.hall.lock:
        assert len(sandbox.hall.venue.open_orders("main")) == (when == "after")


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_error_takes_the_place_of_the_answer(sandbox: Sandbox, client: ApiClient, when: str) -> None:
    arm(sandbox, route="ws-api order.*", action="error", when=when, code=-1007, msg="Timeout.", status=503)
    answer = client.signed("order.place", **limit_order("BUY", "1", "90"))
    assert (answer["status"], answer["error"]) == (503, {"code": -1007, "msg": "Timeout."})
    found = client.signed("order.status", symbol="SOLUSDT", origClientOrderId="mine")
    assert found["status"] == (200 if when == "after" else 400)


def test_an_answer_is_delayed(sandbox: Sandbox, client: ApiClient) -> None:
    arm(sandbox, route="ws-api ping", action="delay", seconds=0.2)
    began = monotonic()
    assert client.call("ping")["status"] == 200
    assert monotonic() - began >= 0.2


def test_an_answer_is_cut_in_half(sandbox: Sandbox, client: ApiClient) -> None:
    arm(sandbox, route="ws-api order.place", action="cut", when="after")
    client.send({"id": 1, "method": "order.place", "params": client.sign(limit_order("BUY", "1", "90"))})
    half = next(data for _opcode, data in iter(client.frame, None) if b'"id"' in data)
    with pytest.raises(json.JSONDecodeError):
        json.loads(half)
    assert client.close_code() is None


def test_an_answer_is_no_json(sandbox: Sandbox, client: ApiClient) -> None:
    arm(sandbox, route="ws-api ping", action="body", body="<html>")
    client.send({"id": 1, "method": "ping"})
    assert client.frame()[1] == b"<html>"


# --- arming ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"route": "stream", "action": "explode"}, 'action = "explode": allowed are drop, close'),
        ({"route": "stream", "action": "close", "code": 1006}, "code = 1006: allowed are 1000"),
        ({"route": "stream", "action": "close", "code": 5000}, "code = 5000"),
        ({"route": "stream", "action": "lose", "times": -1}, "times = -1"),
        ({"route": "stream", "action": "lose", "event": 1}, "event = 1: allowed is a text"),
        ({"route": "user", "action": "silence", "seconds": -1}, "seconds = -1"),
        ({"route": "user", "action": "max_age"}, "seconds = None"),
        ({"route": "user", "action": "refuse", "status": 200}, "status = 200"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox, fault: Json, words: str) -> None:
    with pytest.raises(BadFault, match=re.escape(words)):
        sandbox.hall.faults.arm(fault)


def test_faults_are_armed_over_http(http: Http, trades: Listener) -> None:
    http.arm(route="stream", action="close", code=1012)
    assert trades.close_code() == 1012


# --- the end --------------------------------------------------------------------------------------------


def test_closing_ends_every_thread_within_a_second_with_clients_connected() -> None:
    before = set(threading.enumerate())
    sandbox = Sandbox()
    sandbox.start()
    with (
        Listener(sandbox.urls.stream + TRADES) as reads_nothing,
        ApiClient(sandbox.urls.ws_api, sandbox.keys.hmac) as api,
        Listener(sandbox.urls.stream + TRADES) as reads,
    ):
        api.subscribe()
        began = monotonic()
        closing = threading.Thread(target=sandbox.close)
        closing.start()
        assert reads.close_code() == 1001
        closing.join()
        assert monotonic() - began < 2.0  # a second, and another for a busy machine
        assert set(threading.enumerate()) == before
        assert reads_nothing.close_code() == 1001


def test_closing_waits_for_nobody_who_never_finished_the_handshake() -> None:
    sandbox = Sandbox()
    sandbox.start()
    port = urlsplit(sandbox.urls.stream).port
    with socket.create_connection(("127.0.0.1", port)) as mute, Listener(sandbox.urls.stream + TRADES) as after:
        after.ask("LIST_SUBSCRIPTIONS")  # by then the other one has been accepted
        began = monotonic()
        sandbox.close()
        assert monotonic() - began < 1.5
        assert mute.recv(1) == b""
