"""Fetching: everything once, whatever happens on the way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field

from actors.candles.cache import CandleCache, cache_for
from actors.candles.fetching import Fetch, FetchFailed, Patience
from actors.gateways.ccxt_candles import CcxtCandles
from engine.candles.spans import SETTLING_MS, Span, gaps
from engine.errors import BadInput
from tests.actors.candle_exchange import MINUTE, START, CandleExchange, fetching, minute_candle
from tests.actors.scripted_server import Scripted

LATER = START + 10_000 * MINUTE  # long after the minutes that most tests ask for
BUSY = Scripted('{"code": -1003, "msg": "Too much request weight used."}', 429, {"Retry-After": "7"})
DROP, CUT = Scripted(drop=True), Scripted("[" + "1," * 5_000 + "1]", cut=True)


def span(first: int, last: int) -> Span:
    """Give what is wanted when a period goes from one minute to another, both inclusive."""
    return Span(START + first * MINUTE, START + last * MINUTE + 1)


@define(eq=False)
class Fetcher:
    """Fetch from an exchange into a folder, waiting for nobody."""

    exchange: CandleExchange
    folder: Path
    waits: list[float] = field(factory=list)
    on_wait: Callable[[], None] = field(default=lambda: None)
    bars: list[tuple[int, list[int]]] = field(factory=list)

    def fetch(self, wanted: Span, now: int = LATER) -> None:
        settings = fetching(self.exchange.url)
        source = CcxtCandles(settings)
        fetch = Fetch(
            name="binance SOL/USDT 1m",
            asked_by=settings.source,
            cache=self.cache,
            source=source,
            timeframe_ms=MINUTE,
            bar=self._bar,
            patience=Patience(wait=self._wait, chance=lambda: 1.0),
        )
        try:
            fetch.complete(wanted, now)
        finally:
            source.close()

    @property
    def cache(self) -> CandleCache:
        return cache_for(fetching(self.exchange.url), self.folder)

    def minutes(self, wanted: Span) -> list[int]:
        """Give the minutes that are kept, each as the exchange told it."""
        candles = self.cache.load(wanted)
        if candles is None:
            return []
        kept = [(int(time) - START) // MINUTE for time in candles.times]
        assert [candles.exact(index) for index in range(len(candles))] == [minute_candle(minute) for minute in kept]
        return kept

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.on_wait()

    @contextmanager
    def _bar(self, total: int) -> Iterator[Callable[[int], None]]:
        done: list[int] = []
        self.bars.append((total, done))
        yield done.append


@pytest.fixture
def exchange() -> Iterator[CandleExchange]:
    with CandleExchange(most=10) as running:
        yield running


@pytest.fixture
def fetcher(exchange: CandleExchange, tmp_path: Path) -> Fetcher:
    return Fetcher(exchange, tmp_path)


def test_period_is_fetched_page_after_page_and_once(fetcher: Fetcher, exchange: CandleExchange) -> None:
    fetcher.fetch(span(0, 24))
    assert exchange.asked_minutes() == [0, 10, 20]
    assert fetcher.minutes(span(0, 24)) == list(range(25))

    fetcher.fetch(span(0, 24))
    fetcher.fetch(span(5, 12))
    assert len(exchange.received) == 3


def test_wider_period_fetches_only_what_is_missing(fetcher: Fetcher, exchange: CandleExchange) -> None:
    fetcher.fetch(span(20, 29))
    fetcher.fetch(span(40, 44))
    exchange.received.clear()

    fetcher.fetch(span(15, 50))
    assert exchange.asked_minutes() == [15, 30, 45]
    assert fetcher.minutes(span(0, 99)) == list(range(15, 51))

    fetcher.fetch(span(15, 50))
    assert len(exchange.received) == 3


def test_period_that_begins_and_ends_between_candles_is_fetched_once(
    fetcher: Fetcher, exchange: CandleExchange
) -> None:
    wanted = Span(START + MINUTE // 2, START + 9 * MINUTE + MINUTE // 2)
    fetcher.fetch(wanted)
    fetcher.fetch(wanted)
    assert len(exchange.received) == 1
    assert fetcher.minutes(wanted) == list(range(1, 10))


def test_hole_of_the_exchange_is_not_asked_for_again(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.holes = range(8, 95)
    wanted = span(-50, 99)
    fetcher.fetch(wanted)
    asked = len(exchange.received)
    fetcher.fetch(wanted)

    assert len(exchange.received) == asked
    assert fetcher.minutes(wanted) == [*range(8), *range(95, 100)]
    candles = fetcher.cache.load(wanted)
    assert candles is not None
    assert gaps(candles.times, wanted, MINUTE) == (
        Span(START - 50 * MINUTE, START),
        Span(START + 8 * MINUTE, START + 95 * MINUTE),
    )


def test_end_of_trading_is_remembered(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.holes = range(15, 10_000)
    fetcher.fetch(span(0, 99))
    asked = len(exchange.received)
    fetcher.fetch(span(0, 99))
    assert len(exchange.received) == asked


# --- the present ---------------------------------------------------------------------------------------


def test_candle_that_is_not_finished_by_the_clock_of_the_exchange_is_not_kept(
    fetcher: Fetcher, exchange: CandleExchange
) -> None:
    exchange.time = START + 20 * MINUTE + MINUTE // 2  # minute 20 has begun
    ahead = exchange.time + 5 * MINUTE
    fetcher.fetch(span(0, 23), now=ahead)
    assert fetcher.minutes(span(0, 99)) == list(range(20))

    exchange.time += MINUTE
    exchange.received.clear()
    fetcher.fetch(span(0, 23), now=ahead)
    assert exchange.asked_minutes() == [20]
    assert fetcher.minutes(span(0, 99)) == list(range(21))


def test_candle_is_kept_only_a_little_after_its_end(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.time = START + 20 * MINUTE + SETTLING_MS - 1
    fetcher.fetch(span(0, 19), now=exchange.time + MINUTE)
    assert fetcher.minutes(span(0, 99)) == list(range(19))


def test_newest_candles_that_are_not_told_yet_are_asked_for_again(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.time = START + 40 * MINUTE
    exchange.holes = range(15, 30)
    fetcher.fetch(span(0, 29), now=exchange.time)
    exchange.holes = ()
    fetcher.fetch(span(0, 29), now=exchange.time)
    assert fetcher.minutes(span(0, 29)) == list(range(30))


# --- trouble -------------------------------------------------------------------------------------------


def test_exchange_that_is_busy_is_left_alone_as_long_as_it_says(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.faults.extend([None, BUSY, BUSY])
    fetcher.fetch(span(0, 24))
    assert fetcher.waits == [7.0, 7.0]
    assert fetcher.minutes(span(0, 24)) == list(range(25))
    assert exchange.asked_minutes() == [0, 10, 10, 10, 20]


@pytest.mark.parametrize(
    "fault", [DROP, CUT, Scripted("", 502), Scripted("<html>")], ids=["drop", "cut", "502", "page"]
)
def test_trouble_is_waited_out_longer_each_time(fetcher: Fetcher, exchange: CandleExchange, fault: Scripted) -> None:
    exchange.faults.extend([None, fault, fault, fault, None, fault])
    fetcher.fetch(span(0, 29))
    assert fetcher.waits == [1.0, 2.0, 4.0, 1.0]
    assert fetcher.minutes(span(0, 29)) == list(range(30))


def test_no_two_clients_wait_alike() -> None:
    delays = [Patience(chance=lambda chance=chance: chance).delay(3) for chance in (0.0, 0.5, 0.99)]  # type: ignore[misc]
    assert delays == sorted(delays)
    assert 2.0 <= delays[0] < delays[-1] <= 4.0
    assert Patience(chance=lambda: 1.0).delay(50) == Patience().longest_delay


def test_trouble_without_end_is_told_with_how_far_it_came_and_goes_on_from_there(
    fetcher: Fetcher, exchange: CandleExchange
) -> None:
    exchange.faults.extend([None, None, *[DROP] * 8])
    with pytest.raises(FetchFailed) as failed:
        fetcher.fetch(span(0, 39))

    said = str(failed.value)
    assert said.startswith("binance SOL/USDT 1m: gave up after 8 tries: ")
    assert "; 20 of 40 candles, up to 2024-08-01 00:20:00 UTC, are kept in " in said
    assert said.endswith("; run the same again to go on from there")
    assert len(fetcher.waits) == 7
    assert fetcher.minutes(span(0, 39)) == list(range(20))

    exchange.received.clear()
    fetcher.fetch(span(0, 39))
    assert exchange.asked_minutes() == [20, 30]
    assert fetcher.minutes(span(0, 39)) == list(range(40))


def test_nothing_at_all_is_told_as_that(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.faults.extend([DROP] * 8)
    with pytest.raises(FetchFailed, match=r"gave up after 8 tries: .*; nothing was fetched; run the same again later"):
        fetcher.fetch(span(0, 39))


def test_ban_is_not_sat_out(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.faults.append(Scripted('{"code": -1003, "msg": "Banned."}', 418, {"Retry-After": "7200"}))
    with pytest.raises(FetchFailed, match="asks to be left alone for 7200 s: Banned"):
        fetcher.fetch(span(0, 39))
    assert fetcher.waits == []
    assert len(exchange.received) == 1


def test_refusal_is_bad_input_and_not_tried_again(fetcher: Fetcher, exchange: CandleExchange) -> None:
    exchange.faults.append(Scripted('{"code": -1121, "msg": "Invalid symbol."}', 400))
    with pytest.raises(BadInput, match=r"x\.toml: binance SOL/USDT 1m: refused: Invalid symbol"):
        fetcher.fetch(span(0, 39))
    assert len(exchange.received) == 1


def test_interrupt_keeps_what_is_there_and_says_so(fetcher: Fetcher, exchange: CandleExchange) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    exchange.faults.extend([None, None, DROP])
    fetcher.on_wait = interrupt
    with pytest.raises(KeyboardInterrupt, match=r"SOL_USDT_1m\.csv \(20 more candles\)"):
        fetcher.fetch(span(0, 39))

    fetcher.fetch(span(0, 39))
    assert exchange.asked_minutes() == [0, 10, 20, 20, 30]
    assert fetcher.minutes(span(0, 39)) == list(range(40))


def test_waiting_is_logged_and_worth_a_warning_when_long(
    fetcher: Fetcher, exchange: CandleExchange, caplog: pytest.LogCaptureFixture
) -> None:
    exchange.faults.extend([DROP, Scripted("{}", 429, {"Retry-After": "60"})])
    with caplog.at_level(logging.INFO, "actors.candles.fetching"):
        fetcher.fetch(span(0, 9))
    assert [record.levelno for record in caplog.records] == [logging.INFO, logging.WARNING]
    assert caplog.messages[1].endswith("trying again in 60 s")


def test_progress_counts_candles_up_to_what_is_missing(fetcher: Fetcher, exchange: CandleExchange) -> None:
    fetcher.fetch(span(5, 9))
    exchange.holes = range(15, 18)
    fetcher.fetch(span(0, 24))
    assert fetcher.bars == [(5, [5]), (20, [5, 18, 20])]


def test_two_at_once_send_each_question_once(fetcher: Fetcher, exchange: CandleExchange) -> None:
    other = Fetcher(exchange, fetcher.folder)
    threads: list[threading.Thread] = []

    def join_in(question: int) -> None:
        if question == 1:
            threads.append(threading.Thread(target=other.fetch, args=(span(0, 39),)))
            threads[0].start()

    exchange.on_question = join_in
    fetcher.fetch(span(0, 29))
    threads[0].join(20)

    assert not threads[0].is_alive()
    assert exchange.asked_minutes() == [0, 10, 20, 30]
    assert other.minutes(span(0, 39)) == list(range(40))
