"""Backtests on candles of an exchange: fetched once, whatever interrupts it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from actors.sandbox.server import Sandbox
from tests.actors.candle_exchange import CandleExchange, fetching_changes
from tests.actors.scripted_server import Scripted
from tests.e2e.desk import SOON, Desk


@pytest.fixture
def exchange() -> Iterator[CandleExchange]:
    with CandleExchange(most=20) as running:
        yield running


def configure(desk: Desk, exchange: CandleExchange, name: str = "grid.json", **bounds: int) -> str:
    fetched = fetching_changes(exchange.url, ("grid_strategy.range", {"bottom": 140, "top": 170}), **bounds)
    return desk.configure(*fetched, name=name)


@contextmanager
def running(desk: Desk, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(  # noqa: S603 - the program itself
        [sys.executable, "-m", "actors", *arguments],
        cwd=desk.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_second_run_asks_nobody_and_several_grids_fetch_once(desk: Desk, exchange: CandleExchange) -> None:
    one, other = configure(desk, exchange), configure(desk, exchange, "other.json", first=10)
    outcomes = [desk.run("start", one, other, "--no-report", "--results", f"{run}.json") for run in range(2)]

    assert [outcome.code for outcome in outcomes] == [0, 0]
    assert exchange.asked_minutes() == [0, 20, 40, 60, 80]
    assert [figures["candles"] for figures in desk.results("0.json")] == [100, 90]
    assert desk.results("0.json") == desk.results("1.json")
    assert desk.results("0.json")[0]["armed"]


def test_candles_of_the_sandbox_are_fetched_and_outlive_it(desk: Desk) -> None:
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    period = {"start_date": (day - timedelta(days=3)).isoformat(), "end_date": (day - timedelta(days=1)).isoformat()}
    with Sandbox() as sandbox:
        changes = (("trading_settings.period", period), ("grid_strategy.range", {"bottom": 60, "top": 140}))
        grid = desk.configure(*fetching_changes(sandbox.urls.rest, *changes))
        first = desk.run("start", grid, "--no-report", "--results", "0.json")
    second = desk.run("start", grid, "--no-report", "--results", "1.json")

    assert (first.code, second.code, first.err) == (0, 0, "")
    assert desk.results("0.json")[0]["candles"] == 2 * 24 * 60 + 1
    assert desk.results("0.json") == desk.results("1.json")


def test_check_fetches_too(desk: Desk, exchange: CandleExchange) -> None:
    outcome = desk.run("check", configure(desk, exchange))
    assert outcome.code == 0
    assert exchange.asked_minutes() == [0, 20, 40, 60, 80]


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 1, "(40 more candles) was written\n"),
        (signal.SIGKILL, -signal.SIGKILL, ""),
    ],
)
def test_fetch_that_is_stopped_goes_on_from_there(
    desk: Desk, exchange: CandleExchange, number: signal.Signals, code: int, said: str
) -> None:
    grid = configure(desk, exchange)
    with running(desk, "start", grid, "--results", "results.json") as process:
        exchange.on_question = lambda question: process.send_signal(number) if question == 3 else None
        _, err = process.communicate(timeout=SOON)
        assert process.returncode == code
        assert err.endswith(said)
    assert exchange.asked_minutes() == [0, 20, 40]
    assert "results.json" not in desk.files()

    assert desk.run("start", grid, "--no-report", "--results", "results.json").code == 0
    assert exchange.asked_minutes() == [0, 20, 40, 40, 60, 80]
    assert desk.results("results.json")[0]["candles"] == 100


def test_pair_that_the_exchange_refuses_is_bad_input(desk: Desk, exchange: CandleExchange) -> None:
    exchange.faults.append(Scripted('{"code": -1121, "msg": "Invalid symbol."}', 400))
    outcome = desk.run("start", configure(desk, exchange))

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: grid.json: binance SOL/USDT 1m: refused: Invalid symbol")
