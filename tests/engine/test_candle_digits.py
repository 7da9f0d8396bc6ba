"""Reading many decimals at once gives what reading each by itself gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.candles.digits import find_fields, read_decimals, read_stamps

PLAIN = st.from_regex(r"[0-9]{1,9}(\.[0-9]{0,5})?|\.[0-9]{1,14}", fullmatch=True)
TWO = 2  # fields a row here


def column(texts: list[str], at: int = 1) -> list[float] | None:
    fields = find_fields([f"x,{text}" if at else f"{text},x" for text in texts], TWO)
    assert fields is not None
    numbers = read_decimals(fields, at)
    return None if numbers is None else numbers.tolist()


@settings(deadline=None)
@given(st.lists(PLAIN, min_size=1, max_size=20), st.sampled_from([0, 1]))
def test_plain_decimals_are_the_doubles_nearest_to_them(texts: list[str], at: int) -> None:
    assert column(texts, at) == [float(text) for text in texts]


@pytest.mark.parametrize("text", ["999999999999999", "99999999999.999", "0.0000000000001", "000000000000.10", "5."])
def test_longest_and_oddest_plain_decimals_are_exact(text: str) -> None:
    assert column([text, "1"]) == [float(text), 1.0]


@pytest.mark.parametrize(
    "text", ["", ".", "1.2.3", "-1", "+1", "1e5", " 1", "1 ", "nan", "1_0", "1:0", "1/0", "1234567890.123456"]
)
def test_anything_else_is_left_to_others(text: str) -> None:
    assert column(["1", text, "2"]) is None


@pytest.mark.parametrize("rows", [["1,2", "3"], ["1,2,3", "4"], ["1", "2"], ["1,2", ""], ["1,\n2"], ["1,é"]])
def test_rows_of_another_width_are_left_to_others(rows: list[str]) -> None:
    assert find_fields(rows, TWO) is None


def test_stamps_of_one_length_are_given_with_a_zero_behind() -> None:
    fields = find_fields(["12:30,1", "12:31,22"], TWO)
    assert fields is not None
    stamps = read_stamps(fields, 0, 5)
    assert stamps is not None
    assert stamps.tolist() == [b"12:30", b"12:31"]
    assert stamps.dtype.itemsize == 6


@pytest.mark.parametrize(("rows", "longest"), [(["12:30,1", "12:3,1"], 9), ([",1"], 9), (["12:30,1"], 4)])
def test_stamps_of_other_lengths_are_left_to_others(rows: list[str], longest: int) -> None:
    fields = find_fields(rows, TWO)
    assert fields is not None
    assert read_stamps(fields, 0, longest) is None
