"""One page of candles through ccxt: exact, checked, and when there is none, why."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from actors.gateways.ccxt_candles import CcxtCandles
from engine.calls import NotYet, Refused, Unknown
from engine.candles.rows import HEADER, Page
from engine.candles.spans import Span
from engine.candles.text import parse_candles
from engine.errors import BadInput
from tests.actors.candle_exchange import MINUTE, START, CandleExchange, fetching, minute_candle
from tests.actors.scripted_server import Scripted, ScriptedServer

KLINE = [START, "1", "2", "1", "2", "5", START + MINUTE - 1, "1", 1, "1", "1", "0"]


def minutes(first: int, end: int) -> Span:
    return Span(START + first * MINUTE, START + end * MINUTE)


@pytest.fixture
def exchange() -> Iterator[CandleExchange]:
    with CandleExchange() as running:
        yield running


@pytest.fixture
def source(exchange: CandleExchange) -> Iterator[CcxtCandles]:
    candles = CcxtCandles(fetching(exchange.url))
    yield candles
    candles.close()


def test_page_holds_the_first_candles_of_the_span_exactly(source: CcxtCandles, exchange: CandleExchange) -> None:
    exchange.most = 3
    page = source.page(minutes(5, 20))

    assert isinstance(page, Page)
    assert page.span == minutes(5, 8)
    candles = parse_candles("rows", "\n".join((HEADER, *page.rows)), None, None)
    assert [candles.exact(index) for index in range(3)] == [minute_candle(minute) for minute in (5, 6, 7)]
    assert page.rows[0] == "2024-08-01 00:05:00,155.05,162.5,149.00000001,151.1,5.5"


def test_question_asks_for_the_span_and_for_as_many_as_there_may_be(
    source: CcxtCandles, exchange: CandleExchange
) -> None:
    source.page(minutes(5, 20))

    (question,) = exchange.received
    assert question.params == {
        "symbol": "SOLUSDT",
        "interval": "1m",
        "startTime": str(START + 5 * MINUTE),
        "endTime": str(START + 20 * MINUTE - 1),
        "limit": "1000",
    }


def test_hole_is_part_of_the_page(source: CcxtCandles, exchange: CandleExchange) -> None:
    exchange.holes = range(3, 90)
    page = source.page(minutes(0, 100))

    assert isinstance(page, Page)
    assert (page.span, len(page.rows)) == (minutes(0, 100), 13)


@pytest.mark.parametrize("wanted", [minutes(-100, -50), minutes(3, 90)], ids=["before the first", "in a hole"])
def test_page_without_candles_covers_all_that_was_asked_for(
    source: CcxtCandles, exchange: CandleExchange, wanted: Span
) -> None:
    exchange.holes = range(3, 90)
    assert source.page(wanted) == Page(wanted, [])


TROUBLE = {
    "too many requests": (
        Scripted('{"code": -1003, "msg": "Too much request weight used."}', 429, {"Retry-After": "7"}),
        NotYet(7.0, "Too much request weight used. (HTTP 429)"),
    ),
    "ban": (
        Scripted('{"code": -1003, "msg": "Way too much request weight used."}', 418, {"Retry-After": "3600"}),
        NotYet(3600.0, "Way too much request weight used. (HTTP 418)", banned=True),
    ),
    "no answer": (Scripted(drop=True), Unknown),
    "half an answer": (Scripted(json.dumps([KLINE] * 50), cut=True), Unknown("the answer broke off")),
    "internal error": (
        Scripted("<html>oops</html>", 500),
        Unknown("ExchangeNotAvailable: '<html>oops</html>' (HTTP 500)"),
    ),
    "unknown pair": (Scripted('{"code": -1121, "msg": "Invalid symbol."}', 400), Refused),
    "not served here": (Scripted("{}", 451), Refused),
    "a web page": (Scripted("<html>hello</html>"), Unknown("unusable answer: no list of candles")),
    "an empty body": (Scripted(""), Unknown("unusable answer: no list of candles")),
    "an object": (Scripted("{}"), Unknown("unusable answer: no list of candles")),
    "rows of nothing": (Scripted("[[]]"), Unknown),
    "a price that is none": (Scripted(json.dumps([[START, "1", "2", "0", "1", "1"]])), Unknown),
    "a high below the low": (Scripted(json.dumps([[START, "1", "1", "2", "1", "1"]])), Unknown),
    "a blank price": (Scripted(json.dumps([[START, None, "2", "1", "1", "1"]])), Unknown),
    "one time twice": (Scripted(json.dumps([KLINE, KLINE])), Unknown),
    "a time between seconds": (Scripted(json.dumps([[START + 1, *KLINE[1:]]])), Unknown),
}


@pytest.mark.parametrize(("fault", "outcome"), TROUBLE.values(), ids=TROUBLE)
def test_answer_that_is_no_page_is_told_as_what_it_is(
    source: CcxtCandles, exchange: CandleExchange, fault: Scripted, outcome: object
) -> None:
    exchange.faults.append(fault)
    told = source.page(minutes(0, 10))

    assert isinstance(told, outcome) if isinstance(outcome, type) else told == outcome
    good = source.page(minutes(0, 10))
    assert isinstance(good, Page)
    assert len(good.rows) == 10


def test_what_is_wrong_with_a_candle_is_told(source: CcxtCandles, exchange: CandleExchange) -> None:
    exchange.faults.append(Scripted(json.dumps([[START, "1", "2", "-3", "1", "1"]])))

    told = source.page(minutes(0, 10))
    assert isinstance(told, Unknown)
    assert "column low: -3 is no price" in told.text


def test_nobody_is_there() -> None:
    with CandleExchange() as exchange:
        source = CcxtCandles(fetching(exchange.url))
    assert isinstance(source.page(minutes(0, 10)), Unknown)
    assert isinstance(source.time(), Unknown)


def test_time_is_the_clock_of_the_exchange(source: CcxtCandles, exchange: CandleExchange) -> None:
    exchange.time = START + 5
    assert source.time() == START + 5


def test_unknown_exchange_is_refused() -> None:
    with pytest.raises(BadInput, match=r'exchange\.name = "binanse": no such exchange.*did you mean binance'):
        CcxtCandles(fetching("http://127.0.0.1:1", ("exchange.name", "binanse")))


# --- an exchange that is asked the unified way, for windows of time ----------------------------------

PRODUCTS = json.dumps(
    [
        {
            "id": "SOL-USDT",
            "base_currency": "SOL",
            "quote_currency": "USDT",
            "status": "online",
            "base_increment": "0.001",
            "quote_increment": "0.01",
            "min_market_funds": "1",
        }
    ]
)
CANDLES = "GET /products/SOL-USDT/candles"


@pytest.fixture
def other() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        running.reply("GET /products", PRODUCTS)
        running.reply("GET /currencies", "[]")
        yield running


@pytest.fixture
def unified(other: ScriptedServer) -> Iterator[CcxtCandles]:
    candles = CcxtCandles(fetching(other.url, ("exchange.name", "coinbaseexchange")))
    yield candles
    candles.close()


def told(*seconds: int) -> str:
    """Tell candles as this exchange does: newest first, low before high, as numbers."""
    return json.dumps(
        [[START // 1_000 + second, 99, 160.5, 100, 99.7, 1e-7] for second in sorted(seconds, reverse=True)]
    )


def test_unified_candles_are_the_decimals_that_were_told(unified: CcxtCandles, other: ScriptedServer) -> None:
    other.reply(CANDLES, told(0, 60))
    page = unified.page(minutes(0, 10))

    assert page == Page(
        minutes(0, 2),
        ["2024-08-01 00:00:00,100,160.5,99,99.7,0.0000001", "2024-08-01 00:01:00,100,160.5,99,99.7,0.0000001"],
    )


def test_unified_page_without_candles_covers_only_its_window(unified: CcxtCandles, other: ScriptedServer) -> None:
    other.reply(CANDLES, "[]")
    page = unified.page(minutes(0, 1_000))

    assert isinstance(page, Page)
    assert page.rows == []
    assert page.span == minutes(0, 300)


def test_unified_candles_beyond_the_span_are_left_out(unified: CcxtCandles, other: ScriptedServer) -> None:
    other.reply(CANDLES, told(0, 60, 120, 180))
    page = unified.page(minutes(1, 3))

    assert isinstance(page, Page)
    assert (page.span, len(page.rows)) == (minutes(1, 3), 2)


@pytest.mark.parametrize("body", ["", "<html>hello</html>"])
def test_unified_answer_that_is_no_json_is_not_taken_for_no_candles(
    unified: CcxtCandles, other: ScriptedServer, body: str
) -> None:
    other.reply(CANDLES, body)
    assert isinstance(unified.page(minutes(0, 10)), Unknown)


def test_markets_that_are_not_told_are_asked_for_again(unified: CcxtCandles, other: ScriptedServer) -> None:
    other.reply("GET /products", "[]", PRODUCTS)
    other.reply(CANDLES, told(0, 60))

    assert unified.page(minutes(0, 2)) == Unknown("unusable answer: no markets")
    assert isinstance(unified.page(minutes(0, 2)), Page)


def test_pair_that_is_not_traded_is_refused(other: ScriptedServer) -> None:
    changes = (("exchange.name", "coinbaseexchange"), ("pair.base_currency", "SLO"))
    source = CcxtCandles(fetching(other.url, *changes))

    told = source.page(minutes(0, 2))
    assert isinstance(told, Refused)
    assert told.text.startswith("no market SLO/USDT; allowed: ")
    source.close()


def test_timeframe_that_is_not_told_is_refused_before_anything_is_asked(other: ScriptedServer) -> None:
    changes = (("exchange.name", "coinbaseexchange"), ("trading_settings.timeframe", "1w"))
    told = CcxtCandles(fetching(other.url, *changes)).page(minutes(0, 2))

    assert isinstance(told, Refused)
    assert "no candles of 1w; allowed: 1m, 5m" in told.text
    assert other.received == []
