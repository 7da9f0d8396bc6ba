"""What a grid stands on: prices, news of its orders, the exchange, the clocks, the database, the account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from engine.gateway.breaker import BreakerState
from engine.health.asked import AskedCheck
from engine.health.feeds import OrderStreamCheck, PricesCheck
from engine.health.findings import Finding
from engine.health.thresholds import WatchedGrid
from engine.health.trading import ClockCheck, DatabaseCheck, ExchangeCheck, ReconciliationCheck
from engine.messages.questions import JournalDescribed, OrderFeedDescribed, ReconciliationDescribed
from engine.messages.vitals import Level
from tests.engine.watched import NAME, gateway, prices, watched

OK, WARNING, CRITICAL, UNKNOWN = Level.OK, Level.WARNING, Level.CRITICAL, Level.UNKNOWN
Make = Callable[[WatchedGrid], AskedCheck[Any]]
PRICES, RECONCILIATION = partial(PricesCheck, began=0.0), partial(ReconciliationCheck, began=0.0)
LOST = "no connection: dropped"


def looks(make: Make, *answers: object, every: float = 20.0) -> list[Finding]:
    """Give what is found at each of several looks, at which the actor has answered this (None: not at all)."""
    check = make(watched())
    found = []
    for look, answer in enumerate(answers):
        check.asked(look * every)
        check.heard(look * every, answer)
        found.append(check.finding(look * every))
    return found


def judged(found: list[Finding]) -> list[tuple[Level, bool]]:
    return [(finding.level, finding.tells) for finding in found]


SHOWN, TOLD, WELL = (WARNING, False), (WARNING, True), (OK, True)


# --- prices ------------------------------------------------------------------------------------------


def test_prices_that_come_are_well() -> None:
    found = looks(PRICES, *(prices(signs) for signs in range(1, 9)))
    assert {finding.level for finding in found} == {OK}
    assert (found[-1].text, found[-1].grid) == ("132.45; the stream was heard just now", NAME)


def test_stream_without_a_sign_of_life_is_told_after_its_silence() -> None:
    found = looks(PRICES, prices(7), prices(7), prices(7), prices(7), prices(8))
    assert [finding.level for finding in found] == [OK, OK, OK, CRITICAL, OK]
    assert found[1].text == "132.45; the stream was heard 20 s ago"
    assert (found[3].text, found[3].number) == ("no sign of life from the price stream for 60 s", 60.0)


def test_silence_means_nothing_while_the_feed_itself_still_looks_for_life() -> None:
    check = PricesCheck(watched(feed_silence=2.0), 0.0)
    levels = []
    for now, signs in ((0.0, 1), (8.0, 1), (24.0, 1), (25.0, 1), (26.0, 2)):
        check.heard(now, prices(signs))
        levels.append(check.finding(now).level)
    assert levels == [OK, OK, OK, CRITICAL, OK]


def test_trouble_that_has_just_begun_is_not_as_old_as_the_last_sign() -> None:
    check = PricesCheck(watched(feed_silence=2.0), 0.0)
    told = []
    for now, trouble in ((0.0, None), (9.0, LOST), (10.0, LOST), (11.0, LOST)):
        check.heard(now, prices(1, trouble))
        told.append((check.finding(now).level, check.finding(now).tells))
    assert told == [WELL, SHOWN, SHOWN, (CRITICAL, True)]


def test_short_trouble_with_prices_is_shown_and_told_when_it_lasts() -> None:
    found = looks(PRICES, prices(1), *[prices(1, LOST)] * 4, prices(2))
    assert judged(found) == [WELL, SHOWN, SHOWN, (CRITICAL, True), (CRITICAL, True), WELL]
    assert found[3].text == f"{LOST}, for 60 s"


def test_doubt_about_prices_that_come_is_told_when_it_lasts() -> None:
    found = looks(PRICES, prices(1), *(prices(signs, "the price jumped") for signs in range(2, 6)))
    assert judged(found)[1:] == [SHOWN, SHOWN, SHOWN, (CRITICAL, True)]


def test_feed_that_was_restarted_counts_its_signs_anew() -> None:
    found = looks(PRICES, prices(500), prices(500), prices(2), prices(2), prices(2))
    assert {finding.level for finding in found} == {OK}


def test_price_that_never_came_is_unknown() -> None:
    (found,) = looks(PRICES, prices(1, price=None))
    assert (found.level, found.text) == (UNKNOWN, "no price yet")


def test_actor_that_does_not_answer_is_judged_by_its_last_answer_for_a_while() -> None:
    found = looks(PRICES, prices(1), None, None, None, None, prices(2))
    assert [finding.level for finding in found] == [OK, OK, OK, CRITICAL, CRITICAL, OK]
    assert found[4].text == f"{NAME}/price_feed has not answered for 60 s"


def test_actor_that_has_never_answered_is_unknown_at_first() -> None:
    found = looks(DatabaseCheck, None, None, None, None)
    assert [finding.level for finding in found] == [UNKNOWN, UNKNOWN, UNKNOWN, CRITICAL]
    assert found[0].text == f"{NAME}/journal has not answered yet"


# --- news of orders ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (OrderFeedDescribed(None, is_streamed=True), "connected; orders are asked for every 15 s too"),
        (OrderFeedDescribed(None, is_streamed=False), "orders are asked for every 15 s; there is no stream"),
    ],
)
def test_order_stream_may_be_silent_for_ever(described: OrderFeedDescribed, text: str) -> None:
    found = looks(OrderStreamCheck, *[described] * 10)
    assert (found[-1].level, found[-1].text) == (OK, text)


def test_lost_order_stream_is_told_when_it_lasts() -> None:
    well, lost = OrderFeedDescribed(None, is_streamed=True), OrderFeedDescribed(LOST, is_streamed=True)
    found = looks(OrderStreamCheck, well, lost, lost, lost, lost, well)
    assert judged(found) == [WELL, SHOWN, SHOWN, SHOWN, TOLD, WELL]
    assert found[4].text == f"{LOST}, for 60 s; orders are asked for every 15 s"


# --- the exchange ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "first", "later", "text"),
    [
        ({}, WELL, WELL, "it answers; 0 calls waiting or under way"),
        ({"pending": 2, "put_off": 1, "in_flight": 1}, WELL, WELL, "it answers; 4 calls waiting or under way"),
        (
            {"breaker": BreakerState.OPEN, "trouble": "no route"},
            (CRITICAL, True),
            (CRITICAL, True),
            "calls are held back after too many failures in a row: no route; 0 calls waiting or under way",
        ),
        ({"breaker": BreakerState.HALF_OPEN}, (CRITICAL, True), (CRITICAL, True), "it has not answered"),
        ({"paused": True, "trouble": "429"}, SHOWN, TOLD, "the exchange wants to be left alone, for 60 s: 429"),
        ({"trouble": "timed out"}, SHOWN, TOLD, "the last call found no answer: timed out"),
        ({"unresolved": 2}, SHOWN, TOLD, "nobody knows of 2 orders whether it arrived"),
    ],
)
def test_exchange_is_judged_by_its_gateway(
    state: Any, first: tuple[Level, bool], later: tuple[Level, bool], text: str
) -> None:
    found = looks(ExchangeCheck, *[gateway(**state)] * 4)
    assert (judged(found)[0], judged(found)[-1]) == (first, later)
    assert text in found[-1].text


# --- the database ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("described", "judgement", "text"),
    [
        (JournalDescribed(0, 0), WELL, "everything is written down"),
        (JournalDescribed(0, 1), WELL, "1 batch to be written at once"),
        (JournalDescribed(2, 2), SHOWN, "writing has failed 2 times in a row, for 20 s; no order is placed"),
        (JournalDescribed(3, 2), (CRITICAL, True), "writing has failed 3 times in a row, for 20 s; no order is placed"),
    ],
)
def test_database_is_judged_by_its_journal(
    described: JournalDescribed, judgement: tuple[Level, bool], text: str
) -> None:
    found = looks(DatabaseCheck, described, described)[-1]
    assert ((found.level, found.tells), found.text, found.number) == (judgement, text, described.unwritten)


# --- the account -------------------------------------------------------------------------------------


def compared(times: int, *differences: str) -> ReconciliationDescribed:
    return ReconciliationDescribed(times, differences)


def test_reconciliation_tells_how_long_ago_it_was() -> None:
    found = looks(RECONCILIATION, compared(0), compared(1), compared(1), compared(2), every=100.0)
    assert [finding.level for finding in found] == [OK, OK, OK, OK]
    assert [finding.number for finding in found] == [0, 0, 100, 0]
    assert found[2].text == "compared 100 s ago: the account has what the grid holds"


def test_reconciliation_that_does_not_come_is_told() -> None:
    found = looks(RECONCILIATION, *[compared(1)] * 11, compared(2), every=100.0)
    assert [finding.level for finding in found].index(WARNING) == 10
    assert found[10].text == "not compared for 17 min, which should be done every 5 min"
    assert found[11].level is OK


def test_reconciliation_that_was_never_done_is_told() -> None:
    found = looks(RECONCILIATION, *[compared(0)] * 11, every=100.0)
    assert [finding.level for finding in found] == [OK] * 10 + [WARNING]


def test_reconciler_that_was_restarted_has_not_compared_yet() -> None:
    found = looks(RECONCILIATION, *[compared(9)] * 5, *[compared(0)] * 6, every=100.0)
    assert (found[-1].level, found[-1].number) == (WARNING, 1_000)


def test_open_differences_are_shown_and_were_told_when_they_were_found() -> None:
    found = looks(RECONCILIATION, compared(1, "the account has 1 SOL less than the grid holds"))
    assert judged(found) == [SHOWN]
    assert found[0].text == "compared 0 s ago: the account has 1 SOL less than the grid holds"


# --- the clocks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "level", "text"),
    [
        ([], UNKNOWN, "not compared yet"),
        ([None], UNKNOWN, "the exchange did not tell its time"),
        ([12], OK, "the exchange's clock is 12 ms ahead, compared 40 s ago"),
        ([-999], OK, "the exchange's clock is 999 ms behind, compared 40 s ago"),
        ([1_000], WARNING, "the exchange's clock is 1,000 ms ahead, compared 40 s ago; allowed are 1000 ms"),
        ([-1_500], WARNING, "the exchange's clock is 1,500 ms behind, compared 40 s ago; allowed are 1000 ms"),
        ([12, None], OK, "the exchange's clock is 12 ms ahead, compared 40 s ago and not to be had since"),
        ([None, 5], OK, "the exchange's clock is 5 ms ahead, compared 30 s ago"),
    ],
)
def test_clocks_are_judged_by_how_far_they_are_apart(told: list[int | None], level: Level, text: str) -> None:
    clock = ClockCheck(watched())
    for times, ahead in enumerate(told):
        clock.compared(60.0 + 10.0 * times, ahead)
    found = clock.finding(100.0)
    assert (found.level, found.text, found.grid) == (level, text, NAME)
