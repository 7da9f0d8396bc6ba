from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages import PlaceOrder
from engine.values import Market
from engine.waiting import WaitingWishes
from tests.engine.samples import BUY, MARKET, SELL, D, wish


def needing(one: PlaceOrder) -> Decimal:
    return one.price * one.quantity if one.side is BUY else one.quantity


def waiting(*wishes: PlaceOrder, market: Market = MARKET) -> WaitingWishes:
    keep = WaitingWishes(market)
    for one in wishes:
        keep.add(one, needing(one))
    return keep


def slots(keep: WaitingWishes, price: int) -> list[str]:
    return [one.owner.slot for one, _ in keep.nearest_first(D(price))]


def test_the_nearest_comes_first_then_the_lower_level_then_the_buyer() -> None:
    keep = waiting(wish("4", SELL, 130, 1), wish("2b", SELL, 120, 1), wish("0", BUY, 100, 1), wish("2", BUY, 120, 1))
    assert slots(keep, 110) == ["0", "2", "2b", "4"]
    assert slots(keep, 125) == ["2", "2b", "4", "0"]


def test_two_wishes_of_a_hedged_interval_at_one_price_are_served_alike_in_whatever_order_they_came() -> None:
    one, other = wish("2", BUY, 120, 1), wish("2b", BUY, 120, 2)
    assert slots(waiting(one, other), 110) == slots(waiting(other, one), 110)


def test_what_the_market_would_refuse_waits_and_is_never_served() -> None:
    keep = waiting(wish("1", BUY, 100, 1), market=Market("SOL", "USDT", min_cost=D(101)))
    assert len(keep) == 1
    assert [one.owner.slot for one in keep.all()] == ["1"]
    assert not keep.any_within(D(10**9), D(10**9))
    assert slots(keep, 100) == []


def test_a_wish_that_was_funded_is_forgotten() -> None:
    one = wish("1", BUY, 100, 1)
    keep = waiting(one, wish("2", BUY, 110, 1))
    keep.remove(one)
    assert (len(keep), slots(keep, 100)) == (1, ["2"])
    assert keep.any_within(D(110), D(0))
    assert not keep.any_within(D(109), D(10**9))


def test_a_slots_earlier_wish_is_not_taken_for_its_dearer_successor() -> None:
    cheap, dear = wish("1", BUY, 100, 1), wish("1", BUY, 100, 9)
    keep = waiting(cheap)
    keep.remove(cheap)
    keep.add(dear, needing(dear))
    assert not keep.any_within(D(899), D(0))
    assert keep.any_within(D(900), D(0))


@settings(deadline=None, max_examples=100)
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([BUY, SELL]), st.integers(1, 9), st.integers(1, 9)), max_size=30
    ),
    quote=st.integers(0, 60),
    base=st.integers(0, 9),
)
def test_the_cheapest_of_each_side_is_known_after_any_coming_and_going(
    steps: list[tuple[int, object, int, int]], quote: int, base: int
) -> None:
    keep = WaitingWishes(MARKET)
    model: dict[int, PlaceOrder] = {}
    for slot, side, price, quantity in steps:
        if slot in model:
            keep.remove(model.pop(slot))
        else:
            model[slot] = wish(str(slot), BUY if side is BUY else SELL, price, quantity)
            keep.add(model[slot], needing(model[slot]))
        affordable = any(needing(one) <= (quote if one.side is BUY else base) for one in model.values())
        assert keep.any_within(D(quote), D(base)) is affordable
        assert len(keep) == len(model)
        assert {one.owner.slot: need for one, need in keep.nearest_first(D(5))} == {
            str(number): needing(one) for number, one in model.items()
        }
