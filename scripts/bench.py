"""Time backtests of a year of minutes, at 20 and at 100 levels, stepped and on threads; then live trading.

The market of the backtests is made up and always the same: 525,600 candles of a mean-reverting price between about 130
and 197. Each command is timed whole, from its start to its exit ("wall"), and its run alone, without start-up, loading
and writing ("run", from which the time per message comes). Medians over the runs are printed. What is timed of live
trading stands in scripts/bench_live.py.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

from actors.backtests import Progress, run_stepped, run_threaded
from actors.gateways import candle_files, config_files
from engine.grid_setup import BacktestSetup
from engine.results import GridRun
from engine.stepper import Stepper
from scripts.bench_live import bench_live

CANDLES = 525_600
SEED = 1
MIDDLE, PULL, STEP, WICK = 163.0, 0.0003, 0.24, 0.085  # a minute's pull to the middle, its step, its wicks

CONFIG = """
[exchange]
name = "bench"
trading_fee = 0.001
trading_mode = "backtest"
[pair]
base_currency = "SOL"
quote_currency = "USDT"
[trading_settings]
timeframe = "1m"
initial_balance = 100000
historical_data_file = "{candles}"
[grid_strategy]
type = "simple_grid"
spacing = "arithmetic"
num_grids = {levels}
[grid_strategy.range]
top = 190
bottom = 130
[logging]
log_level = "WARNING"
"""


def write_candles(path: Path) -> None:
    """Write the year as CSV, prices on a tick of 0.01."""
    random = np.random.RandomState(SEED)
    steps = (random.standard_normal(CANDLES) * STEP).tolist()
    price, closes = MIDDLE, []
    for step in steps:
        price += (MIDDLE - price) * PULL + step
        closes.append(price)
    close = np.round(closes, 2)
    opened = np.concatenate(([MIDDLE], close[:-1]))
    wicks = np.abs(random.standard_normal((2, CANDLES))) * WICK
    high = np.round(np.maximum(opened, close) + wicks[0], 2)
    low = np.round(np.minimum(opened, close) - wicks[1], 2)
    minutes = np.datetime_as_string(np.datetime64("2023-01-01T00:00") + np.arange(CANDLES), unit="s")
    with path.open("w", encoding="ascii") as file:
        file.write("timestamp,open,high,low,close,volume\n")
        for row in zip(minutes, opened, high, low, close, strict=True):
            file.write("{},{:.2f},{:.2f},{:.2f},{:.2f},1\n".format(*row))


def time_command(config: Path, arguments: Sequence[str], runs: int) -> tuple[float, int]:
    """Give the median wall time of the whole command, in seconds, and the number of fills."""
    results = config.with_suffix(".json")
    command = [sys.executable, "-m", "actors", "start", str(config), "--quiet", "--results", str(results), *arguments]
    walls = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, check=True)
        walls.append(time.perf_counter() - began)
    return statistics.median(walls), len(json.loads(results.read_text())[0]["trades"])


def set_up(config: Path) -> BacktestSetup:
    """Load a configuration and its candles."""
    settings = config_files.load(config)
    candles = candle_files.load(Path(str(settings.trading_settings.historical_data_file)), None, None)
    return BacktestSetup.of(settings.name, settings, candles)


def time_run(grid: BacktestSetup, run: Callable[[Sequence[BacktestSetup], Progress], list[GridRun]]) -> float:
    """Give the seconds that a run takes without start-up, loading and writing."""
    began = time.perf_counter()
    run([grid], lambda _name, _index: None)
    return time.perf_counter() - began


def count_messages(grid: BacktestSetup) -> int:
    """Give the messages that a run delivers."""
    stepper = Stepper()
    run_stepped([grid], lambda _name, _index: None, stepper)
    return stepper.delivered


@click.command(help=__doc__)
@click.option("--runs", default=5, show_default=True, help="How often each command is run.")
@click.option("--live", "parts", flag_value="live", help="Time live trading only.")
@click.option("--backtests", "parts", flag_value="backtests", help="Time backtests only.")
def bench(runs: int, parts: str | None) -> None:
    """Print a table for each part."""
    if parts != "live":
        bench_backtests(runs)
    if parts != "backtests":
        bench_live(runs)


def bench_backtests(runs: int) -> None:
    """Print a line for each case."""
    with tempfile.TemporaryDirectory() as folder:
        candles = Path(folder) / "year.csv"
        write_candles(candles)
        click.echo("levels  host     report  wall s  candles/s    fills  fills/s  messages/fill  run s  µs/message")
        for levels in (20, 100):
            config = Path(folder) / f"{levels}.toml"
            config.write_text(CONFIG.format(candles=candles, levels=levels))
            grid = set_up(config)
            messages = count_messages(grid)
            for host, run, arguments in (
                ("stepped", run_stepped, ["--no-report"]),
                ("stepped", run_stepped, ["--report", str(config.with_suffix(".html"))]),
                ("threads", run_threaded, ["--threads", "--no-report"]),
            ):
                wall, fills = time_command(config, arguments, runs)
                alone = statistics.median(time_run(grid, run) for _ in range(runs))
                click.echo(
                    f"{levels:6}  {host:7}  {'no' if '--no-report' in arguments else 'yes':6}  {wall:6.2f}  "
                    f"{CANDLES / wall:9,.0f}  {fills:7,}  {fills / wall:7,.0f}  {messages / fills:13.1f}  "
                    f"{alone:5.2f}  {alone / messages * 1e6:10.2f}"
                )


if __name__ == "__main__":
    bench()
