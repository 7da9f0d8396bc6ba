"""Where candles come from: the working directory, beside the configuration, an exchange, or the synthetic market."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from actors.candles.sources import candle_file, candles_for
from engine.errors import BadInput
from engine.settings import Settings
from tests.actors.candle_exchange import MINUTE, START, CandleExchange, fetching, minute_candle
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


# --- fetched -----------------------------------------------------------------------------------------


@pytest.fixture
def exchange() -> Iterator[CandleExchange]:
    with CandleExchange() as running:
        yield running


def test_candles_without_a_file_are_fetched_once_and_kept(here: Path, exchange: CandleExchange) -> None:
    candles, warnings = candles_for(fetching(exchange.url))
    again, _ = candles_for(fetching(exchange.url, ("pair.base_currency", "SOL"), last=49))

    assert (len(candles), len(again), warnings) == (100, 50, [])
    assert [candles.exact(index) for index in range(100)] == [minute_candle(minute) for minute in range(100)]
    assert len(exchange.received) == 1
    assert candle_file(fetching(exchange.url)) is None
    assert len(list(here.glob("data/candles/binance@127.0.0.1_*/SOL_USDT_1m.csv"))) == 1


@pytest.mark.usefixtures("here")
def test_cached_candles_need_neither_exchange_nor_ccxt(exchange: CandleExchange) -> None:
    candles_for(fetching(exchange.url))
    reading = (
        "import sys; from tests.actors.candle_exchange import fetching; from actors.candles.sources import candles_for;"
        f"print(len(candles_for(fetching({exchange.url!r}))[0]), 'ccxt' in sys.modules, 'requests' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: S603 - what is imported shows only in a process of its own
        [sys.executable, "-c", reading],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == "100 False False\n"
    assert len(exchange.received) == 1


def test_gaps_of_the_exchange_are_warned_of(here: Path, exchange: CandleExchange) -> None:
    exchange.holes = [30, 31, *range(90, 200)]
    _, warnings = candles_for(fetching(exchange.url, first=-10))

    file = next(here.glob("data/candles/*/*.csv")).relative_to(here)
    assert warnings == [
        f"{file}: 1 gap, the longest 3 m from 2024-08-01 00:29:00 UTC",
        f"{file}: the exchange has no candles from 2024-07-31 23:50:00 UTC until 2024-08-01 00:00:00 UTC",
        f"{file}: the exchange has no candles from 2024-08-01 01:30:00 UTC until 2024-08-01 01:40:00 UTC",
    ]


@pytest.mark.usefixtures("here")
def test_period_without_any_candle_is_refused(exchange: CandleExchange) -> None:
    with pytest.raises(BadInput) as refused:
        candles_for(fetching(exchange.url, first=-99, last=-1))

    assert str(refused.value).startswith(
        "config/x.toml: trading_settings.period: binance SOL/USDT 1m has no candle from"
    )
    assert "; allowed: " in str(refused.value)


@pytest.mark.usefixtures("here")
def test_period_that_has_not_begun_is_refused_and_nobody_asked(exchange: CandleExchange) -> None:
    period = {"start_date": "2999-01-01", "end_date": "2999-02-01"}
    with pytest.raises(BadInput, match=r"start_date = 2999-01-01 00:00:00 UTC: no candle of 1m since then is finished"):
        candles_for(fetching(exchange.url, ("trading_settings.period", period)))
    assert exchange.received == []


@pytest.mark.usefixtures("here")
def test_period_that_is_still_going_on_is_warned_of(exchange: CandleExchange) -> None:
    now = time.time_ns() // 1_000_000
    exchange.time, exchange.holes = now, range(10, (now - START) // MINUTE - 5)
    period = {"start_date": "2024-08-01", "end_date": "2999-01-01"}
    candles, warnings = candles_for(fetching(exchange.url, ("trading_settings.period", period)))

    assert candles.times[-1] + MINUTE <= now
    assert len(candles) in {13, 14, 15}
    assert "period.end_date is still to come; the last candle opens before " in warnings[-1]


@pytest.mark.parametrize("quiet", [False, True])
@pytest.mark.usefixtures("here")
def test_long_fetch_shows_its_progress_on_a_terminal_unless_it_is_to_be_quiet(
    exchange: CandleExchange, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, quiet: bool
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    exchange.time, exchange.holes = START + 20_000 * MINUTE, range(1_000, 19_999)
    candles, _ = candles_for(fetching(exchange.url, last=19_999), quiet=quiet)

    printed = capsys.readouterr()
    assert (len(candles), printed.out) == (1_001, "")
    assert ("/20000" in printed.err) is not quiet
