from __future__ import annotations

import math
from decimal import Decimal
from statistics import mean, stdev

import pytest
from attrs import evolve

from engine.candles import Candles
from engine.candles.recorder import CandleRecorder
from engine.grid import make_plan
from engine.grid_setup import grid_rules
from engine.messages import FundsDescribed, PlaceOrder, TradeBooked
from engine.performance import BooksDisagree, summarise
from engine.reporter import GridHistory
from engine.results import GridRun, OtherFees
from engine.settings.choices import TradingMode
from engine.values import ZERO
from tests.engine.configurations import load
from tests.engine.samples import BUY, MINUTE, SELL, D, Number, candles, decimals, market_wish, trade, wish

SETTINGS = load(("trading_settings.timeframe", "1m"), ("trading_settings.initial_balance", D(600)))
RULES = grid_rules(SETTINGS)
PLAN = make_plan(RULES, D(150), D(600), ZERO)
PURCHASE = trade(market_wish(BUY, 150, 2), "1")


def funds(quote: Number, base: Number, reserved: Number = 0, waiting: tuple[PlaceOrder, ...] = ()) -> FundsDescribed:
    return FundsDescribed(D(quote) - D(reserved), D(base), D(reserved), ZERO, waiting)


def summary(
    series: Candles,
    trades: tuple[TradeBooked, ...],
    of: FundsDescribed,
    *,
    stop_reason: str | None = None,
    open_orders: int = 0,
) -> GridRun:
    history = GridHistory(PLAN, 0, stop_reason, trades)
    return summarise("SOL/USDT", SETTINGS, RULES, series, history, of, open_orders)


def test_figures_of_a_purchase_that_is_held_by_hand() -> None:
    """Hold 2 base beside 300 quote at 150, 180, 120, 150."""
    waits = (wish("3", SELL, 200, 5),)
    run = summary(candles(150, 180, 120, 150), (PURCHASE,), funds(300, 2, 130, waits), open_orders=3)
    result = run.result
    assert run.equity.tolist() == [600.0, 660.0, 540.0, 600.0]
    assert (result.pair, result.mode, result.start, result.end, result.candles) == (
        "SOL/USDT", "backtest", 0, 3 * MINUTE, 4,
    )  # fmt: skip
    assert (result.initial_value, result.final_value, result.final_quote, result.final_base) == decimals(
        600, 600, 300, 2
    )
    assert (result.roi_percent, result.buy_and_hold_percent) == decimals(0, 0)
    assert (result.grid_profit, result.unrealized_profit, result.total_fees) == decimals(0, 0, 0)
    assert result.max_drawdown_percent == D("18.18181818")  # 120 of 660
    assert result.max_runup_percent == D("11.11111111")  # 60 of 540
    assert (result.time_in_profit_percent, result.time_in_loss_percent) == decimals(25, 25)
    assert (result.buys, result.sells, result.cycles) == (1, 0, 0)
    assert (result.open_orders, result.waiting_levels, result.armed, result.stop_reason) == (3, 1, True, None)
    returns, periods = [0, 60 / 600, -120 / 660, 60 / 540], 365 * 24 * 60
    excess = [value - 0.03 / periods for value in returns]
    downside = math.sqrt(mean(min(value, 0) ** 2 for value in excess))
    assert float(result.sharpe or 0) == pytest.approx(mean(excess) / stdev(returns) * math.sqrt(periods))
    assert float(result.sortino or 0) == pytest.approx(mean(excess) / downside * math.sqrt(periods))


def test_figures_after_a_cycle_and_a_liquidation_by_hand() -> None:
    trades = (
        PURCHASE,
        trade(wish("1", BUY, "147.5", 2), "2", time=MINUTE, fee=D("0.3")),
        trade(wish("1", SELL, 165, 2), "3", time=2 * MINUTE, fee=D("0.33")),
        trade(market_wish(SELL, 200, 2, cycle=1), "4", time=3 * MINUTE, price=199, fee=D("0.4")),
    )
    quote = D(300) - D("295.3") + D("329.67") + D("397.6")
    result = summary(candles(150, 148, 170, 200, 90), trades, funds(quote, 0), stop_reason="take_profit").result
    assert (result.final_quote, result.final_base, result.final_value) == (quote, ZERO, quote)
    assert result.total_fees == D("1.03")
    assert result.grid_profit == D("329.67") - D("295.3")
    assert result.unrealized_profit == 0
    assert (result.buys, result.sells, result.cycles, result.stop_reason) == (2, 2, 1, "take_profit")
    assert result.roi_percent == ((quote / 600 - 1) * 100).quantize(D("1e-8"))
    assert result.buy_and_hold_percent == -40
    assert result.trades == trades


def test_a_live_run_is_summed_up_from_what_was_recorded() -> None:
    recorder = CandleRecorder(MINUTE)
    for time, price in ((10, 150), (MINUTE + 20, 148), (MINUTE + 40, 170), (3 * MINUTE + 5, 160)):
        recorder.price(time, D(price))
    series = recorder.candles()
    assert series is not None
    live = evolve(SETTINGS, exchange=evolve(SETTINGS.exchange, trading_mode=TradingMode.PAPER_TRADING))
    buy, sell = wish("1", BUY, "147.5", 2), wish("1", SELL, 165, 2)
    trades = (
        trade(market_wish(BUY, 150, 2), "1", time=12, fee="0.001", fee_asset="BNB"),
        trade(buy, "2", quantity="0.5", complete=False, time=MINUTE + 21, fee="0.002", fee_asset="BNB"),
        trade(buy, "3", quantity="1.5", time=MINUTE + 22),
        trade(sell, "4", time=MINUTE + 41, fee="0.01", fee_asset="GT"),
    )
    history = GridHistory(PLAN, 11, None, trades)
    run = summarise("SOL/USDT", live, RULES, series, history, funds(335, 2), 3, {"BNB": D(600)})
    result = run.result
    assert (result.mode, result.candles, result.buys, result.sells, result.cycles) == ("paper_trading", 4, 3, 1, 1)
    assert run.equity.tolist() == [600.0, 675.0, 675.0, 655.0]
    assert (result.total_fees, result.grid_profit, result.unrealized_profit) == decimals(0, 35, 20)
    assert result.other_fees == (OtherFees("BNB", D("0.003"), D("1.8")), OtherFees("GT", D("0.01"), None))


def test_a_grid_that_never_armed_keeps_its_capital() -> None:
    run = summarise("SOL/USDT", SETTINGS, RULES, candles(90, 120), GridHistory(None, None, None, ()), funds(600, 0), 0)
    assert (run.result.armed, run.armed_at, run.result.final_value, run.result.sharpe) == (False, None, D(600), None)
    assert run.result.buy_and_hold_percent == D("33.33333333")
    assert run.ladder == decimals(130, "147.5", 165, "182.5", 200)


@pytest.mark.parametrize(("quote", "base"), [("300.00000001", 2), (300, "1.99999999"), (600, 0)])
def test_a_ledger_that_differs_from_the_trades_is_an_error(quote: Number, base: Number) -> None:
    with pytest.raises(BooksDisagree, match="trades leave"):
        summary(candles(150), (PURCHASE,), funds(quote, base))


def test_reserved_money_is_part_of_the_ledger() -> None:
    assert summary(candles(150), (PURCHASE,), funds(300, 2, 300)).result.final_value == Decimal(600)
