from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.addresses import GridAddresses
from engine.effects import Address
from engine.feeds.connection import Connect, FeedConnection
from engine.feeds.price_feed import QUIET, FetchPrice, PriceFeed
from engine.feeds.price_sanity import Doubts
from engine.messages import (
    DescribePrices,
    HeartbeatSeen,
    PriceFetched,
    PriceMoved,
    PriceNoted,
    PriceReached,
    PricesDescribed,
    PricesSeen,
    PricesUnwatched,
    RangeEntered,
    StreamEnded,
    StreamLeaving,
    StreamOpened,
    WatchPrices,
    WatchRange,
)
from tests.engine.samples import D, Number
from tests.engine.wires import FEED, STEADY, Wire, hangs, opens

LIVE = GridAddresses("SOL/USDT", feed_has_prices=True)
PAPER = GridAddresses("SOL/USDT")


def feed(addresses: GridAddresses = LIVE, unwatched: tuple[Address[PricesUnwatched], ...] = ()) -> PriceFeed:
    return PriceFeed(FeedConnection(STEADY, count(1), lambda: 0.0), addresses, Doubts(), unwatched)


def opened(addresses: GridAddresses = LIVE) -> Wire:
    """Give a feed whose first connection is up."""
    wire = Wire(feed(addresses), opens)
    wire.run(1)
    return wire


def seen(newest: Number, low: Number | None = None, high: Number | None = None, connection: int = 1) -> PricesSeen:
    return PricesSeen(
        connection, 1_000, D(newest if low is None else low), D(newest if high is None else high), D(newest)
    )


def described(wire: Wire) -> PricesDescribed:
    answer = wire.stepper.ask(FEED, DescribePrices())
    assert isinstance(answer, PricesDescribed)
    return answer


def points(told: list[Any]) -> list[Decimal]:
    return [message.price for message in told if isinstance(message, PriceMoved)]


def test_first_connection_is_made_at_the_start_and_the_last_price_asked_for_when_it_opens() -> None:
    wire = opened()
    assert wire.log == [(0.0, Connect(1)), (1.0, FetchPrice(1))]


def test_those_who_watch_are_told_at_the_start_that_they_have_to_ask() -> None:
    who: Address[PricesUnwatched] = Address("who")
    assert Wire(feed(LIVE, (who,))).told == [PricesUnwatched()]


# --- live ----------------------------------------------------------------------------------------------


def test_live_feed_watches_prices_itself() -> None:
    wire = opened()
    wire.tell(WatchRange(D(100), D(120)))
    wire.tell(WatchPrices(D(90), None))
    assert wire.tell(seen(99)) == []
    assert wire.tell(seen(101)) == [RangeEntered(1_000, D(101))]
    assert wire.tell(seen(89)) == [PriceReached(D(89))]


def test_extreme_touched_while_the_feed_was_busy_is_not_lost() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(WatchPrices(D(96), D(110)))
    assert wire.tell(seen(101, low=95, high=102)) == [PriceReached(D(95))]


def test_range_is_entered_only_by_the_newest_price() -> None:
    wire = opened()
    wire.tell(seen(99))
    wire.tell(WatchRange(D(100), D(101)))
    assert wire.tell(seen(99, low=98, high="100.5")) == []
    assert wire.tell(seen(100, low=100, high=105)) == [RangeEntered(1_000, D(100))]


# --- paper ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("look", "path"),
    [
        (seen(101), [101]),
        (seen(100), [100]),  # the time is new
        (seen(101, low=98, high=103), [98, 103, 101]),
        (seen(103, low=99, high=103), [99, 103]),
        (seen(101, low=0, high=103), [103, 101]),
        (seen(101, low=10, high=1000), [101]),
        (seen(0, low=0, high=103), [103]),  # what came before the halt counts
        (seen("NaN"), []),
        (seen(50), []),
        (seen(-1), []),
    ],
)
def test_paper_exchange_is_moved_along_the_path_by_what_is_believed(look: PricesSeen, path: list[int]) -> None:
    wire = opened(PAPER)
    assert points(wire.tell(seen(100))) == [100]
    assert points(wire.tell(look)) == path


def test_paper_exchange_is_who_watches() -> None:
    wire = opened(PAPER)
    for wish in (WatchPrices(D(90), None), WatchRange(D(1), D(2))):
        assert wire.tell(wish) == [wish]


def test_first_look_begins_the_path_at_the_newest_price() -> None:
    assert points(opened(PAPER).tell(seen(100, low=90, high=110))) == [100]


@given(st.lists(st.lists(st.integers(92, 108), min_size=1), min_size=1))
def test_path_reaches_as_far_as_the_ticks_did_however_they_were_bunched(bunches: list[list[int]]) -> None:
    wire, told = opened(PAPER), list[Any]()
    for bunch in bunches:
        told += wire.tell(seen(bunch[-1], low=min(bunch), high=max(bunch)))
    after_first = [price for bunch in bunches[1:] for price in bunch] + [bunches[0][-1]]
    assert min(points(told)) == min(after_first)
    assert max(points(told)) == max(after_first)
    assert points(told)[-1] == bunches[-1][-1]


@pytest.mark.parametrize("addresses", [LIVE, PAPER])
def test_reporter_is_told_every_point_of_the_path_and_nothing_else(addresses: GridAddresses) -> None:
    wire = opened(addresses)
    for look in (seen(100), seen(101, low=98, high=103), seen(0), seen(50)):
        wire.tell(look)
    assert wire.noted == [PriceNoted("SOL/USDT", 1_000, D(price)) for price in (100, 98, 103, 101)]


# --- doubts --------------------------------------------------------------------------------------------


def test_feed_is_frozen_at_an_absurd_price_says_so_and_thaws() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(WatchPrices(D(90), None))
    assert wire.tell(seen(1)) == []
    now = described(wire)
    assert now.price == 100
    assert now.trouble is not None
    assert "from 100 to 1" in now.trouble
    assert wire.tell(seen(99)) == []
    assert described(wire) == PricesDescribed(D(99), 1_000, None)


def test_threshold_set_while_the_feed_is_frozen_is_held_against_the_last_believed_price() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(seen(0))
    assert wire.tell(WatchPrices(D(90), None)) == []


def test_a_jump_after_which_the_market_stands_still_is_confirmed_by_asking() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(WatchPrices(D(90), None))
    asked = len(wire.times(FetchPrice))
    assert wire.tell(seen(70)) == []
    told: list[Any] = []
    for second in (2_000, 3_000):
        wire.run(1.001)
        told += wire.tell(PriceFetched(1, second, D(70)))
    assert len(wire.times(FetchPrice)) == asked + 2
    assert told == [PriceReached(D(70))]
    assert wire.numbers(Connect) == [1]  # it has missed nothing
    wire.run(8)
    assert len(wire.times(FetchPrice)) == asked + 2  # no doubt is left


def test_a_jump_that_the_exchange_takes_back_when_it_is_asked_is_forgotten() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(WatchPrices(D(90), None))
    wire.tell(seen(70))
    wire.run(1.001)
    assert wire.tell(PriceFetched(1, 2_000, D(100))) == []
    assert described(wire).trouble is None


# --- connections ---------------------------------------------------------------------------------------


def test_late_prices_of_a_lost_connection_are_ignored() -> None:
    wire = opened()
    wire.tell(StreamEnded(1, "dropped"))
    wire.run(7)
    assert wire.numbers(Connect) == [1, 2]
    wire.tell(WatchPrices(D(90), None))
    assert wire.tell(seen(80, connection=1)) == []
    assert described(wire).price is None
    assert wire.tell(seen(80, connection=2)) == [PriceReached(D(80))]


def test_both_connections_are_heard_while_one_replaces_the_other() -> None:
    wire = opened()
    wire.tell(StreamLeaving(1))
    wire.run(1)
    wire.tell(seen(100, connection=2))
    wire.tell(seen(101, connection=1))
    assert described(wire).price == 101
    wire.run(STEADY.overlap)
    wire.tell(seen(102, connection=1))
    assert described(wire).price == 101


def test_prices_are_a_sign_of_life() -> None:
    wire = opened()
    for _ in range(100):
        wire.run(1)
        wire.tell(seen(100))
    assert wire.numbers(Connect) == [1]


def test_description_says_that_a_connection_could_not_be_made() -> None:
    wire = Wire(feed(), hangs)
    assert described(wire) == PricesDescribed(None, None, None)  # it is being made
    wire.tell(StreamEnded(1, "refused"))
    assert described(wire) == PricesDescribed(None, None, "no connection: refused")


# --- asking beside the stream --------------------------------------------------------------------------


def quiet(wire: Wire) -> None:
    """Let the stream live without a trade until the exchange is asked."""
    asked = len(wire.times(FetchPrice))
    while len(wire.times(FetchPrice)) == asked:
        wire.run(1)
        wire.tell(HeartbeatSeen(wire.feed._connection.current))


def test_answer_at_the_opening_is_the_first_price() -> None:
    wire = opened()
    wire.tell(WatchRange(D(90), D(110)))
    assert wire.tell(PriceFetched(1, 5, D(100))) == [RangeEntered(5, D(100))]
    assert wire.numbers(Connect) == [1]


def test_a_question_at_the_opening_that_nobody_answers_is_put_again_at_longer_intervals_until_there_is_news() -> None:
    wire = opened()
    for _ in range(160):
        wire.run(1)
        wire.tell(HeartbeatSeen(1))
    assert wire.times(FetchPrice) == [1, 6, 16, 36, 76, 136]
    wire.tell(PriceFetched(1, 5, D(100)))
    assert described(wire).price == 100
    for _ in range(50):
        wire.run(1)
        wire.tell(HeartbeatSeen(1))
    assert len(wire.times(FetchPrice)) == 6


def test_answer_that_comes_after_the_stream_has_spoken_is_ignored() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(PriceFetched(1, 5, D(99)))
    assert described(wire).price == 100


def test_answer_for_a_connection_that_is_gone_is_ignored() -> None:
    wire = opened()
    wire.tell(StreamEnded(1, "dropped"))
    wire.tell(PriceFetched(1, 5, D(99)))
    assert described(wire).price is None


def test_stream_without_trades_is_checked_against_the_exchange_and_kept_when_it_is_right() -> None:
    wire = opened()
    wire.tell(seen(100))
    quiet(wire)
    assert wire.times(FetchPrice)[-1] >= QUIET
    wire.tell(PriceFetched(1, 5, D("100.00")))
    assert wire.numbers(Connect) == [1]


def test_stream_that_has_missed_a_trade_is_replaced_and_the_trade_counts() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(WatchPrices(D(95), None))
    quiet(wire)
    assert wire.tell(PriceFetched(1, 5, D(94))) == [PriceReached(D(94))]
    assert wire.numbers(Connect) == [1, 2]


def test_stream_that_told_what_was_not_believed_has_missed_nothing() -> None:
    wire = opened()
    wire.tell(seen(100))
    wire.tell(seen(50))
    quiet(wire)
    wire.tell(PriceFetched(1, 5, D(50)))
    assert wire.numbers(Connect) == [1]


@pytest.mark.parametrize("price", ["NaN", "sNaN", "0", "-1"])
def test_absurd_answer_changes_nothing(price: str) -> None:
    wire = opened()
    wire.tell(seen(100))
    quiet(wire)
    wire.tell(PriceFetched(1, 5, D(price)))
    assert wire.numbers(Connect) == [1]
    assert described(wire).price == 100


def test_busy_stream_is_not_checked() -> None:
    wire = opened()
    for _ in range(int(3 * QUIET)):
        wire.run(1)
        wire.tell(seen(100))
    assert wire.times(FetchPrice) == [1.0]


@given(*[st.decimals(allow_nan=True, allow_infinity=True)] * 3)
def test_no_number_breaks_the_feed(one: Decimal, two: Decimal, three: Decimal) -> None:
    wire = opened()
    wire.tell(seen(one, two, three))
    wire.tell(seen(two))
    wire.tell(StreamOpened(1))
    wire.tell(PriceFetched(1, 5, three))
    assert wire.numbers(Connect) == [1]


# --- signs of life -----------------------------------------------------------------------------------


def test_signs_of_life_are_counted() -> None:
    wire = Wire(feed(), opens)
    signs = [described(wire).signs]
    wire.run(1)
    for message in (StreamOpened(1), HeartbeatSeen(1), seen(100), seen(101), seen(102, connection=7), HeartbeatSeen(7)):
        wire.tell(message)
        signs.append(described(wire).signs)
    assert signs == [0, 1, 2, 3, 4, 4, 4]
