"""Warnings about candles that are odd and yet allowed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.candles import Candle, Candles
from engine.candles.checks import inspect
from engine.candles.lists import candles_from

MINUTE = 60_000
MIDNIGHT = 1_722_470_400_000


def at_minutes(*minutes: float) -> Candles:
    price = Decimal(10)
    return candles_from(Candle(MIDNIGHT + int(minute * MINUTE), price, price, price, price) for minute in minutes)


def shaped(*prices: tuple[str, str, str, str]) -> Candles:
    return candles_from(Candle(row * MINUTE, *map(Decimal, four)) for row, four in enumerate(prices))


@pytest.mark.parametrize(
    ("candles", "warnings"),
    [
        pytest.param(at_minutes(), [], id="none at all"),
        pytest.param(at_minutes(0), [], id="one"),
        pytest.param(at_minutes(0, 1, 2, 3), [], id="regular"),
        pytest.param(at_minutes(0, 1, 2, 4), ["1 gap, the longest 2 m from 2024-08-01 00:02:00 UTC"], id="a gap"),
        pytest.param(
            at_minutes(0, 1, 2, 3, 123, 124, 126),
            ["2 gaps, the longest 2 h from 2024-08-01 00:03:00 UTC"],
            id="gaps of different lengths",
        ),
        pytest.param(
            at_minutes(0, 5, 10, 15),
            ["candles are 5 m apart, trading_settings.timeframe says 1 m"],
            id="another timeframe",
        ),
        pytest.param(
            at_minutes(0, 5, 10, 15, 25),
            [
                "candles are 5 m apart, trading_settings.timeframe says 1 m",
                "1 gap, the longest 10 m from 2024-08-01 00:15:00 UTC",
            ],
            id="another timeframe with a gap",
        ),
        pytest.param(
            at_minutes(0, 1, 1.5, 2.5, 3.5),
            ["1 candle follows less than 1 m after the one before"],
            id="too close",
        ),
        pytest.param(
            at_minutes(0, 1, 2, 3, 3.25, 3.5),
            ["2 candles follow less than 1 m after the one before"],
            id="several too close",
        ),
    ],
)
def test_spacing_of_candles_is_compared_with_the_timeframe(candles: Candles, warnings: list[str]) -> None:
    assert inspect(candles, MINUTE) == warnings


@pytest.mark.parametrize(
    ("candles", "warnings"),
    [
        pytest.param(shaped(("10", "12", "9", "11"), ("9", "12", "9", "12")), [], id="inside and on the edge"),
        pytest.param(
            shaped(("10", "12", "9", "12.01"), ("10", "12", "9", "11")),
            ["1 candle opens or closes outside its high and low; the path visits them as written"],
            id="one outside",
        ),
        pytest.param(
            shaped(("13", "12", "9", "10"), ("8", "12", "9", "10"), ("10", "12", "9", "13"), ("10", "12", "9", "8")),
            ["4 candles open or close outside their high and low; the path visits them as written"],
            id="every way outside",
        ),
        pytest.param(
            shaped(("13", "12", "9", "8")),
            ["1 candle opens or closes outside its high and low; the path visits them as written"],
            id="both ends outside count once",
        ),
    ],
)
def test_open_or_close_outside_the_candle_is_counted(candles: Candles, warnings: list[str]) -> None:
    assert inspect(candles, MINUTE) == warnings
