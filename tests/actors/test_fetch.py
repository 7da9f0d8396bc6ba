"""`gridactors fetch`: a line for each pair, and nothing that is there already."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from actors.fetch import fetch_candles
from engine.errors import BadInput
from tests.actors.candle_exchange import CandleExchange, fetching_changes
from tests.engine.configurations import ABSENT, changed


@pytest.fixture
def exchange() -> Iterator[CandleExchange]:
    with CandleExchange() as running:
        yield running


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(name: str, *changes: tuple[str, object]) -> Path:
    path = Path(name)
    path.write_text(json.dumps(changed(*changes), default=_number))
    return path


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


def test_each_pair_and_period_is_one_line(exchange: CandleExchange, capsys: pytest.CaptureFixture[str]) -> None:
    exchange.holes = [7, 8, 30]
    configurations = [
        configure("a.json", *fetching_changes(exchange.url)),
        configure("b.json", *fetching_changes(exchange.url, ("grid_strategy.num_grids", 7))),
        configure("c.json", *fetching_changes(exchange.url, first=40)),
        configure("d.json", *fetching_changes(exchange.url, ("pair.base_currency", "ETH"), last=0)),
    ]
    fetch_candles(configurations, as_json=False)

    folder = next(Path("data/candles").iterdir())
    told = (
        "binance SOL/USDT 1m: 97 candles from 2024-08-01T00:00:00Z to 2024-08-01T01:39:00Z, 2 gaps (3 candles), "
        f"in {folder}/SOL_USDT_1m.csv\n"
        "binance SOL/USDT 1m: 60 candles from 2024-08-01T00:40:00Z to 2024-08-01T01:39:00Z, no gaps, "
        f"in {folder}/SOL_USDT_1m.csv\n"
        "binance ETH/USDT 1m: 1 candle from 2024-08-01T00:00:00Z to 2024-08-01T00:00:00Z, no gaps, "
        f"in {folder}/ETH_USDT_1m.csv\n"
    )
    assert capsys.readouterr() == (told, "")
    assert len(exchange.received) == 2


def test_json_lists_the_same(exchange: CandleExchange, capsys: pytest.CaptureFixture[str]) -> None:
    exchange.holes = [7, 8]
    fetch_candles([configure("a.json", *fetching_changes(exchange.url))] * 2, as_json=True)

    folder = next(Path("data/candles").iterdir())
    assert json.loads(capsys.readouterr().out) == [
        {
            "exchange": "binance",
            "pair": "SOL/USDT",
            "timeframe": "1m",
            "candles": 98,
            "from": "2024-08-01T00:00:00Z",
            "to": "2024-08-01T01:39:00Z",
            "gaps": [{"from": "2024-08-01T00:07:00Z", "until": "2024-08-01T00:09:00Z", "candles": 2}],
            "file": f"{folder}/SOL_USDT_1m.csv",
        }
    ]


def test_candles_from_elsewhere_are_said_to_need_no_fetching(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "sol.csv").touch()
    synthetic = [
        ("exchange.name", "synthetic"),
        ("trading_settings.period", {"start_date": "2024-12-10", "end_date": "2024-12-11"}),
        ("trading_settings.historical_data_file", ABSENT),
    ]
    fetch_candles([configure("file.json"), configure("synthetic.json", *synthetic)], as_json=True)

    told = (
        "file.json: nothing to fetch, its candles are in sol.csv\n"
        "synthetic.json: nothing to fetch, the synthetic exchange makes its candles\n"
    )
    assert capsys.readouterr() == ("[]\n", told)


def test_bad_input_of_one_configuration_comes_before_anything_is_fetched(exchange: CandleExchange) -> None:
    good = configure("good.json", *fetching_changes(exchange.url))
    with pytest.raises(BadInput, match="no such file"):
        fetch_candles([good, configure("gone.json")], as_json=False)
    assert exchange.received == []
