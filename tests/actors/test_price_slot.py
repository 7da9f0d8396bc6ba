from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from actors.streams.price_slot import PriceSlot
from engine.feeds.price_sanity import can_be_price
from engine.messages import PricesSeen

D = Decimal


def test_slot_asks_to_be_looked_at_once_for_each_look() -> None:
    slot = PriceSlot(3)
    assert [slot.put(1, D(100)), slot.put(2, D(101))] == [True, False]
    assert slot.take() == PricesSeen(3, 2, D(100), D(101), D(101))
    assert slot.take() is None
    assert slot.put(3, D(99))
    assert slot.take() == PricesSeen(3, 3, D(99), D(99), D(99))


@given(st.lists(st.decimals(-5, 10, allow_nan=True, places=0), min_size=1))
def test_slot_keeps_the_newest_price_and_every_extreme_that_can_be_one(prices: list[Decimal]) -> None:
    slot = PriceSlot(1)
    for time, price in enumerate(prices):
        slot.put(time, price)
    seen = slot.take()
    assert seen is not None
    assert seen.time == len(prices) - 1
    assert str(seen.newest) == str(prices[-1])
    possible = [price for price in prices if can_be_price(price)]
    if possible:
        assert (seen.low, seen.high) == (min(possible), max(possible))
