from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.matching import Book
from engine.messages import SubmitOrder
from engine.values import Side
from tests.engine.samples import BUY, SELL, order

steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([BUY, SELL]), st.integers(1, 5)),  # a new order at a price
        st.integers(0, 20),  # cancel, of those that ever rested, this one
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=200)
@given(steps=steps)
def test_the_best_of_each_side_is_the_one_a_list_would_give(steps: list[tuple[Side, int] | int]) -> None:
    book, resting, names = Book(), list[SubmitOrder](), list[str]()
    for step in steps:
        if isinstance(step, tuple):
            side, price = step
            new = order(str(len(names)), side, price)
            names.append(new.client_order_id)
            resting.append(new)
            book.rest(new)
        elif names:
            name = names[step % len(names)]
            gone = [one for one in resting if one.client_order_id == name]
            resting = [one for one in resting if one.client_order_id != name]
            assert book.remove(name) == (gone[0] if gone else None)
        buys = [one for one in resting if one.side is BUY]
        sells = [one for one in resting if one.side is SELL]
        # Of those at the best price, max and min give the first, and lists keep the order of arrival.
        assert book.best_buy == max(buys, key=lambda one: one.price, default=None)
        assert book.best_sell == min(sells, key=lambda one: one.price, default=None)
        assert len(book) == len(resting)


def test_orders_at_one_price_are_taken_oldest_first() -> None:
    book = Book()
    for name in ("c", "a", "b"):
        book.rest(order(name, SELL, 100))
    taken = []
    while (best := book.best_sell) is not None:
        taken.append(best.client_order_id)
        book.remove(best.client_order_id)
    assert taken == ["c", "a", "b"]


def test_taking_out_what_does_not_rest_gives_none() -> None:
    book = Book()
    book.rest(order("a", BUY, 100))
    assert book.remove("b") is None
    assert book.remove("a") is not None
    assert book.remove("a") is None
    assert (book.best_buy, len(book)) == (None, 0)
