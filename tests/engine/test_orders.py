from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.orders import (
    LONGEST_CLIENT_ORDER_ID,
    TRANSITIONS,
    ImpossibleTransition,
    Order,
    OrderEvent,
    OrderState,
    OverFilled,
    client_order_id,
)
from engine.values import Side
from tests.engine.samples import BUY, SELL, D, wish

OPEN = (OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.PARTLY_FILLED)
LEADS_TO = {
    OrderEvent.PART_FILLED: OrderState.PARTLY_FILLED,
    OrderEvent.REST_FILLED: OrderState.FILLED,
    OrderEvent.ENDED: OrderState.ENDED,
    OrderEvent.REJECTED: OrderState.REJECTED,
}


def order(state: OrderState) -> Order:
    """Bring an order of 3 into a state by what happens to it."""
    one = Order("x", wish("1", BUY, 100, 3))
    if state is OrderState.PARTLY_FILLED:
        one.fill("1", D(1))
    if state is OrderState.FILLED:
        one.fill("1", D(3))
    if state in (OrderState.ACCEPTED, OrderState.ENDED):
        one.report(D(0), is_open=True)
    if state is OrderState.ENDED:
        one.end()
    if state is OrderState.REJECTED:
        one.reject()
    assert one.state is state
    return one


def happen(one: Order, event: OrderEvent) -> None:
    if event is OrderEvent.ENDED:
        one.end()
    elif event is OrderEvent.REJECTED:
        one.reject()
    elif event is OrderEvent.ACCEPTED:
        one.report(one.filled, is_open=True)
    else:
        rest = one.wish.quantity - one.filled
        one.fill("2", rest if event is OrderEvent.REST_FILLED else rest / 2)


def test_the_table_knows_every_state() -> None:
    assert set(TRANSITIONS) == set(OrderState)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (state, event)
        for state, event in product(OPEN, LEADS_TO)
        if {OrderEvent.REJECTED: OrderState.SUBMITTED}.get(event, state) is state
        and (state, event) != (OrderState.SUBMITTED, OrderEvent.ENDED)
    ],
)
def test_an_open_order_moves(state: OrderState, event: OrderEvent) -> None:
    one = order(state)
    happen(one, event)
    assert one.state is LEADS_TO[event]
    assert TRANSITIONS[state][event] is LEADS_TO[event]


def test_an_acceptance_moves_only_an_order_of_which_nothing_was_heard() -> None:
    expected = zip(OPEN, (OrderState.ACCEPTED, OrderState.ACCEPTED, OrderState.PARTLY_FILLED), strict=True)
    for before, after in expected:
        one = order(before)
        happen(one, OrderEvent.ACCEPTED)
        assert one.state is after


@pytest.mark.parametrize("state", [OrderState.ACCEPTED, OrderState.PARTLY_FILLED])
def test_an_order_that_the_exchange_has_shown_can_not_be_rejected(state: OrderState) -> None:
    with pytest.raises(ImpossibleTransition, match=f"x: rejected while {state}"):
        order(state).reject()


def test_an_order_is_over_when_it_is_final_and_every_reported_trade_was_told() -> None:
    one = order(OrderState.SUBMITTED)
    one.report(D(2), is_open=False)
    one.report(D(1), is_open=True)  # older news
    assert (one.lacks_trades, one.is_over) == (True, False)
    one.fill("a", D(2))
    assert (one.lacks_trades, one.is_over) == (False, True)


def test_an_order_that_is_done_can_not_end_again() -> None:
    for state in (OrderState.FILLED, OrderState.ENDED, OrderState.REJECTED):
        one = order(state)
        with pytest.raises(ImpossibleTransition, match=f"x: ended while {state}"):
            one.end()
        assert one.state is state


@pytest.mark.parametrize("quantity", [1, 3])
def test_an_ended_order_can_not_fill(quantity: int) -> None:
    one = order(OrderState.ENDED)
    with pytest.raises(ImpossibleTransition, match="while ended"):
        one.fill("2", D(quantity))
    assert (one.filled, one.trade_ids) == (D(0), [])


@pytest.mark.parametrize("state", [OrderState.SUBMITTED, OrderState.PARTLY_FILLED, OrderState.FILLED])
def test_an_order_filled_by_more_than_it_asked_for_raises_and_counts_nothing(state: OrderState) -> None:
    one = order(state)
    before = one.filled
    with pytest.raises(OverFilled, match="trade 2"):
        one.fill("2", D("3.00000001") - before)
    assert (one.filled, one.state, "2" in one.trade_ids) == (before, state, False)


def test_the_last_part_completes_the_order() -> None:
    one = order(OrderState.SUBMITTED)
    assert [one.fill("a", D(1)), one.fill("b", D("1.5")), one.fill("c", D("0.5"))] == [False, False, True]
    assert (one.filled, one.trade_ids, one.state) == (D(3), ["a", "b", "c"], OrderState.FILLED)


identities = st.tuples(
    st.from_regex(r"[0-9]{1,4}b?|grid", fullmatch=True),
    st.integers(0, 10**6),
    st.sampled_from(Side),
    st.integers(0, 99),
)


@settings(deadline=None, max_examples=100)
@given(one=identities, other=identities)
def test_client_order_ids_are_the_same_for_the_same_wish_only_and_short_enough(
    one: tuple[str, int, Side, int], other: tuple[str, int, Side, int]
) -> None:
    tag = "ga0123abcd"
    name = client_order_id(tag, *one)
    assert (name == client_order_id(tag, *other)) is (one == other)
    assert len(name) <= LONGEST_CLIENT_ORDER_ID == 36
    assert name.startswith(f"{tag}-")


def test_client_order_ids_never_change() -> None:
    """What a journal holds from an earlier version must be recognised."""
    assert client_order_id("ga0123abcd", "7b", 12, BUY, 0) == "ga0123abcd-7b-12b0"
    assert client_order_id("ga0123abcd", "7", 12, SELL, 1) == "ga0123abcd-7-12s1"


def test_all_ids_of_neighbouring_wishes_differ() -> None:
    slots, cycles, attempts = ("1", "1b", "11", "11b"), (0, 1, 10, 11), (0, 1, 10)
    wishes = list(product(slots, cycles, Side, attempts))
    assert len({client_order_id("t", *one) for one in wishes}) == len(wishes)


def test_a_client_order_id_that_is_too_long_is_refused() -> None:
    client_order_id("t" * 29, "1", 0, BUY, 0)
    with pytest.raises(ValueError, match="longer than 36"):
        client_order_id("t" * 31, "1", 0, BUY, 0)
