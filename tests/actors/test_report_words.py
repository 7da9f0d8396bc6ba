from __future__ import annotations

from decimal import Decimal

import pytest

from actors.gateways import report_words as words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("46319", "46,319.00"),
        ("171.724", "171.72"),
        ("1.23456", "1.2346"),
        ("0.000012345", "0.000012345"),
    ],
)
def test_price_keeps_its_significant_digits(value: str, text: str) -> None:
    assert words.price(Decimal(value)) == text


@pytest.mark.parametrize(
    ("scale", "value", "text"),
    [
        ("10000", "1234567.891", "1,234,567.89 USDT"),
        ("10000", "-0.004", "\N{MINUS SIGN}0.0040 USDT"),
        ("10000", "0", "0.00 USDT"),
        ("0.5", "0.51234567", "0.512346 USDT"),
    ],
)
def test_money_has_the_decimals_that_its_account_needs(scale: str, value: str, text: str) -> None:
    assert words.Money("USDT", Decimal(scale)).full(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "text", "tone"),
    [("1.005", "+1.00 %", "gain"), ("-13.724", "\N{MINUS SIGN}13.72 %", "loss"), ("0", "0.00 %", "even")],
)
def test_return_shows_its_sign_in_text_and_colour(value: str, text: str, tone: str) -> None:
    assert words.percent_change(Decimal(value)) == text
    assert words.tone(Decimal(value)) == tone


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("29.10191234", "29.1019"),
        ("3", "3"),
        ("1500", "1,500"),
        ("1234567.8", "1,234,568"),
        ("0.00000001", "0.00000001"),
    ],
)
def test_quantity_is_written_without_trailing_zeros(value: str, text: str) -> None:
    assert words.amount(Decimal(value)) == text


@pytest.mark.parametrize(
    ("width", "text"),
    [(15_000, "15-second"), (60_000, "1-minute"), (21_600_000, "6-hour"), (7 * 86_400_000, "7-day")],
)
def test_length_of_time_is_named_in_its_largest_unit(width: int, text: str) -> None:
    assert words.stretch(width) == text


@pytest.mark.parametrize(("value", "text"), [("130", "130"), ("1E+3", "1,000"), ("0.50", "0.5")])
def test_price_of_a_setting_is_written_as_it_was_set(value: str, text: str) -> None:
    assert words.short_price(Decimal(value)) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 orders"), (1, "1 order"), (1234, "1,234 orders")])
def test_count_agrees_with_its_noun(number: int, text: str) -> None:
    assert words.count(number, "order") == text
