"""What a widely used grid bot gets wrong about its files and dates, and how it is here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from actors.backtests import run_stepped
from actors.candles.sources import candles_for
from actors.gateways.results_json import write_results
from engine.errors import BadInput
from engine.grid_setup import BacktestSetup
from engine.results import GridRun
from engine.settings import Settings
from engine.settings.structure import structure_settings
from engine.values import ZERO
from tests.simulation.worlds import MINUTE, START, Options, World, candles_at, results_of, run

FREE = Options(fee=ZERO, num_grids=3, top=Decimal(120), capital=Decimal(660))  # levels at 100, 110 and 120


# --- "An order is stamped in the year 58861; the zone of the start date is dropped" ---------------------

PRICES = (110, 100, 110, 120, 110)
STAMPS = [START + place * MINUTE for place in range(len(PRICES))]
WRITINGS = {
    "milliseconds": [str(stamp) for stamp in STAMPS],
    "seconds": [str(stamp // 1000) for stamp in STAMPS],
    "ISO 8601": [datetime.fromtimestamp(stamp / 1000, UTC).isoformat() for stamp in STAMPS],
}


def settings_on(path: Path, **period: str) -> Settings:
    document = FREE.document()
    document["trading_settings"] |= {"historical_data_file": str(path), "period": period}
    return structure_settings(document, "world.toml")


def run_on_file(path: Path, **period: str) -> GridRun:
    settings = settings_on(path, **period)
    (finished,) = run_stepped([BacktestSetup.of("SOL/USDT", settings, candles_for(settings)[0])], lambda *_: None)
    return finished


def write_candles(path: Path, stamps: Sequence[str], rows: Sequence[str] | None = None) -> Path:
    rows = rows or [f"{price},{price},{price},{price},1" for price in PRICES]
    lines = [f"{stamp},{row}" for stamp, row in zip(stamps, rows, strict=True)]
    path.write_text("\n".join(["timestamp,open,high,low,close,volume", *lines, ""]))
    return path


@pytest.mark.parametrize("writing", WRITINGS)
def test_times_are_the_same_however_they_are_written(writing: str, tmp_path: Path) -> None:
    finished = run_on_file(write_candles(tmp_path / "candles.csv", WRITINGS[writing]))
    assert (finished.result.start, finished.result.end) == (STAMPS[0], STAMPS[-1])
    assert [trade.time for trade in finished.result.trades] == STAMPS
    (written,) = json.loads(results_of(finished))
    assert [trade["time"] for trade in written["trades"][:2]] == ["2024-12-10T09:00:00Z", "2024-12-10T09:01:00Z"]


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2024-12-10T09:02:00Z", 2),
        ("2024-12-10T11:02:00+02:00", 2),
        ("2024-12-10T04:03:00-05:00", 3),
        ("2024-12-10T09:01:00", 1),
    ],
)
def test_the_zone_of_the_start_date_is_kept(start: str, first: int, tmp_path: Path) -> None:
    result = run_on_file(write_candles(tmp_path / "candles.csv", WRITINGS["ISO 8601"]), start_date=start).result
    assert (result.start, result.candles) == (STAMPS[first], len(STAMPS) - first)


# --- "A missing data file; num_grids: 1; duplicate timestamps, high < low, negative and blank bars" -----


def test_a_missing_data_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.csv"):
        run_on_file(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("stamps", "row"),
    [
        ((0, 0, 1), "110,110,110,110,1"),
        ((0, 1, 2), "110,109,111,110,1"),
        ((0, 1, 2), "-110,110,110,110,1"),
        ((0, 1, 2), ",,,,"),
        ((0, 1, 2), "110,110,110,nan,1"),
    ],
)
def test_impossible_candles_are_refused(stamps: tuple[int, ...], row: str, tmp_path: Path) -> None:
    rows = ["110,110,110,110,1", row, "110,110,110,110,1"]
    path = write_candles(tmp_path / "candles.csv", [str(STAMPS[stamp]) for stamp in stamps], rows)
    with pytest.raises(BadInput, match="line 3"):
        run_on_file(path)


def test_a_grid_of_one_price_is_refused() -> None:
    with pytest.raises(BadInput, match="num_grids"):
        evolve(FREE, num_grids=1).settings()


# --- "The options to save results do nothing"; "its paper mode trades live" -----------------------------


def test_results_are_saved_where_they_are_wanted(tmp_path: Path) -> None:
    finished = run(World(FREE, candles_at(110, 100, 110)))
    path = tmp_path / "new" / "results.json"
    write_results(path, [finished])
    (saved,) = json.loads(path.read_bytes())
    assert (saved["buys"], saved["sells"], len(saved["trades"])) == (2, 1, 3)
    assert path.read_bytes() == results_of(finished)


@pytest.mark.parametrize("mode", ["paper_trading", "live"])
def test_a_market_without_live_prices_is_refused_in_a_mode_that_needs_them(mode: str) -> None:
    document = FREE.document()
    document["exchange"] |= {"trading_mode": mode, "name": "synthetic"}
    with pytest.raises(BadInput, match="has a past only"):
        structure_settings(document, "world.toml")
