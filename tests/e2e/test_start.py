"""`gridactors start`, as a user meets it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors import order_manager
from engine.effects import Behaviour
from engine.grid_setup import BacktestSetup
from engine.plain import rounded
from engine.supervision import ChildSpec
from tests.e2e.desk import METRICS, TRADE, Desk, waves
from tests.engine.configurations import ABSENT, BACKTEST_OF_THE_OTHER_BOT

LABELS = (
    *("Mode", "First candle", "Last candle", "Candles", "Armed", "Stopped by"),
    *("Initial value", "Final value", "Final quote", "Final base", "Total fees", "Grid profit", "Unrealized profit"),
    *("ROI", "Buy and hold", "Max drawdown", "Max run-up", "Time in profit", "Time in loss", "Sharpe", "Sortino"),
    *("Buys", "Sells", "Cycles", "Open orders", "Waiting levels"),
)
TOML = """\
[exchange]
name = "binance"
trading_fee = 0.001
trading_mode = "backtest"
[pair]
base_currency = "SOL"
quote_currency = "USDT"
[trading_settings]
timeframe = "1m"
initial_balance = 1000
historical_data_file = "sol.csv"
[grid_strategy]
type = "simple_grid"
spacing = "arithmetic"
num_grids = 5
range = { bottom = 100, top = 140 }
"""


def result(desk: Desk, *arguments: str) -> Any:
    """Run to a result of one grid, with nothing on the terminal."""
    outcome = desk.run("start", *arguments, "--quiet", "--no-report", "--results", "results.json")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    (only,) = desk.results("results.json")
    return only


# --- what is printed ---------------------------------------------------------------------------------


def test_summary_has_every_metric_and_the_figures_of_the_results(desk: Desk, grid: str) -> None:
    outcome = desk.run("start", grid, "--results", "results.json")

    assert (outcome.code, outcome.err) == (0, "")
    rows = [line.strip() for line in outcome.out.splitlines()]
    shown = {label: row.removeprefix(label).strip() for label in LABELS for row in rows if row.startswith(f"{label}  ")}
    assert tuple(shown) == LABELS
    (figures,) = desk.results("results.json")
    assert shown["Final value"] == f"{rounded(Decimal(figures['final_value']))} USDT"
    assert shown["ROI"] == f"{rounded(Decimal(figures['roi_percent']))} %"
    assert shown["Cycles"] == str(figures["cycles"])
    assert figures["cycles"] > 5


def test_report_and_results_are_named_and_written(desk: Desk, grid: str) -> None:
    outcome = desk.run("start", grid, "--results", "out/results.json")

    assert outcome.out.endswith("\nResults: out/results.json\nReport: data/reports/grid.html\n")
    files = desk.files()
    assert set(files) == {"grid.json", "sol.csv", "out/results.json", "data/reports/grid.html"}
    assert files["data/reports/grid.html"].startswith(b"<!DOCTYPE html>")


def test_report_goes_where_it_is_asked_to(desk: Desk, grid: str) -> None:
    assert desk.run("start", grid, "--report", "mine/here.html").code == 0
    assert set(desk.files()) == {"grid.json", "sol.csv", "mine/here.html"}


def test_no_report_is_written_when_none_is_wanted(desk: Desk, grid: str) -> None:
    outcome = desk.run("start", grid, "--no-report")

    assert outcome.code == 0
    assert "Report" not in outcome.out
    assert set(desk.files()) == {"grid.json", "sol.csv"}


def test_quiet_prints_nothing_and_writes_all(desk: Desk, grid: str) -> None:
    outcome = desk.run("start", grid, "--quiet", "--results", "results.json")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert {"results.json", "data/reports/grid.html"} <= set(desk.files())


def test_json_prints_the_results_and_nothing_else(desk: Desk, grid: str) -> None:
    outcome = desk.run("start", grid, "--json", "--results", "results.json", "--no-report")

    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out) == desk.results("results.json")
    assert outcome.out.encode() == desk.files()["results.json"]


# --- the results -------------------------------------------------------------------------------------


def test_results_have_every_key_in_its_place_and_decimals_as_strings(desk: Desk, grid: str) -> None:
    figures = result(desk, grid)

    assert tuple(figures) == METRICS
    assert {tuple(trade) for trade in figures["trades"]} == {TRADE}
    assert (figures["pair"], figures["mode"], figures["candles"]) == ("SOL/USDT", "backtest", 240)
    assert (figures["start"], figures["end"]) == ("2024-12-10T09:00:00Z", "2024-12-10T12:59:00Z")
    assert (figures["armed"], figures["stop_reason"]) == (True, None)
    text = {key for key, value in figures.items() if isinstance(value, str)}
    assert text == set(METRICS[:5]) - {"candles"} | set(METRICS[7:22])


def test_results_agree_with_themselves(desk: Desk, grid: str) -> None:
    figures = result(desk, grid)
    trades = figures["trades"]

    assert figures["buys"] == sum(trade["side"] == "buy" for trade in trades)
    assert figures["sells"] == sum(trade["side"] == "sell" for trade in trades) == figures["cycles"]
    assert trades[0]["kind"] == "market"
    assert trades[0]["level"] is None
    assert sum(Decimal(trade["fee"]) for trade in trades) == Decimal(figures["total_fees"])
    last_close = Decimal(waves().splitlines()[-1].split(",")[4])
    final_value = Decimal(figures["final_quote"]) + Decimal(figures["final_base"]) * last_close
    assert final_value == Decimal(figures["final_value"])
    gained = Decimal(figures["grid_profit"]) + Decimal(figures["unrealized_profit"])
    assert abs(final_value - Decimal(figures["initial_value"]) - gained) < Decimal("1e-6")


@pytest.mark.parametrize("name", ["grid.toml", "GRID.TOML"])
def test_toml_and_json_of_the_same_keys_are_the_same_grid(desk: Desk, grid: str, name: str) -> None:
    desk.write(name, TOML)

    assert result(desk, name) == result(desk, grid)


def test_byte_order_marks_and_windows_line_ends_change_nothing(desk: Desk, grid: str) -> None:
    expected = result(desk, grid)
    for text, name in ((TOML, "windows.toml"), (waves(), "sol.csv")):
        desk.write(name, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert result(desk, "windows.toml") == expected


def test_threads_give_the_same_bytes(desk: Desk, grid: str) -> None:
    other = desk.configure(("grid_strategy.type", "hedged_grid"), name="other.json")
    for name, options in (("stepped.json", ()), ("threads.json", ("--threads",))):
        assert desk.run("start", grid, other, "--quiet", "--no-report", "--results", name, *options).code == 0

    assert desk.files()["threads.json"] == desk.files()["stepped.json"]
    assert len(desk.results("stepped.json")) == 2


def test_configuration_of_the_other_bot_runs_unchanged_with_its_candles_beside_it(desk: Desk) -> None:
    desk.write("bot/config.json", BACKTEST_OF_THE_OTHER_BOT)
    desk.write("bot/data/SOL_USDT/1m.csv", waves().replace(",1", ",2"))  # 204 to 236 and some above

    figures = result(desk, "bot/config.json")
    assert (figures["armed"], figures["initial_value"], figures["candles"]) == (True, "150", 240)
    assert "data/logs/gridactors.jsonl" in desk.files()  # it asks for one


def test_synthetic_market_needs_no_file(desk: Desk) -> None:
    market = desk.configure(
        ("exchange.name", "synthetic"),
        ("trading_settings.period", {"start_date": "2024-12-10", "end_date": "2024-12-11"}),
        ("trading_settings.timeframe", "5m"),
        ("trading_settings.historical_data_file", ABSENT),
    )

    figures = result(desk, market)
    assert (figures["candles"], figures["armed"]) == (289, True)


# --- several grids -----------------------------------------------------------------------------------


def test_several_configurations_are_columns_objects_and_one_report(desk: Desk, grid: str) -> None:
    other = desk.configure(("grid_strategy.num_grids", 9), ("pair.base_currency", "ETH"), name="eth.json")
    outcome = desk.run("start", grid, other, "--results", "results.json")

    assert outcome.code == 0
    assert [row.split() for row in outcome.out.splitlines() if "SOL/USDT" in row] == [["SOL/USDT", "ETH/USDT"]]
    assert [figures["pair"] for figures in desk.results("results.json")] == ["SOL/USDT", "ETH/USDT"]
    assert outcome.out.endswith("Report: data/reports/grid+eth.html\n")
    assert [result(desk, grid), result(desk, other)] == desk_results_of(desk, grid, other)


def desk_results_of(desk: Desk, *configurations: str) -> Any:
    assert desk.run("start", *configurations, "--quiet", "--no-report", "--results", "together.json").code == 0
    return desk.results("together.json")


def test_grids_of_one_pair_are_told_apart_by_their_files(desk: Desk, grid: str) -> None:
    other = desk.configure(("grid_strategy.num_grids", 9), name="wide [old].json")
    outcome = desk.run("start", grid, other, "--no-report")

    assert outcome.code == 0
    assert "SOL/USDT grid" in outcome.out
    assert "SOL/USDT wide [old]" in outcome.out


# --- how a run can go --------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--threads",)])
def test_grid_that_never_arms_says_so_and_is_no_failure(desk: Desk, grid: str, options: tuple[str, ...]) -> None:
    desk.configure(("grid_strategy.range", {"bottom": 200, "top": 240}))
    outcome = desk.run("start", grid, "--results", "results.json", *options)

    assert (outcome.code, outcome.err) == (0, "")
    words = " ".join(outcome.out.split())
    assert "never armed: no candle closed inside the range 200 to 240, so nothing was bought or sold." in words
    (figures,) = desk.results("results.json")
    assert (figures["armed"], figures["trades"], figures["final_value"]) == (False, [], "1000")


def test_stop_loss_is_told_with_the_price_it_sold_at(desk: Desk, grid: str) -> None:
    desk.configure(("risk_management.stop_loss", {"enabled": True, "threshold": 105}))
    outcome = desk.run("start", grid, "--results", "results.json")

    (figures,) = desk.results("results.json")
    assert (figures["stop_reason"], figures["final_base"], figures["open_orders"]) == ("stop_loss", "0", 0)
    assert "stopped by stop-loss; sold at 105 at 2024-12-10T" in " ".join(outcome.out.split())


def test_what_is_odd_about_candles_is_warned_of_on_stderr_even_when_quiet(desk: Desk, grid: str) -> None:
    desk.configure(("trading_settings.timeframe", "1h"))
    outcome = desk.run("start", grid, "--quiet", "--no-report")

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.count("\n") == 1
    assert "sol.csv: candles are 1 m apart, trading_settings.timeframe says 1 h" in outcome.err


def test_debug_log_tells_each_trade_on_stderr(desk: Desk, grid: str) -> None:
    desk.configure(("logging.log_level", "DEBUG"))
    outcome = desk.run("start", grid, "--no-report")

    assert outcome.code == 0
    assert "armed at 2024-12-10T09:00:00Z" in outcome.err
    assert "SOL/USDT: 2024-12-10T09:00:00Z buy 4.16666666 SOL at 120" in outcome.err


@pytest.mark.parametrize("options", [(), ("--threads",)])
def test_crash_is_one_plain_line_with_exit_code_1_and_nothing_written(
    desk: Desk, grid: str, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = order_manager.spec

    def boom() -> Behaviour:
        raise ZeroDivisionError("boom")

    def spec(setup: BacktestSetup) -> ChildSpec:
        return attrs.evolve(whole(setup), factory=boom)

    monkeypatch.setattr(order_manager, "spec", spec)
    before = desk.files()
    outcome = desk.run("start", grid, "--results", "results.json", *options)

    assert (outcome.code, outcome.out, desk.files()) == (1, "", before)
    assert outcome.err.splitlines()[-1].startswith("failed: ")
    assert "boom" in outcome.err.splitlines()[-1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_file_that_cannot_be_written_after_the_run_is_a_failure_and_not_bad_input(desk: Desk, grid: str) -> None:
    outcome = desk.run("start", grid, "--no-report", "--results", "/dev/full")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "failed: OSError: /dev/full: cannot be written: No space left on device\n"
