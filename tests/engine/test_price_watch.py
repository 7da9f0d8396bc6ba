from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feeds.price_watch import PriceWatch
from engine.messages import PriceReached, RangeEntered, WatchPrices, WatchRange
from tests.engine.samples import ADDRESSES, D, messages, told

prices = st.integers(1, 20).map(D)


def watching(below: int | None, above: int | None) -> PriceWatch:
    watch = PriceWatch(ADDRESSES)
    watch.watch_prices(WatchPrices(None if below is None else D(below), None if above is None else D(above)))
    return watch


@pytest.mark.parametrize(
    ("below", "above", "price", "is_told"),
    [
        (90, 110, 90, True),
        (90, 110, 89, True),
        (90, 110, 91, False),
        (90, 110, 109, False),
        (90, 110, 110, True),
        (90, 110, 111, True),
        (None, 110, 1, False),
        (90, None, 1000, False),
        (None, None, 1, False),
    ],
)
def test_price_at_or_beyond_a_threshold_is_told_to_the_risk_monitor(
    below: int | None, above: int | None, price: int, *, is_told: bool
) -> None:
    effects = watching(below, above).moved(1, D(price))
    assert messages(effects) == told(effects, ADDRESSES.risk_monitor) == [PriceReached(D(price))] * is_told


def test_threshold_is_told_once_for_each_wish() -> None:
    watch = watching(90, 110)
    assert messages(watch.moved(1, D(85))) == [PriceReached(D(85))]
    assert watch.moved(2, D(80)) == watch.moved(3, D(120)) == []
    assert messages(watch.watch_prices(WatchPrices(D(90), D(110)))) == [PriceReached(D(120))]


def test_threshold_that_the_price_is_beyond_already_is_told_at_once() -> None:
    watch = PriceWatch(ADDRESSES)
    watch.moved(1, D(85))
    assert messages(watch.watch_prices(WatchPrices(D(90), None))) == [PriceReached(D(85))]
    assert messages(watch.watch_prices(WatchPrices(D(80), None))) == []


def test_wishes_before_the_first_price_wait_for_it() -> None:
    watch = PriceWatch(ADDRESSES)
    assert watch.watch_prices(WatchPrices(D(90), None)) == watch.watch_range(WatchRange(D(80), D(100))) == []
    assert messages(watch.moved(7, D(85))) == [PriceReached(D(85)), RangeEntered(7, D(85))]


def test_price_that_was_only_passed_reaches_thresholds_and_enters_no_range() -> None:
    watch = watching(90, None)
    watch.watch_range(WatchRange(D(80), D(100)))
    assert messages(watch.passed(1, D(85))) == [PriceReached(D(85))]
    assert watch.moved(2, D(101)) == []
    assert messages(watch.moved(3, D(100))) == [RangeEntered(3, D(100))]


def test_range_that_the_price_is_in_already_is_told_at_once_and_once() -> None:
    watch = PriceWatch(ADDRESSES)
    watch.moved(5, D(100))
    effects = watch.watch_range(WatchRange(D(100), D(120)))
    assert messages(effects) == told(effects, ADDRESSES.grid_manager) == [RangeEntered(5, D(100))]
    assert watch.moved(6, D(110)) == []


def test_watching_nothing_takes_a_wish_back() -> None:
    watch = watching(90, 110)
    watch.watch_prices(WatchPrices(None, None))
    assert watch.moved(1, D(1)) == []


@given(st.lists(st.tuples(st.booleans(), prices)), prices, prices)
def test_threshold_is_told_at_the_first_point_beyond_it(
    points: list[tuple[bool, Decimal]], below: Decimal, above: Decimal
) -> None:
    watch = PriceWatch(ADDRESSES)
    watch.watch_prices(WatchPrices(below, above))
    effects = [
        effect for is_end, price in points for effect in (watch.moved(0, price) if is_end else watch.passed(0, price))
    ]
    beyond = [PriceReached(price) for _, price in points if price <= below or price >= above]
    assert messages(effects) == beyond[:1]
