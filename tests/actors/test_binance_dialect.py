"""What is said to Binance's streams, and what is understood of what they say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.dialects import DIALECTS
from actors.dialects.binance import Binance
from actors.dialects.conversation import Answer, Conversation, Leaving, StreamRefused, Subscribed, Traded
from actors.gateways.credentials import Credentials
from actors.gateways.websocket_stream import UselessStream
from actors.streams.spoken_stream import Interpreter
from engine.messages import OrderFilled, OrderReported
from engine.settings.choices import TradingMode
from engine.settings.model import Exchange, Pair

PAIR = Pair(base_currency="SOL", quote_currency="USDT")
CREDENTIALS = Credentials("the-key", "the-secret")
PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def exchange(stream_url: str | None = None, ws_api_url: str | None = None) -> Exchange:
    return Exchange(
        name="binance",
        trading_fee=Decimal("0.001"),
        trading_mode=TradingMode.LIVE,
        stream_url=stream_url,
        ws_api_url=ws_api_url,
    )


def market() -> Conversation:
    return Binance().prices(exchange(), PAIR).converse()


def user(credentials: Credentials = CREDENTIALS, ahead: int = 0) -> Conversation:
    return Binance().orders(exchange(), PAIR, credentials, lambda: ahead).converse()


def hear(conversation: Conversation, said: object) -> list[Any]:
    return [*conversation.hear(json.dumps(said))]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


# --- where -------------------------------------------------------------------------------------------


def test_binance_is_spoken_at_its_own_addresses_unless_the_configuration_names_others() -> None:
    dialect = DIALECTS["binance"]
    assert dialect.prices(exchange(), PAIR).url == "wss://stream.binance.com:9443/ws"
    assert dialect.orders(exchange(), PAIR, CREDENTIALS, int).url == "wss://ws-api.binance.com:443/ws-api/v3"


@pytest.mark.parametrize("root", ["ws://127.0.0.1:1234", "ws://127.0.0.1:1234/"])
def test_other_roots_get_the_same_paths(root: str) -> None:
    other = exchange(stream_url=root, ws_api_url=root)
    assert Binance().prices(other, PAIR).url == "ws://127.0.0.1:1234/ws"
    assert Binance().orders(other, PAIR, CREDENTIALS, int).url == "ws://127.0.0.1:1234/ws-api/v3"


def test_root_that_has_the_path_already_keeps_it_once() -> None:
    other = exchange(ws_api_url="ws://127.0.0.1:1/ws-api/v3", stream_url="ws://127.0.0.1:1/ws")
    assert Binance().orders(other, PAIR, CREDENTIALS, int).url == "ws://127.0.0.1:1/ws-api/v3"
    assert Binance().prices(other, PAIR).url == "ws://127.0.0.1:1/ws"


# --- prices ------------------------------------------------------------------------------------------

AGG_TRADE = {
    "e": "aggTrade", "E": 1_700_000_000_010, "s": "SOLUSDT", "a": 5, "p": "101.50000000", "q": "2.00000000",
    "f": 7, "l": 8, "T": 1_700_000_000_005, "m": True, "M": True,
}  # fmt: skip


def test_trades_of_the_pair_are_subscribed_to() -> None:
    assert [json.loads(frame) for frame in market().begin()] == [
        {"id": 1, "method": "SUBSCRIBE", "params": ["solusdt@aggTrade"]}
    ]


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ({"result": None, "id": 1}, [Subscribed()]),
        (AGG_TRADE, [Traded(1_700_000_000_005, Decimal("101.5"))]),
        ({"stream": "solusdt@aggTrade", "data": AGG_TRADE}, [Traded(1_700_000_000_005, Decimal("101.5"))]),
        ({"e": "serverShutdown", "E": 1}, [Leaving()]),
        ({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}}, [Leaving()]),
        ({"result": ["solusdt@aggTrade"], "id": 3}, []),
        ({"e": "kline", "s": "SOLUSDT"}, []),
        ({"u": 1, "s": "SOLUSDT", "b": "1"}, []),
    ],
)
def test_market_frame_is_understood(said: object, understood: list[Any]) -> None:
    assert hear(market(), said) == understood


def test_trade_that_comes_late_or_twice_is_no_price_of_now() -> None:
    conversation = market()
    for number, is_news in ((5, True), (7, True), (6, False), (7, False), (8, True)):
        assert bool(hear(conversation, AGG_TRADE | {"a": number})) is is_news


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"error": {"code": 2, "msg": "Invalid request"}, "id": 1}, "2 Invalid request"),
        ({"code": 0, "msg": "Unknown property"}, "0 Unknown property"),
        ({"result": [], "id": 3}, "forgotten"),
        ({"result": ["btcusdt@aggTrade"], "id": 3}, "forgotten"),
    ],
)
def test_market_stream_that_will_not_tell_is_of_no_use(said: object, reason: str) -> None:
    with pytest.raises(StreamRefused, match=reason):
        hear(market(), said)


def test_market_stream_is_asked_for_its_subscriptions_as_a_sign_of_life() -> None:
    assert json.loads(market().probe()) == {"id": 3, "method": "LIST_SUBSCRIPTIONS"}


# --- signatures --------------------------------------------------------------------------------------


def signed_text(parameters: dict[str, Any]) -> str:
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "signature")


def subscription(credentials: Credentials = CREDENTIALS, ahead: int = 0) -> dict[str, Any]:
    (frame,) = user(credentials, ahead).begin()
    request = json.loads(frame)
    assert request["method"] == "userDataStream.subscribe.signature"
    assert isinstance(request["params"], dict)
    return request["params"]


def test_subscription_is_signed_with_the_secret() -> None:
    parameters = subscription()
    expected = hmac.new(b"the-secret", signed_text(parameters).encode(), hashlib.sha256).hexdigest()
    assert parameters["signature"] == expected
    assert parameters["apiKey"] == "the-key"


def test_subscription_is_signed_with_an_ed25519_key() -> None:
    key = Ed25519PrivateKey.generate()
    parameters = subscription(Credentials("the-key", key.private_bytes(*PEM).decode().strip()))
    key.public_key().verify(base64.b64decode(parameters["signature"]), signed_text(parameters).encode())


def test_subscription_is_signed_with_an_rsa_key() -> None:
    key = generate_private_key(65537, 2048)
    parameters = subscription(Credentials("the-key", key.private_bytes(*PEM).decode().strip()))
    signature = base64.b64decode(parameters["signature"])
    key.public_key().verify(signature, signed_text(parameters).encode(), PKCS1v15(), SHA256())


def test_key_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(ValueError, match="cannot be read") as raised:
        user(Credentials("the-key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"))
    assert "c2VjcmV0" not in str(raised.value)


def test_nothing_shows_the_key_or_the_secret() -> None:
    endpoint = Binance().orders(exchange(), PAIR, CREDENTIALS, int)
    conversation = endpoint.converse()
    for shown in (endpoint, conversation, vars(conversation)):
        assert "the-key" not in repr(shown)
        assert "the-secret" not in repr(shown)


@pytest.mark.parametrize("ahead", [0, 5_000, -90_000])
def test_subscription_is_stamped_with_the_exchanges_time(ahead: int) -> None:
    before = now_ms()
    stamp = subscription(ahead=ahead)["timestamp"]
    assert before + ahead <= stamp <= now_ms() + ahead


# --- orders ------------------------------------------------------------------------------------------


def report(**changes: object) -> dict[str, Any]:
    """Give an executionReport with every field that Binance sends."""
    event = {
        "e": "executionReport", "E": 1_700_000_000_010, "s": "SOLUSDT", "c": "ga-1", "S": "BUY", "o": "LIMIT",
        "f": "GTC", "q": "2.00000000", "p": "100.00000000", "P": "0.00000000", "F": "0.00000000", "g": -1, "C": "",
        "x": "NEW", "X": "NEW", "r": "NONE", "i": 4, "l": "0.00000000", "z": "0.00000000", "L": "0.00000000",
        "n": "0", "N": None,
        "T": 1_700_000_000_005, "t": -1, "I": 9, "w": True, "m": False, "M": False, "O": 1_700_000_000_000,
        "Z": "0.00000000", "Y": "0.00000000", "Q": "0.00000000", "W": 1_700_000_000_000, "V": "NONE",
    }  # fmt: skip
    return {"subscriptionId": 0, "event": {**event, **changes}}


TRADE = {"x": "TRADE", "t": 77, "L": "99.50000000", "n": "0.00100000", "N": "SOL"}
FILL = OrderFilled("ga-1", "77", Decimal("99.5"), Decimal(1), Decimal("0.001"), "SOL", 1_700_000_000_005, "4")


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        (report(), [OrderReported("ga-1", Decimal(0), is_open=True, order_id="4")]),
        (
            report(**TRADE, X="PARTIALLY_FILLED", l="1.00000000", z="1.00000000"),
            [FILL, OrderReported("ga-1", Decimal(1), is_open=True, order_id="4")],
        ),
        (
            report(**TRADE, X="FILLED", l="1.00000000", z="2.00000000"),
            [FILL, OrderReported("ga-1", Decimal(2), is_open=False, order_id="4")],
        ),
        (
            report(**{**TRADE, "n": "0", "N": None}, X="FILLED", l="1.00000000", z="1.00000000"),
            [
                OrderFilled("ga-1", "77", Decimal("99.5"), Decimal(1), Decimal(0), "USDT", 1_700_000_000_005, "4"),
                OrderReported("ga-1", Decimal(1), is_open=False, order_id="4"),
            ],
        ),
        (
            report(x="CANCELED", X="CANCELED", c="cancel-id", C="ga-1", z="1.00000000"),
            [OrderReported("ga-1", Decimal(1), is_open=False, order_id="4")],
        ),
        (
            report(x="CANCELED", X="CANCELED", c="ga-1", C=""),
            [OrderReported("ga-1", Decimal(0), is_open=False, order_id="4")],
        ),
        (report(x="EXPIRED", X="EXPIRED", eR=5), [OrderReported("ga-1", Decimal(0), is_open=False, order_id="4")]),
        (report(x="REJECTED", X="REJECTED"), [OrderReported("ga-1", Decimal(0), is_open=False, order_id="4")]),
        (
            report(x="TRADE_PREVENTION", X="EXPIRED_IN_MATCH"),
            [OrderReported("ga-1", Decimal(0), is_open=False, order_id="4")],
        ),
        (report(s="BTCUSDT"), []),
        ({"subscriptionId": 0, "event": {"e": "outboundAccountPosition", "B": []}}, []),
        ({"subscriptionId": 0, "event": {"e": "balanceUpdate", "a": "SOL"}}, []),
        ({"event": {"e": "serverShutdown", "E": 1}}, [Leaving()]),
        ({"e": "serverShutdown", "E": 1}, [Leaving()]),
        ({"id": 1, "status": 200, "result": {"subscriptionId": 0}, "rateLimits": []}, [Subscribed()]),
        ({"id": 3, "status": 200, "result": [{"subscriptionId": 0}]}, []),
        ({"id": 3, "status": 400, "error": {"code": -1, "msg": "no such method"}}, []),
    ],
)
def test_user_frame_is_understood(said: object, understood: list[Any]) -> None:
    assert hear(user(), said) == understood


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"id": 1, "status": 401, "error": {"code": -2015, "msg": "Invalid API-key"}}, "-2015 Invalid API-key"),
        ({"id": None, "status": 400, "error": {"code": -1102, "msg": "Missing"}}, "-1102 Missing"),
        ({"id": 1, "status": 429, "error": {"code": -1003, "msg": "Too many"}}, "-1003 Too many"),
        ({"id": 2, "status": 500, "error": {"code": -1000, "msg": "Trouble"}}, "-1000 Trouble"),
        ({"id": 3, "status": 200, "result": []}, "forgotten"),
        ({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 1}}, "ended the subscription"),
    ],
)
def test_user_stream_that_will_not_tell_is_of_no_use(said: object, reason: str) -> None:
    with pytest.raises(StreamRefused, match=reason):
        hear(user(), said)


CLOCK_IS_OFF = {"id": 1, "status": 400, "error": {"code": -1021, "msg": "Timestamp is outside of the recvWindow."}}


def test_clock_that_is_off_is_set_by_the_exchanges_and_the_subscription_repeated() -> None:
    conversation = user(ahead=-60_000)
    (question,) = hear(conversation, CLOCK_IS_OFF)
    assert isinstance(question, Answer)
    assert json.loads(question.frame) == {"id": 2, "method": "time"}
    (again,) = hear(conversation, {"id": 2, "status": 200, "result": {"serverTime": now_ms() + 30_000}})
    assert isinstance(again, Answer)
    request = json.loads(again.frame)
    assert request["id"] == 1
    assert abs(request["params"]["timestamp"] - now_ms() - 30_000) < 5_000
    assert hear(conversation, {"id": 1, "status": 200, "result": {"subscriptionId": 0}}) == [Subscribed()]


def test_clock_that_is_still_off_after_it_was_set_ends_the_connection() -> None:
    conversation = user()
    hear(conversation, CLOCK_IS_OFF)
    hear(conversation, {"id": 2, "status": 200, "result": {"serverTime": now_ms()}})
    with pytest.raises(StreamRefused, match="-1021"):
        hear(conversation, CLOCK_IS_OFF)


# --- garbage -----------------------------------------------------------------------------------------

WORDS = ["id", "result", "data", "event", "error"]
json_values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list("esCcxXpTtlLnNz") + WORDS), inner),
    max_leaves=8,
)


@pytest.mark.parametrize("converse", [market, user])
@settings(max_examples=50)
@given(said=json_values.map(json.dumps) | st.text())
def test_whatever_comes_is_understood_or_ends_the_connection(converse: Callable[[], Conversation], said: str) -> None:
    told: list[Any] = []
    try:
        Interpreter(1, converse(), told.append, told.append).heard(said)
    except UselessStream:
        assert told == []


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "null",
        "[]",
        '{"e": "aggTrade"}',
        '{"e": "aggTrade", "T": 1, "p": "abc"}',
        '{"e":"aggTrade","T":1,"p":null}',
    ],
)
def test_frame_that_is_not_understood_is_not_quoted(frame: str) -> None:
    with pytest.raises(UselessStream, match=rf"a frame of {len(frame)} characters was not understood"):
        Interpreter(1, market(), print, print).heard(frame)
