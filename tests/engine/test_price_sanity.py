from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.feeds.price_sanity import Doubts, PriceSanity, can_be_price
from tests.engine.samples import D

NO_PRICES = ["0", "-1", "NaN", "sNaN", "Infinity", "-Infinity", "-0"]


def sanity_at(price: int) -> PriceSanity:
    sanity = PriceSanity(Doubts())
    assert sanity.accepts(0, D(price))
    return sanity


def verdicts(sanity: PriceSanity, *ticks: tuple[int, int | str]) -> list[bool]:
    """Tell (seconds, price) one after the other."""
    return [sanity.accepts(seconds * 1000, D(price)) for seconds, price in ticks]


@pytest.mark.parametrize("price", NO_PRICES)
def test_what_cannot_be_a_price_is_never_accepted(price: str) -> None:
    assert not PriceSanity(Doubts()).accepts(0, D(price))
    sanity = sanity_at(100)
    assert verdicts(sanity, *((second, price) for second in range(10))) == [False] * 10
    assert sanity.accepted == 100
    assert sanity.trouble is not None
    assert price in sanity.trouble


@pytest.mark.parametrize(("price", "is_accepted"), [(80, True), (79, False), (120, True), (121, False)])
def test_jump_of_more_than_a_fifth_is_not_believed_at_once(price: int, *, is_accepted: bool) -> None:
    sanity = sanity_at(100)
    assert sanity.is_near(D(price)) == is_accepted
    assert verdicts(sanity, (1, price)) == [is_accepted]
    assert sanity.accepted == (price if is_accepted else 100)
    assert (sanity.trouble is None) == is_accepted


def test_trouble_names_both_prices() -> None:
    sanity = sanity_at(100)
    sanity.accepts(0, D(50))
    assert (
        sanity.trouble
        == "the price jumped from 100 to 50, by more than 20 % at once: not acted on until it is confirmed"
    )


def test_jump_is_believed_though_a_clock_is_set_back_while_it_is_confirmed() -> None:
    sanity = sanity_at(100)
    hour = 3600
    assert verdicts(sanity, (hour, 50), (1, 50), (2, 50), (3, 50)) == [False, False, False, True]


def test_jump_is_believed_once_others_confirm_it_over_some_seconds() -> None:
    sanity = sanity_at(100)
    assert verdicts(sanity, (1, 50), (2, 51), (3, 49)) == [False, False, True]
    assert sanity.accepted == 49
    assert sanity.trouble is None


@pytest.mark.parametrize(
    "ticks",
    [
        [(1, 50), (1, 51), (1, 50), (2, 50), (2, 50)],  # many, but all within a second
        [(1, 50), (9, 50)],  # long, but only two
        [(1, 50), (2, 51), (3, 0), (4, 50), (5, 50)],  # interrupted by what is no price
        [(1, 50), (2, 50), (3, 20), (4, 20)],  # another jump
    ],
)
def test_jump_that_is_not_confirmed_is_not_believed(ticks: list[tuple[int, int | str]]) -> None:
    sanity = sanity_at(100)
    assert not any(verdicts(sanity, *ticks))
    assert sanity.accepted == 100


def test_return_to_normal_ends_the_doubt() -> None:
    sanity = sanity_at(100)
    assert verdicts(sanity, (1, 50), (2, 50), (3, 101), (4, 50), (5, 50)) == [False, False, True, False, False]
    assert sanity.accepted == 101


def test_crash_in_steps_is_followed() -> None:
    assert all(verdicts(sanity_at(100), (0, 85), (0, 70), (0, 60), (0, 50)))


@given(st.lists(st.tuples(st.integers(0, 3), st.decimals(-10, 1000, allow_nan=True, places=1))))
def test_what_is_accepted_is_a_price_and_no_unconfirmed_jump(ticks: list[tuple[int, Decimal]]) -> None:
    sanity, now = PriceSanity(Doubts()), 0
    refused_in_a_row = 0
    for seconds, price in ticks:
        now += seconds * 1000
        before = sanity.accepted
        if sanity.accepts(now, price):
            assert can_be_price(price)
            assert sanity.accepted == price
            assert before is None or abs(price - before) <= before / 5 or refused_in_a_row >= 2
            assert sanity.trouble is None
            refused_in_a_row = 0
        else:
            assert sanity.accepted == before
            assert sanity.trouble is not None
            refused_in_a_row += 1
