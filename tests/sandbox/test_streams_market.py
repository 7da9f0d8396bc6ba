"""Market streams, as websocket-client sees them."""

from __future__ import annotations

import json
import re
import socket
from decimal import Decimal
from typing import Any

import pytest
import websocket

from actors.sandbox.server import Sandbox
from actors.sandbox.sockets import Sockets, SocketSettings
from tests.sandbox.stream_clients import Json, Listener, limit_order, move

NUMBER = r"-?\d+\.\d{8}"
KLINE_KEYS = set("tTsifLochlvnxqVQB")


@pytest.mark.parametrize(
    ("name", "event", "keys"),
    [
        ("solusdt@trade", "trade", "e E s t p q T m M"),
        ("solusdt@aggTrade", "aggTrade", "e E s a p q f l T m M"),
        ("solusdt@bookTicker", None, "u s b B a A"),
        ("solusdt@kline_1m", "kline", "e E s k"),
        ("solusdt@miniTicker", "24hrMiniTicker", "e E s c o h l v q"),
        ("solusdt@ticker", "24hrTicker", "e E s p P w x c Q b B a A o h l v q O C F L n"),
        ("solusdt@depth", "depthUpdate", "e E s U u b a"),
        ("solusdt@depth@100ms", "depthUpdate", "e E s U u b a"),
        ("solusdt@depth5", None, "lastUpdateId bids asks"),
        ("solusdt@depth20@100ms", None, "lastUpdateId bids asks"),
    ],
)
def test_each_stream_tells_its_payload_raw_and_combined(
    sandbox: Sandbox, name: str, event: str | None, keys: str
) -> None:
    with (
        Listener(f"{sandbox.urls.stream}/ws/{name}") as raw,
        Listener(f"{sandbox.urls.stream}/stream?streams={name}") as combined,
    ):
        raw.ask("LIST_SUBSCRIPTIONS")
        combined.ask("LIST_SUBSCRIPTIONS")
        move(sandbox, "101")
        payload = raw.message()
        wrapped = combined.message()
    assert set(payload) == set(keys.split())
    assert payload.get("e") == event
    assert (set(wrapped), wrapped["stream"]) == ({"stream", "data"}, name)
    assert set(wrapped["data"]) == set(payload)


def test_a_move_is_told_with_its_price(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/stream?streams=solusdt@trade/solusdt@bookTicker/btcusdt@trade") as client:
        client.ask("LIST_SUBSCRIPTIONS")
        move(sandbox, "101.5")
        told = {message["stream"]: message["data"] for message in (client.message(), client.message())}
    trade, best = told["solusdt@trade"], told["solusdt@bookTicker"]
    assert (trade["s"], trade["p"], trade["m"]) == ("SOLUSDT", "101.50000000", False)
    assert Decimal(best["b"]) < Decimal("101.5") < Decimal(best["a"])
    assert re.fullmatch(NUMBER, best["B"])


def test_all_mini_tickers_come_as_one_list(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/!miniTicker@arr") as client:
        told = client.message()
    assert [row["s"] for row in told] == ["SOLUSDT", "BTCUSDT"]


@pytest.mark.parametrize("path", ["/ws", "/ws/0", "/stream/ws/0", "/stream", "/ws/?timeUnit=MILLISECOND"])
def test_a_bare_address_takes_subscriptions(sandbox: Sandbox, path: str) -> None:
    with Listener(sandbox.urls.stream + path) as client:
        assert client.ask("SUBSCRIBE", ["solusdt@trade"])["result"] is None
        move(sandbox, "101")
        assert "101.00000000" in json.dumps(client.message())


@pytest.mark.parametrize("path", ["/", "/ws-api", "/ws-api/v4", "/wsx", "/stream/x"])
def test_another_address_is_not_found(sandbox: Sandbox, path: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="404"):
        Listener(sandbox.urls.stream + path)


def test_unknown_streams_are_accepted_and_say_nothing(sandbox: Sandbox) -> None:
    names = ["nothing", "SOLUSDT@trade", "adausdt@trade", "solusdt@kline_7m", "solusdt@depth7", "!ticker@arr"]
    with Listener(f"{sandbox.urls.stream}/ws/0") as client:
        assert client.ask("SUBSCRIBE", names)["result"] is None
        assert client.ask("LIST_SUBSCRIPTIONS")["result"] == ["0", *names]
        move(sandbox, "101")
        assert client.is_quiet()


def test_unsubscribing_ends_one_stream_and_leaves_the_other(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@trade/solusdt@aggTrade") as client:
        assert client.ask("UNSUBSCRIBE", ["solusdt@trade", "never@there"])["result"] is None
        assert client.ask("LIST_SUBSCRIPTIONS")["result"] == ["solusdt@aggTrade"]
        move(sandbox, "101")
        assert client.message()["e"] == "aggTrade"
        assert client.is_quiet()


def test_the_combined_property_wraps_what_follows(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@trade") as client:
        assert client.ask("GET_PROPERTY", ["combined"])["result"] is False
        assert client.ask("SET_PROPERTY", ["combined", True])["result"] is None
        move(sandbox, "101")
        assert client.message()["stream"] == "solusdt@trade"


@pytest.mark.parametrize(
    ("request_text", "code", "words", "number"),
    [
        ("{nonsense", 3, "Invalid JSON", None),
        ("[1]", 2, "expected an object", None),
        ('{"id": 7}', 2, "missing field `method`", 7),
        ('{"method": "FLY", "id": 7}', 2, "unknown variant FLY", 7),
        ('{"method": "SUBSCRIBE", "params": "x", "id": 7}', 2, "must be a list", 7),
        ('{"method": "SUBSCRIBE", "params": [1], "id": 7}', 2, "must be strings", 7),
        ('{"method": "SUBSCRIBE", "params": ["x"], "id": 1.5}', 2, "request ID", None),
        ('{"method": "SUBSCRIBE", "params": ["x"], "id": "' + "x" * 37 + '"}', 2, "request ID", None),
        ('{"method": "GET_PROPERTY", "params": ["taste"], "id": "a"}', 0, "Unknown property", "a"),
        ('{"method": "GET_PROPERTY", "params": [1], "id": "a"}', 2, "must be a string", "a"),
        ('{"method": "GET_PROPERTY", "params": [], "id": "a"}', 2, "expected 1 parameters", "a"),
        ('{"method": "SET_PROPERTY", "params": ["combined", 1], "id": 7}', 1, "expected Boolean", 7),
    ],
)
def test_a_bad_request_is_answered_with_its_error(
    sandbox: Sandbox, request_text: str, code: int, words: str, number: Any
) -> None:
    with Listener(f"{sandbox.urls.stream}/ws") as client:
        client.send(request_text)
        answer = client.message()
    assert (answer["error"]["code"], answer["id"]) == (code, number)
    assert words in answer["error"]["msg"]


def test_more_streams_than_a_connection_may_have_are_refused(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws") as client:
        assert client.ask("SUBSCRIBE", [f"s{number}" for number in range(1024)])["result"] is None
        assert client.ask("SUBSCRIBE", ["s0"])["result"] is None
        assert "1024" in client.ask("SUBSCRIBE", ["one more"])["error"]["msg"]


def test_the_sixth_frame_within_a_second_ends_the_connection(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws") as client:
        for _ in range(5):
            client.ping("counts too")
        client.send({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert client.close_code() == 1008


def test_the_clients_ping_is_answered_with_its_payload(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws") as client:
        client.ping("here")
        assert client.frame() == (websocket.ABNF.OPCODE_PONG, b"here")


def test_depth_updates_lead_from_any_snapshot_to_the_book(sandbox: Sandbox) -> None:
    venue, hall = sandbox.hall.venue, sandbox.hall
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@depth@100ms") as client:
        client.ask("LIST_SUBSCRIPTIONS")
        move(sandbox, "101")
        first = client.message()
        with hall.lock:
            snapshot = hall.market_data.depth({"symbol": "SOLUSDT", "limit": "5000"})
        book = {side: {Decimal(p): Decimal(q) for p, q in snapshot[side]} for side in ("bids", "asks")}
        reached, last = snapshot["lastUpdateId"], first["u"]
        for price in ("101.37", "99.2", "100"):
            move(sandbox, price)
            update = client.message()
            assert update["U"] == last + 1
            assert update["u"] >= update["U"]
            last = update["u"]
            if last > reached:
                assert update["U"] <= reached + 1
                apply(book, update)
                reached = last
        with hall.lock:
            depth = venue.depth("SOLUSDT", 5000)
    assert reached == depth.last_update_id
    assert book["bids"] == {level.price: level.quantity for level in depth.bids}
    assert book["asks"] == {level.price: level.quantity for level in depth.asks}


def apply(book: dict[str, dict[Decimal, Decimal]], update: Json) -> None:
    for side, rows in (("bids", update["b"]), ("asks", update["a"])):
        for price, quantity in rows:
            if Decimal(quantity):
                book[side][Decimal(price)] = Decimal(quantity)
            else:
                del book[side][Decimal(price)]


def test_a_book_that_stands_still_is_not_told(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@depth@100ms/solusdt@bookTicker") as client:
        assert client.ask("LIST_SUBSCRIPTIONS")["result"]
        assert client.is_quiet()


def test_a_candle_is_told_closed_once_when_its_time_is_over(sandbox: Sandbox) -> None:
    with Listener(f"{sandbox.urls.stream}/ws/solusdt@kline_1h") as client:
        growing = client.message()["k"]
        assert (growing["i"], growing["x"], set(growing)) == ("1h", False, KLINE_KEYS)
        move(sandbox, "103")
        with sandbox.hall.lock:
            sandbox.hall.skew_ms += 3_600_000
        closed = client.next(lambda told: told["k"]["x"])["k"]
        following = client.message()["k"]
    assert (closed["t"], closed["c"], closed["h"]) == (growing["t"], "103.00000000", "103.00000000")
    assert (following["t"], following["x"], following["o"]) == (closed["T"] + 1, False, "103.00000000")


def test_trades_of_one_taker_at_one_price_are_one_aggregate(sandbox: Sandbox) -> None:
    hall = sandbox.hall
    with Listener(f"{sandbox.urls.stream}/stream?streams=solusdt@trade/solusdt@aggTrade") as client:
        client.ask("LIST_SUBSCRIPTIONS")
        with hall.lock:
            hall.trading.place("main", limit_order("BUY", "1", "99", "one"))
            hall.trading.place("main", limit_order("BUY", "2", "99", "two"))
            events = hall.venue.trade("SOLUSDT", "SELL", Decimal(3), hall.now_ms())
            hall.publish(events)
        told = [client.message() for _ in range(3)]
    trades = [message["data"] for message in told if message["stream"] == "solusdt@trade"]
    [aggregate] = [message["data"] for message in told if message["stream"] == "solusdt@aggTrade"]
    assert [trade["q"] for trade in trades] == ["1.00000000", "2.00000000"]
    assert (aggregate["p"], aggregate["q"], aggregate["m"]) == ("99.00000000", "3.00000000", True)
    assert (aggregate["f"], aggregate["l"]) == (trades[0]["t"], trades[1]["t"])


def test_a_client_that_does_not_read_is_cut_off_and_stops_nobody(sandbox: Sandbox) -> None:
    sockets = Sockets(sandbox.hall, SocketSettings(room=20))
    sockets.start()
    sockets._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # connections inherit it
    try:
        with (
            Listener(f"{sockets.url}/ws/solusdt@trade/solusdt@aggTrade", receive_buffer=4096) as lazy,
            Listener(f"{sockets.url}/ws/solusdt@trade") as keen,
        ):
            assert lazy.ask("LIST_SUBSCRIPTIONS")["result"]
            assert keen.ask("LIST_SUBSCRIPTIONS")["result"]
            for number in range(400):
                price = "101" if number % 2 else "102"
                move(sandbox, price)
                assert keen.message()["p"] == f"{price}.00000000"
            assert lazy.close_code() is None
    finally:
        sockets.close()
