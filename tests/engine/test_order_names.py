from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.orders import LONGEST_CLIENT_ORDER_ID, client_order_id
from engine.recovery.order_names import OrderName, read_order_name
from engine.values import Side
from tests.engine.samples import BUY, SELL

PREFIX = "ga0123abcd"

names = st.builds(
    OrderName,
    st.text("0123456789abcdefghijklmnopqrstuvwxyz", max_size=8),
    st.one_of(st.just("grid"), st.integers(0, 999).map(str), st.integers(0, 999).map(lambda index: f"{index}b")),
    st.integers(0, 99_999),
    st.sampled_from(Side),
    st.integers(0, 999),
)


def written(name: OrderName) -> str:
    return client_order_id(PREFIX + name.run, name.slot, name.cycle, name.side, name.attempt)


@settings(deadline=None)
@given(name=names)
def test_every_name_that_is_written_is_read_back(name: OrderName) -> None:
    assert read_order_name(PREFIX, written(name)) == name


like_names = st.from_regex(r"ga0123abcd[0-9a-zA]{0,3}-(grid|[0-9]{1,3}b?)-[0-9]{1,3}[bs][0-9]{1,2}", fullmatch=True)


@settings(deadline=None)
@given(text=like_names)
def test_whatever_is_read_is_what_would_be_written(text: str) -> None:
    name = read_order_name(PREFIX, text)
    assert name is None or written(name) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ga0123abcd-7-0b0", OrderName("", "7", 0, BUY, 0)),
        ("ga0123abcdk3x-7b-12s3", OrderName("k3x", "7b", 12, SELL, 3)),
        ("ga0123abcdk3x-grid-2b0", OrderName("k3x", "grid", 2, BUY, 0)),
    ],
)
def test_name_says_whose_order_it_is(text: str, name: OrderName) -> None:
    assert read_order_name(PREFIX, text) == name
    assert name.level == (None if name.slot == "grid" else 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web_1234",
        "ga0123abce-7-0b0",  # another grid
        "GA0123ABCD-7-0b0",
        " ga0123abcd-7-0b0",
        "ga0123abcd-7-0b0 ",
        "ga0123abcd-7-0b0\n",
        "ga0123abcd-7-0b",
        "ga0123abcd-7-0x0",
        "ga0123abcd-7-0B0",
        "ga0123abcd-7-b0",
        "ga0123abcd-07-0b0",
        "ga0123abcd-7-00b0",
        "ga0123abcd-7-0b01",
        "ga0123abcd--0b0",
        "ga0123abcd-7c-0b0",
        "ga0123abcd-gridb-0b0",
        "ga0123abcd-7--1b0",
        "ga0123abcd-7-0b0-1",
        "ga0123abcdA-7-0b0",
        "ga0123abcd-\u0667-0b0",
        "ga0123abcd-7-0b" + "1" * LONGEST_CLIENT_ORDER_ID,
    ],
)
def test_name_that_no_grid_writes_is_not_read(text: str) -> None:
    assert read_order_name(PREFIX, text) is None
