from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.venue.intervals import DAY_MS, HOUR_MS, INTERVALS, MINUTE_MS, SECOND_MS
from engine.venue.market_data import Kline
from engine.venue.values import Refused
from engine.venue.venue import Venue
from tests.engine.venues import NOW, SOL, D, a_venue, place, request

LATER = NOW + 5 * MINUTE_MS


def a_walked_venue() -> Venue:
    """Open, and walk for five minutes with a trade now and then."""
    venue = a_venue()
    for step in range(100):
        venue.move(SOL, D(100) + D(step * step % 37 - 18) / 10, NOW + 3 * SECOND_MS * step)
        if step % 10 == 0:
            place(venue, request("BUY", 1), now=NOW + 3 * SECOND_MS * step)
    return venue


def sums(candles: tuple[Kline, ...]) -> tuple[Decimal | int, ...]:
    """Sum up candles that follow each other."""
    return (
        candles[0].open,
        max(it.high for it in candles),
        min(it.low for it in candles),
        candles[-1].close,
        sum(it.volume for it in candles),
        sum(it.quote_volume for it in candles),
        sum(it.trades for it in candles),
        sum(it.taker_buy_volume for it in candles),
        sum(it.taker_buy_quote_volume for it in candles),
    )


def ask(
    venue: Venue, interval: str, start: int | None = None, limit: int = 1000, now: int = LATER
) -> tuple[Kline, ...]:
    return venue.klines(SOL, interval, now=now, start=start, limit=limit)


# --- one path ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", INTERVALS)
def test_candles_follow_each_other_without_a_gap_up_to_the_live_price(interval: str) -> None:
    venue = a_walked_venue()
    candles = ask(venue, interval)
    for last, then in pairwise(candles):
        assert then.open_time == last.close_time + 1
        assert then.open == last.close
    assert candles[-1].close == venue.price(SOL)
    assert [it.is_closed for it in candles[-2:]] == [True, False]
    assert candles[-1].open_time <= LATER <= candles[-1].close_time
    for it in candles:
        assert 0 < it.low <= min(it.open, it.close) <= max(it.open, it.close) <= it.high
        assert it.low % D("0.01") == it.high % D("0.01") == it.open % D("0.01") == 0
        assert 0 <= it.taker_buy_volume <= it.volume
        assert 0 <= it.taker_buy_quote_volume <= it.quote_volume


@pytest.mark.parametrize(
    ("long", "short", "back"),
    [
        ("1m", "1s", 10 * MINUTE_MS),
        ("5m", "1m", HOUR_MS),
        ("1h", "15m", 2 * DAY_MS),
        ("1d", "2h", 30 * DAY_MS),
        ("1w", "1d", 60 * DAY_MS),
        ("1M", "1d", 100 * DAY_MS),
    ],
)
def test_a_candle_is_the_sum_of_its_shorter_ones(long: str, short: str, back: int) -> None:
    venue = a_walked_venue()
    for candle in ask(venue, long, start=LATER - back, limit=12):
        parts = tuple(it for it in ask(venue, short, start=candle.open_time) if it.open_time < candle.close_time)
        assert sums(parts) == sums((candle,))


def test_a_year_of_minutes_read_in_pages_is_the_same_as_read_at_any_place() -> None:
    venue, start = a_venue(), NOW - 100 * DAY_MS
    pages = [ask(venue, "1m", start=start + index * 700 * MINUTE_MS, limit=700, now=NOW) for index in range(10)]
    read = tuple(candle for page in pages for candle in page)
    assert [it.open_time for it in read] == list(
        range(read[0].open_time, read[0].open_time + 7000 * MINUTE_MS, MINUTE_MS)
    )
    fresh = a_venue()
    assert ask(fresh, "1m", start=read[3333].open_time, limit=1) == (read[3333],)
    assert ask(fresh, "1m", start=read[6000].open_time, limit=1000) == read[6000:]


def test_the_past_is_the_seeds() -> None:
    past = {seed: ask(a_venue(seed=seed), "1h", limit=100, now=NOW) for seed in (1, 2)}
    assert past[1] == ask(a_venue(seed=1), "1h", limit=100, now=NOW)
    assert past[1] != past[2]
    assert len({it.volume for it in past[1]}) > 90  # no day repeats another


def test_the_past_reaches_back_a_year_and_not_for_ever() -> None:
    venue = a_venue()
    candles = ask(venue, "1d", start=0, now=NOW)
    assert len(candles) == 401
    assert ask(venue, "1m", start=0, limit=1, now=NOW)[0].open_time == candles[0].open_time
    assert venue.klines(SOL, "1m", now=NOW, end=candles[0].open_time - 1) == ()


@settings(max_examples=25, deadline=None)
@given(
    price=st.sampled_from(["0.01", "0.5", "100", "99999.99"]), now=st.integers(0, 2 * NOW), seed=st.integers(-5, 2**40)
)
def test_any_opening_has_a_past_that_leads_up_to_it(price: str, now: int, seed: int) -> None:
    venue = a_venue(price, seed=seed, now=now)
    *past, live = venue.klines(SOL, "1m", now=now, limit=50)
    assert past[-1].close == live.open == live.close == D(price)
    assert all(it.low > 0 and it.volume > 0 for it in past)


# --- live --------------------------------------------------------------------------------------------


def test_a_live_candle_is_the_path_that_was_walked() -> None:
    venue = a_venue()
    minute = NOW - NOW % MINUTE_MS + MINUTE_MS
    for second, price in enumerate((101, 105, 97, 99)):
        venue.move(SOL, D(price), minute + second * 1000)
    (candle,) = venue.klines(SOL, "1m", now=minute + 5000, limit=1)
    assert [candle.open, candle.high, candle.low, candle.close] == [100, 105, 97, 99]
    assert candle.trades == 4
    assert candle.last_trade_id == candle.first_trade_id + 3
    seconds = venue.klines(SOL, "1s", now=minute + 5000, limit=6)
    assert [it.close for it in seconds] == [101, 105, 97, 99, 99, 99]
    assert [it.open for it in seconds] == [100, 101, 105, 97, 99, 99]


def test_a_minute_without_a_trade_stands_still() -> None:
    venue = a_venue()
    *_, still = venue.klines(SOL, "1m", now=NOW + 10 * MINUTE_MS, limit=3)
    assert [still.open, still.high, still.low, still.close, still.volume, still.trades] == [100, 100, 100, 100, 0, 0]
    assert still.first_trade_id == still.last_trade_id == -1


def test_an_accounts_trade_is_within_its_candle_and_adds_its_volume() -> None:
    venue = a_venue()
    minute = NOW - NOW % MINUTE_MS + MINUTE_MS
    (trade,) = place(venue, request("BUY", 2, 105), now=minute).trades
    (candle,) = venue.klines(SOL, "1m", now=minute, limit=1)
    assert (candle.high, candle.low, candle.close) == (trade.price, D(100), venue.price(SOL))
    assert (candle.volume, candle.taker_buy_volume, candle.quote_volume) == (D(2), D(2), 2 * trade.price)


# --- what is asked for -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "limit", "openings"),
    [
        (None, None, 3, [-2, -1, 0]),
        (None, -60, 2, [-61, -60]),
        (-10, None, 3, [-10, -9, -8]),
        (-10, -9, 500, [-10, -9]),
        (-1, None, 500, [-1, 0]),
        (1, None, 500, []),
        (None, 10, 1, [0]),
    ],
)
def test_a_window_is_cut_as_asked_for(start: int | None, end: int | None, limit: int, openings: list[int]) -> None:
    minute = NOW - NOW % MINUTE_MS
    candles = a_venue().klines(
        SOL,
        "1m",
        now=NOW,
        start=None if start is None else minute + start * MINUTE_MS,
        end=None if end is None else minute + end * MINUTE_MS,
        limit=limit,
    )
    assert [(it.open_time - minute) // MINUTE_MS for it in candles] == openings


def test_a_start_within_a_candle_gives_the_next_one() -> None:
    (candle,) = ask(a_venue(), "1h", start=NOW - 3 * HOUR_MS, limit=1)
    assert candle.open_time == NOW - NOW % HOUR_MS - 2 * HOUR_MS


@pytest.mark.parametrize(("interval", "opening"), [("1w", 1_794_787_200_000), ("1M", 1_793_491_200_000)])
def test_weeks_open_on_mondays_and_months_on_the_first(interval: str, opening: int) -> None:
    assert ask(a_venue(), interval, limit=1)[0].open_time == opening  # 2026-11-16, a Monday, and 2026-11-01


def test_an_interval_that_there_is_not_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        ask(a_venue(), "7m")
    assert (refused.value.code, refused.value.message) == (-1120, "Invalid interval.")


def test_seconds_of_long_ago_are_still_the_sum_of_their_minute() -> None:
    venue, start = a_venue(), NOW - NOW % MINUTE_MS + MINUTE_MS
    for second in range(0, 13 * 3600, 2):
        venue.move(SOL, D(100) + second % 7, start + second * 1000)
    now = start + 13 * HOUR_MS
    seconds = ask(venue, "1s", start=start, limit=60, now=now)
    assert sums(seconds) == sums(ask(venue, "1m", start=start, limit=1, now=now))
