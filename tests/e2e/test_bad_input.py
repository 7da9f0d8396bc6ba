"""What a user can get wrong: each is refused by file, key, value and what is allowed, before anything has happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.desk import HEADER, Desk
from tests.engine.configurations import ABSENT

ROW = "2024-12-10 09:00:00,120,121,119,120,1\n"
NEXT = "2024-12-10 09:01:00,120,121,119,120,1\n"
LOG = ("logging.log_to_file", True)  # not even a log may be left behind


def refused(desk: Desk, *arguments: str, stderr_begins: str = "error: ") -> str:
    """Run to a refusal, with nothing printed or written; give what stderr says."""
    before = desk.files()
    outcome = desk.run("start", *arguments)
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert desk.files() == before
    assert "Traceback" not in outcome.err
    assert outcome.err.startswith(stderr_begins)
    return outcome.err


# --- configurations ----------------------------------------------------------------------------------

VALUES: dict[str, tuple[tuple[str, object], tuple[str, ...]]] = {
    "unknown key": (("grid_strategy.num_grid", 5), ("grid_strategy.num_grid: unknown key", "grid_strategy.num_grids?")),
    "unknown section": (("risk", {}), ("risk: unknown key", "risk_management")),
    "missing key": (("pair.base_currency", ABSENT), ("pair.base_currency: is missing",)),
    "text for a number": (("grid_strategy.num_grids", "20"), ('num_grids = "20"', "must be a whole number")),
    "number for a text": (("pair.base_currency", 7), ("pair.base_currency = 7", "must be text")),
    "number for a switch": (("logging.log_to_file", 1), ("logging.log_to_file = 1", "must be true or false")),
    "value for a section": (("pair", "SOL"), ("pair", '"SOL"')),
    "top at the bottom": (("grid_strategy.range.top", 100), ("range.top = 100", "must be above range.bottom (100)")),
    "top below the bottom": (("grid_strategy.range.top", 90), ("range.top = 90", "must be above range.bottom (100)")),
    "one level": (("grid_strategy.num_grids", 1), ("num_grids = 1", "must be at least 2")),
    "negative money": (("trading_settings.initial_balance", -5), ("initial_balance = -5", "must be above 0")),
    "no money": (("trading_settings.initial_balance", 0), ("initial_balance = 0", "must be above 0")),
    "fee of all": (("exchange.trading_fee", 1), ("trading_fee = 1", "must be at least 0 and below 1")),
    "ratio of nothing": (("grid_strategy.buy_ratio", 0), ("buy_ratio = 0", "must be above 0 and at most 1")),
    "ratio above one": (("grid_strategy.sell_ratio", 1.1), ("sell_ratio = 1.1", "must be above 0 and at most 1")),
    "unknown spacing": (("grid_strategy.spacing", "log"), ('spacing = "log"', "one of arithmetic, geometric")),
    "unknown type": (("grid_strategy.type", "grid"), ('type = "grid"', "one of simple_grid, hedged_grid")),
    "unknown timeframe": (("trading_settings.timeframe", "7m"), ('timeframe = "7m"', "must be one of 1s, 1m")),
    "no date": (("trading_settings.period.start_date", "soon"), ('start_date = "soon"', "2024-12-10")),
    "start after end": (
        ("trading_settings.period", {"start_date": "2024-12-11", "end_date": "2024-12-10"}),
        ('start_date = "2024-12-11"', "must be at or before period.end_date (2024-12-10"),
    ),
    "live without keys": (
        ("exchange.trading_mode", "live"),
        ('trading_mode = "live" needs EXCHANGE_API_KEY and EXCHANGE_SECRET_KEY', "set neither in the environment nor"),
    ),
    "sandbox in a backtest": (("exchange.name", "sandbox"), ('exchange.name = "sandbox"', "has no past")),
    "dynamic spacing": (
        ("grid_strategy.dynamic_spacing.enabled", True),
        ("dynamic_spacing.enabled = true", "does not exist yet"),
    ),
    "trailing stop-loss": (
        ("risk_management.trailing_stop_loss.enabled", True),
        ("trailing_stop_loss.enabled = true", "does not exist yet"),
    ),
    "levels of one price": (("market.price_tick", 30), ("num_grids = 5", "round to the price", "fewer levels")),
    "no candle file": (
        ("trading_settings.historical_data_file", "gone.csv"),
        ("historical_data_file = 'gone.csv'", "no such file", "beside the configuration"),
    ),
    "no candle file, whole path": (
        ("trading_settings.historical_data_file", "/nowhere/gone.csv"),
        ("historical_data_file = '/nowhere/gone.csv'", "no such file"),
    ),
}


@pytest.mark.parametrize(("change", "parts"), VALUES.values(), ids=VALUES)
def test_value_is_refused_by_file_key_and_what_is_allowed(
    desk: Desk, grid: str, change: tuple[str, object], parts: tuple[str, ...]
) -> None:
    desk.configure(LOG, change)

    said = refused(desk, grid, "--results", "results.json", stderr_begins="error: grid.json: ")
    assert said.count("\n") == 1
    assert all(part in said for part in parts), said


FILES: dict[str, tuple[str, str | bytes, tuple[str, ...]]] = {
    "broken TOML": ("a.toml", "[exchange\n", ("is not valid TOML", "line 1")),
    "broken JSON": ("a.json", '{"exchange": {', ("is not valid JSON", "line 1")),
    "key twice": ("a.json", '{"pair": {}, "pair": {}}', ('"pair" stands twice',)),
    "empty": ("a.toml", "", ("is empty", "sections exchange, pair")),
    "a list": ("a.json", "[1, 2]", ("a list", "sections exchange, pair")),
    "no text": ("a.toml", b"\xff\xfe[\x00e\x00", ("is not UTF-8 text",)),
    "other ending": ("a.yaml", "exchange:\n", ("'.yaml'", "ends in .toml or .json")),
}


@pytest.mark.parametrize(("name", "content", "parts"), FILES.values(), ids=FILES)
def test_file_that_is_no_configuration_is_refused(
    desk: Desk, name: str, content: str | bytes, parts: tuple[str, ...]
) -> None:
    desk.write(name, content)

    said = refused(desk, name, stderr_begins=f"error: {name}: ")
    assert all(part in said for part in parts), said


def test_missing_configuration_and_directory_are_refused(desk: Desk) -> None:
    assert refused(desk, "gone.toml") == "error: gone.toml: does not exist\n"
    assert refused(desk, ".").startswith("error: .: is a directory; ")


def test_problems_of_all_files_come_at_once(desk: Desk, grid: str) -> None:
    several = desk.configure(("grid_strategy.num_grids", 1), ("exchange.trading_fee", 2), name="several.json")
    gone = desk.configure(("trading_settings.historical_data_file", "gone.csv"), name="gone.json")
    lost = desk.configure(("trading_settings.historical_data_file", "lost.csv"), name="lost.json")

    assert len(refused(desk, several, "absent.toml", grid).splitlines()) == 3
    assert [line.split(": ")[1] for line in refused(desk, gone, grid, lost).splitlines()] == ["gone.json", "lost.json"]


def test_one_bad_configuration_starts_none_of_the_good_ones(desk: Desk, grid: str) -> None:
    bad = desk.configure(("grid_strategy.num_grids", 1), name="bad.json")

    assert "bad.json" in refused(desk, grid, bad, "--results", "results.json")


# --- candles -----------------------------------------------------------------------------------------


def second_row(row: str) -> str:
    return f"{HEADER}{ROW}{row}\n"


CANDLES: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty": ("", ("is empty", HEADER.strip())),
    "no row": (HEADER, ("no candle", "at least one")),
    "missing column": ("timestamp,open,high,low,volume\n" + ROW, ("line 1", "no column close")),
    "no header": (ROW + NEXT, ("line 1", "no column timestamp")),
    "text": (second_row("2024-12-10 09:01:00,120,oops,119,120,1"), ("line 3, column high: 'oops'", "is not a number")),
    "NaN": (second_row("2024-12-10 09:01:00,120,121,119,NaN,1"), ("line 3, column close: 'NaN'", "is not finite")),
    "blank": (second_row("2024-12-10 09:01:00,,121,119,120,1"), ("line 3, column open: is blank",)),
    "negative": (second_row("2024-12-10 09:01:00,120,121,-1,120,1"), ("line 3, column low: -1", "above 0")),
    "zero": (second_row("2024-12-10 09:01:00,120,121,0,120,1"), ("line 3, column low: 0", "above 0")),
    "high below low": (
        second_row("2024-12-10 09:01:00,120,118,119,120,1"),
        ("line 3, column high: 118", "high >= low"),
    ),
    "time twice": (second_row(ROW.strip()), ("line 3, column timestamp: '2024-12-10 09:00:00' is there twice",)),
    "unsorted": (
        second_row("2024-12-10 08:59:00,120,121,119,120,1"),
        ("line 3, column timestamp: '2024-12-10 08:59:00' comes after 2024-12-10 09:00:00", "oldest candle first"),
    ),
    "no time": (second_row("yesterday,120,121,119,120,1"), ("line 3, column timestamp: 'yesterday'", "ISO 8601")),
    "short row": (second_row("2024-12-10 09:01:00,120,121"), ("line 3: has 3 fields", "6, as the header has")),
    "binary": (b"\x89PNG\r\n\x1a\n", ("not UTF-8",)),
}


@pytest.mark.parametrize(("content", "parts"), CANDLES.values(), ids=CANDLES)
def test_candles_are_refused_by_line_column_and_what_is_allowed(
    desk: Desk, content: str | bytes, parts: tuple[str, ...]
) -> None:
    desk.write("sol.csv", content)
    grid = desk.configure(LOG)

    said = refused(desk, grid, "--results", "results.json", stderr_begins="error: sol.csv")
    assert said.count("\n") == 1
    assert "allowed: " in said or "needed: " in said
    assert all(part in said for part in parts), said


def test_period_without_candles_is_refused_with_what_the_file_covers(desk: Desk) -> None:
    desk.candles()
    grid = desk.configure(("trading_settings.period", {"start_date": "2030-01-01", "end_date": "2031-01-01"}))

    said = refused(desk, grid)
    assert "no candle from 2030-01-01 00:00:00 UTC to 2031-01-01 00:00:00 UTC (trading_settings.period)" in said
    assert "the file covers 2024-12-10 09:00:00 UTC to 2024-12-10 12:59:00 UTC" in said


def test_candle_file_that_is_a_directory_is_refused(desk: Desk) -> None:
    (desk.folder / "sol.csv").mkdir()

    assert "is a directory" in refused(desk, desk.configure())


# --- options -----------------------------------------------------------------------------------------


def test_report_and_no_report_exclude_each_other(desk: Desk, grid: str) -> None:
    said = refused(desk, grid, "--report", "here.html", "--no-report")

    assert said == "error: --report and --no-report exclude each other; give one of them\n"


@pytest.mark.parametrize("option", ["--results", "--report"])
def test_output_that_is_a_directory_is_refused(desk: Desk, grid: str, option: str) -> None:
    (desk.folder / "there").mkdir()

    assert refused(desk, grid, option, "there") == f"error: {option} = 'there': is a directory; allowed: a file\n"


@pytest.mark.parametrize("option", ["--results", "--report"])
def test_output_inside_a_file_is_refused(desk: Desk, grid: str, option: str) -> None:
    assert f"error: {option} = 'sol.csv/x': cannot be written: " in refused(desk, grid, option, "sol.csv/x")


@pytest.mark.parametrize("option", ["--results", "--report"])
@pytest.mark.parametrize("name", ["grid.json", "sol.csv", "./sub/../sol.csv"])
def test_output_that_would_replace_an_input_is_refused(desk: Desk, grid: str, option: str, name: str) -> None:
    (desk.folder / "sub").mkdir()

    said = refused(desk, grid, option, name)
    assert said.startswith(f"error: {option} = '{Path(name)}': {Path(name).name} is read by this run and would be lost")


def test_results_and_report_in_one_file_are_refused(desk: Desk, grid: str) -> None:
    said = refused(desk, grid, "--results", "out", "--report", "out")

    assert said == "error: --report = 'out': --results writes this file too; allowed: another file\n"


def test_log_that_cannot_be_written_is_refused_with_its_key(desk: Desk, grid: str) -> None:
    desk.write("data", "in the way")
    desk.configure(LOG)

    assert "logging.log_to_file = true: data/logs/gridactors.jsonl cannot be written" in refused(
        desk, grid, "--no-report"
    )


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--thread",), "No such option '--thread'. Did you mean"),
        (("--price", "120"), "No such option '--price'"),
    ],
)
def test_option_that_does_not_exist_is_refused(desk: Desk, grid: str, arguments: tuple[str, ...], part: str) -> None:
    assert part in refused(desk, grid, *arguments, stderr_begins="Usage: ")


def test_start_without_a_configuration_is_refused(desk: Desk) -> None:
    assert "Missing argument 'CONFIG...'" in refused(desk, stderr_begins="Usage: ")


def test_control_characters_of_a_file_do_not_reach_the_terminal(desk: Desk, grid: str) -> None:
    desk.configure(("grid_strategy.spacing", "\x1b[2Jlog"))

    assert "\x1b" not in refused(desk, grid)


def test_what_these_tests_break_is_good_in_itself(desk: Desk) -> None:
    desk.candles(HEADER + ROW + NEXT)
    outcome = desk.run("start", desk.configure(LOG), "--no-report")

    assert (outcome.code, outcome.err) == (0, "")
