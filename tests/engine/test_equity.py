from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from statistics import mean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.equity import EquityCurve
from engine.values import ZERO
from tests.engine.samples import MINUTE, D, Number, candles, decimals

YEAR = 365 * 24 * 60


def curve(
    closes: Sequence[Number],
    trades: Sequence[tuple[int, Number, Number]] = (),
    quote: Number = 1000,
    base: Number = 0,
) -> EquityCurve:
    """Make a curve of closes and of trades as (candle, quote afterwards, base afterwards)."""
    quotes, bases = [D(quote)], [D(base)]
    for _, quote_after, base_after in trades:
        quotes.append(D(quote_after))
        bases.append(D(base_after))
    return EquityCurve(candles(*closes), [at * MINUTE for at, _, _ in trades], quotes, bases)


def holding(*closes: Number) -> EquityCurve:
    """Hold one base from the first candle on, bought at 100 of 100 quote: equity is the close."""
    return curve(closes, [(0, 0, 1)], quote=100)


def points(of: EquityCurve) -> list[Decimal]:
    return [of.exact(point) for point in range(len(of.values) + 1)]


def test_equity_is_quote_and_base_at_every_close_after_the_trades_of_its_candle() -> None:
    of = curve([100, 110, 120, 90], [(1, 780, 2), (1, 560, 4), (3, 920, 0)])
    assert points(of) == [1000, 1000, 1000, 1040, 920]
    assert of.values.tolist() == [1000.0, 1000.0, 1040.0, 920.0]
    assert of.final == 920


def test_trade_within_a_candle_counts_by_its_close_and_one_that_was_caught_up_late_where_it_was_booked() -> None:
    times = [MINUTE - 1, 2 * MINUTE + 30_000, MINUTE + 5, 9 * MINUTE]
    quotes, bases = decimals(1000, 900, 800, 700, 600), decimals(0, 1, 2, 3, 4)
    of = EquityCurve(candles(100, 100, 100, 90), times, quotes, bases)
    assert tuple(points(of)) == decimals(1000, 1000, 1000, 1000, 960)
    assert EquityCurve(candles(100, 90), [-5], quotes[:2], bases[:2]).final == 990


def test_base_held_at_the_start_counts_at_the_first_close() -> None:
    of = curve([100, 110], base=2)
    assert (of.initial, of.final) == decimals(1200, 1220)


@pytest.mark.parametrize(
    ("closes", "drawdown", "runup"),
    [
        ((100, 150, 75, 90), D("0.5"), D("0.5")),
        ((50, 100), D("0.5"), D(1)),  # the start counts as a point
        ((100, 110, 121), D(0), D("0.21")),
        ((90, 80), D("0.2"), D(0)),
        ((100, 100), D(0), D(0)),
        ((200, 100, 300, 160), D("0.5"), D(2)),  # the deepest is not the last, the highest not from the start
        ((80, 200, 150), D("0.25"), D("1.5")),
    ],
)
def test_drawdown_and_runup_are_shares_of_peak_and_trough(
    closes: tuple[int, ...], drawdown: Decimal, runup: Decimal
) -> None:
    assert (holding(*closes).max_drawdown(), holding(*closes).max_runup()) == (drawdown, runup)


amounts = st.decimals("0.01", 1000, places=8)


@settings(deadline=None, max_examples=120)
@given(closes=st.lists(amounts, min_size=1, max_size=12), quote=amounts, base=amounts)
def test_drawdown_and_runup_are_exact(closes: list[Decimal], quote: Decimal, base: Decimal) -> None:
    of = curve(closes, [(0, quote, base)])
    series = [D(1000), *(quote + base * close for close in closes)]
    falls = [(max(series[: n + 1]) - value) / max(series[: n + 1]) for n, value in enumerate(series)]
    rises = [value / min(series[: n + 1]) - 1 for n, value in enumerate(series)]
    assert abs(of.max_drawdown() - max(falls)) < D("1e-14")
    assert abs(of.max_runup() - max(rises)) <= max(rises) * D("1e-14")


# --- time in profit and loss ---------------------------------------------------------------------------


def test_a_close_with_exactly_what_there_was_is_neither_profit_nor_loss() -> None:
    assert holding(100, 101, 99, 100).shares_above_and_below_start() == (D("0.25"), D("0.25"))
    # 600.3 + 3.3 · 0.3 and the like, where doubles say more or less.
    of = curve(["121.1", "121.10000001", "121.09999999"], [(0, "600.37", "3.3")], quote="1000.00")
    assert of.exact(1) == D("1000.00")
    assert of.shares_above_and_below_start() == (D(1) / 3, D(1) / 3)


@settings(deadline=None, max_examples=120)
@given(
    price=st.decimals("0.01", 500, places=2),
    quantity=st.decimals("0.00000001", 10, places=8),
    closes=st.lists(st.integers(-1, 1), min_size=1, max_size=6),
)
def test_a_satoshi_decides_between_profit_and_loss(price: Decimal, quantity: Decimal, closes: list[int]) -> None:
    satoshi = D("1e-8")
    of = curve([price + move * satoshi for move in closes], [(0, 10_000 - price * quantity, quantity)], quote=10_000)
    above, below = of.shares_above_and_below_start()
    assert above == D(closes.count(1)) / len(closes)
    assert below == D(closes.count(-1)) / len(closes)


@pytest.mark.parametrize(
    ("left", "shares"),
    [("999.99999999", (0, 1)), ("999.99999999999999999999", (0, 1)), (1000, (0, 0)), ("1000.00000001", (1, 0))],
)
def test_with_nothing_held_the_quote_decides(left: Number, shares: tuple[int, int]) -> None:
    assert curve([100, 7], [(0, left, 0)]).shares_above_and_below_start() == decimals(*shares)


# --- ratios --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("period", "minutes"), [(MINUTE, 1), (60 * MINUTE, 60)])
def test_ratios_come_from_the_returns_of_every_candle_annualised(period: int, minutes: int) -> None:
    sharpe, sortino = holding(100, 110, 99, 120).sharpe_and_sortino(period)
    periods = YEAR / minutes
    excess = [after / before - 1 - 0.03 / periods for before, after in [(100, 100), (100, 110), (110, 99), (99, 120)]]
    downside = math.sqrt(mean(min(value, 0.0) ** 2 for value in excess))  # over all periods, good ones as 0
    assert sharpe == pytest.approx(mean(excess) / stdev(excess) * math.sqrt(periods))
    assert sortino == pytest.approx(mean(excess) / downside * math.sqrt(periods))


def test_without_deviation_there_is_no_sharpe() -> None:
    sharpe, sortino = curve([100, 130, 90]).sharpe_and_sortino(MINUTE)
    assert sharpe is None
    assert sortino == pytest.approx(-math.sqrt(YEAR))  # every period falls short of the risk-free rate alike


def test_one_candle_has_no_sharpe() -> None:
    assert holding(150).sharpe_and_sortino(MINUTE)[0] is None


def test_without_a_period_below_the_risk_free_rate_there_is_no_sortino() -> None:
    sharpe, sortino = holding(101, 103).sharpe_and_sortino(MINUTE)
    assert sharpe is not None
    assert sortino is None


def test_a_value_that_never_changes_has_no_sharpe_whatever_it_is_made_of() -> None:
    """Cost-free holdings at a price that stands still: the sum of doubles must not be taken for a return."""
    price, quantity = D("134.8"), D("3.70919881")
    of = curve([price] * 5, [(0, 1000 - price * quantity, quantity)])
    assert points(of) == [1000] * 6
    assert of.sharpe_and_sortino(MINUTE)[0] is None


def test_a_curve_without_trades_is_flat() -> None:
    of = curve([100, 200])
    assert (of.max_drawdown(), of.max_runup(), of.final) == decimals(0, 0, 1000)
    assert of.shares_above_and_below_start() == (ZERO, ZERO)
