"""Candles built of exact values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.candles import Candle
from engine.candles.lists import candles_from

ROWS = [
    Candle(0, Decimal("1.1"), Decimal("1.30000000000000000000001"), Decimal("0.9"), Decimal("1.2")),
    Candle(60_000, Decimal("1.2"), Decimal("1.2"), Decimal("1.2"), Decimal("1.2")),
]


def test_candles_from_exact_values_hold_them_and_their_floats() -> None:
    candles = candles_from(iter(ROWS))
    assert [candles.exact(index) for index in range(len(candles))] == ROWS
    assert candles.times.tolist() == [0, 60_000]
    assert candles.open.tolist() == [1.1, 1.2]
    assert candles.high.tolist() == [1.3, 1.2]
    assert candles.low.tolist() == [0.9, 1.2]
    assert candles.close.tolist() == [1.2, 1.2]


def test_no_candles_make_an_empty_run() -> None:
    assert len(candles_from([])) == 0


@pytest.mark.parametrize("rows", [ROWS[::-1], [ROWS[0], ROWS[0]]])
def test_times_that_do_not_rise_are_refused(rows: list[Candle]) -> None:
    with pytest.raises(ValueError, match="times of candles must rise"):
        candles_from(rows)
