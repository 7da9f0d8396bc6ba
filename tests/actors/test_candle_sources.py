"""Where candles come from: the working directory, beside the configuration, or the synthetic market."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from actors.candle_sources import candle_file, candles_for
from engine.errors import BadInput
from engine.settings import Settings
from tests.engine.configurations import ABSENT, load

CSV = """\
timestamp,open,high,low,close,volume
2024-12-10 09:00:00,150,151,149,150.5,1
2024-12-10 10:00:00,150.5,152,150,151,1
2024-12-10 11:00:00,151,152,150,151.5,1
"""
PERIOD = {"start_date": "2024-12-10T00:00:00Z", "end_date": "2024-12-11T00:00:00Z"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder, with another one for configurations."""
    (tmp_path / "config").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def settings(folder: Path, *changes: tuple[str, object]) -> Settings:
    """Load a configuration as if it stood in the folder beside `folder`."""
    return attrs.evolve(load(*changes), source=str(folder.parent / "config" / "sol.toml"))


def test_file_is_found_from_the_working_directory(here: Path) -> None:
    (here / "sol.csv").write_text(CSV)

    candles, warnings = candles_for(settings(here))
    assert (len(candles), warnings) == (3, [])


def test_file_is_found_beside_the_configuration(here: Path) -> None:
    (here.parent / "config" / "sol.csv").write_text(CSV)

    assert candle_file(settings(here)) == here.parent / "config" / "sol.csv"
    assert len(candles_for(settings(here))[0]) == 3


def test_working_directory_comes_first(here: Path) -> None:
    (here / "sol.csv").write_text(CSV)
    (here.parent / "config" / "sol.csv").write_text("wrong")

    assert candle_file(settings(here)) == Path("sol.csv")


def test_home_is_known_by_its_tilde(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    (here / "sol.csv").write_text(CSV)

    assert candle_file(settings(here, ("trading_settings.historical_data_file", "~/sol.csv"))) == here / "sol.csv"


def test_missing_file_is_refused_with_its_key_and_where_it_was_looked_for(here: Path) -> None:
    with pytest.raises(BadInput) as caught:
        candles_for(settings(here))

    source = here.parent / "config" / "sol.toml"
    assert str(caught.value) == (
        f"{source}: trading_settings.historical_data_file = 'sol.csv': no such file, "
        f"neither from {here} nor beside the configuration; allowed: a CSV file of candles"
    )


def test_missing_file_with_a_whole_path_is_refused_with_its_key(here: Path) -> None:
    with pytest.raises(BadInput, match=r"historical_data_file = '/nowhere/sol\.csv': no such file; allowed: "):
        candle_file(settings(here, ("trading_settings.historical_data_file", "/nowhere/sol.csv")))


def test_period_bounds_the_candles_on_both_sides(here: Path) -> None:
    (here / "sol.csv").write_text(CSV)
    period = {"start_date": "2024-12-10T10:00:00Z", "end_date": "2024-12-10T10:00:00Z"}

    assert len(candles_for(settings(here, ("trading_settings.period", period)))[0]) == 1


def test_what_is_odd_is_warned_of_with_the_file(here: Path) -> None:
    (here / "sol.csv").write_text(CSV)

    _, warnings = candles_for(settings(here, ("trading_settings.timeframe", "1m")))
    assert warnings == ["sol.csv: candles are 1 h apart, trading_settings.timeframe says 1 m"]


def synthetic(*changes: tuple[str, object]) -> Settings:
    return load(
        ("exchange.name", "synthetic"),
        ("trading_settings.period", PERIOD),
        ("trading_settings.historical_data_file", ABSENT),
        *changes,
    )


def test_synthetic_market_covers_its_period_with_its_timeframe() -> None:
    candles, warnings = candles_for(synthetic())

    assert (len(candles), warnings) == (25, [])
    assert candles.times[1] - candles.times[0] == 3_600_000
    assert candle_file(synthetic()) is None


def test_synthetic_market_follows_its_seed_and_its_tick() -> None:
    closes = [
        [candles_for(synthetic(*changes))[0].exact(index).close for index in range(25)]
        for changes in ((), (), (("exchange.seed", 2),), (("market.price_tick", 5),))
    ]

    assert closes[0] == closes[1] != closes[2]
    assert all(close % 5 == 0 for close in closes[3])


def test_file_is_read_even_where_the_exchange_is_synthetic(here: Path) -> None:
    (here / "sol.csv").write_text(CSV)
    changes = (("exchange.name", "synthetic"), ("trading_settings.period", PERIOD))

    assert len(candles_for(settings(here, *changes))[0]) == 3
