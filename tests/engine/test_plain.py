from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.plain import moment, plain, rounded
from tests.engine.samples import D


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1E+3", "1000"),
        ("1500.00", "1500"),
        ("1e-8", "0.00000001"),
        ("0E-8", "0"),
        ("-0.00", "0"),
        ("-0", "0"),
        ("0.10", "0.1"),
        ("-12.340", "-12.34"),
        ("100", "100"),
        ("1E+28", "1" + "0" * 28),
    ],
)
def test_a_decimal_is_written_without_exponent_or_trailing_zeros(amount: str, text: str) -> None:
    assert plain(D(amount)) == text


@settings(deadline=None, max_examples=100)
@given(amount=st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9))
def test_what_is_written_reads_back_as_the_same_number(amount: Decimal) -> None:
    text = plain(amount)
    assert D(text) == amount
    assert "E" not in text
    assert not (text.endswith("0") and "." in text)


@pytest.mark.parametrize(
    ("amount", "places", "text"),
    [
        ("10234.5", 2, "10,234.50"),
        ("1234567.125", 2, "1,234,567.12"),
        ("999.995", 2, "1,000.00"),
        ("3", 4, "3.0000"),
        ("-12.345", 2, "-12.34"),
        ("0", 2, "0.00"),
        ("0.12345", 2, "0.12"),
        ("0.012345", 2, "0.0123"),
        ("0.0012345", 2, "0.00123"),
        ("-0.0012345", 2, "-0.00123"),
        ("0.0012", 2, "0.0012"),
    ],
)
def test_a_rounded_decimal_has_separators_and_fixed_places_unless_it_is_small(
    amount: str, places: int, text: str
) -> None:
    assert rounded(D(amount), places) == text


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_722_470_400_000, "2024-08-01T00:00:00Z"),
        (1_722_470_400_007, "2024-08-01T00:00:00.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_time_is_written_in_utc(time: int, text: str) -> None:
    assert moment(time) == text
