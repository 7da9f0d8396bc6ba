"""Configuration files on disk: both formats, and every way in which a file can be unusable."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from actors.gateways import config_files
from engine.errors import BadInput

TOML = """\
[exchange]
name = "binance"
trading_fee = 0.001
trading_mode = "backtest"

[pair]
base_currency = "SOL"
quote_currency = "USDT"

[trading_settings]
timeframe = "1h"
period = { start_date = 2024-12-10T10:00:00+01:00, end_date = 2024-12-15 }
initial_balance = 1000.10
historical_data_file = "sol.csv"

[grid_strategy]
type = "simple_grid"
spacing = "arithmetic"
num_grids = 5
range = { top = 200.0, bottom = 130 }
"""

JSON = """\
{"exchange": {"name": "binance", "trading_fee": 1e-3, "trading_mode": "backtest"},
 "pair": {"base_currency": "SOL", "quote_currency": "USDT"},
 "trading_settings": {"timeframe": "1h",
                      "period": {"start_date": "2024-12-10T09:00:00Z", "end_date": "2024-12-15"},
                      "initial_balance": 1000.10, "historical_data_file": "sol.csv"},
 "grid_strategy": {"type": "simple_grid", "spacing": "arithmetic", "num_grids": 5,
                   "range": {"top": 200, "bottom": 130.00}}}
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        config_files.load(path)
    return str(caught.value)


@pytest.mark.parametrize(("name", "content"), [("grid.toml", TOML), ("grid.json", JSON), ("GRID.TOML", TOML)])
def test_file_in_either_format_loads_with_exact_numbers(tmp_path: Path, name: str, content: str) -> None:
    path = write(tmp_path, name, content)

    settings = config_files.load(path)

    assert settings.source == str(path)
    assert settings.name.lower() == "grid"
    assert str(settings.trading_settings.initial_balance) == "1000.10"
    assert settings.exchange.trading_fee == Decimal("0.001")
    assert settings.trading_settings.period.start_date == datetime(2024, 12, 10, 9, tzinfo=UTC)
    assert settings.trading_settings.period.end_date == datetime(2024, 12, 15, tzinfo=UTC)


def test_same_content_in_either_format_has_one_fingerprint(tmp_path: Path) -> None:
    toml = config_files.load(write(tmp_path, "a.toml", TOML))
    other = config_files.load(write(tmp_path, "b.json", JSON))

    assert toml.fingerprint() == other.fingerprint()


@pytest.mark.parametrize(("name", "content"), [("grid.toml", TOML), ("grid.json", JSON)])
def test_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path: Path, name: str, content: str) -> None:
    path = write(tmp_path, name, b"\xef\xbb\xbf" + content.replace("\n", "\r\n").encode())

    assert config_files.load(path).pair.base_currency == "SOL"


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("x.toml", "[exchange]\nname = \n", "is not valid TOML: Invalid value (at line 2, column 8)"),
        ("x.toml", 'a = "open', "is not valid TOML: Unterminated string (at line 1, column 10, where the file ends)"),
        ("x.toml", "[pair]\n[pair]\n", "is not valid TOML: Cannot declare ('pair',) twice (at line 2, column 6)"),
        ("x.toml", "d = 2024-13-01\n", "is not valid TOML: "),
        ("x.toml", "a = " + "9" * 5000, "is not valid TOML: "),
        ("x.toml", "a = " + "[" * 100_000, "is not valid TOML: "),
        ("x.json", '{"a": 1,\n "b" 2}', "is not valid JSON: Expecting ':' delimiter (at line 2, column 6)"),
        ("x.json", "", "is not valid JSON: Expecting value (at line 1, column 1)"),
        ("x.json", '{"a": 1, "a": 2}', 'is not valid JSON: the key "a" stands twice in one object'),
        ("x.json", "9" * 5000, "is not valid JSON: "),
        ("x.json", "[" * 100_000, "is not valid JSON: "),
        ("x.json", "[1]", "holds (a list); it must be a table with the sections exchange, "),
        ("x.toml", "# nothing yet\n", "is empty; it must be a table with the sections exchange, "),
        ("x.toml", b"# caf\xc3\xa9\n# caf\xe9", "is not UTF-8 text: byte 0xe9 (at line 2, column 6)"),
        ("x.yaml", TOML, "ends in '.yaml'; a configuration ends in .toml or .json"),
        ("grid", TOML, "ends in 'nothing'; a configuration ends in .toml or .json"),
    ],
)
def test_unusable_file_is_refused_with_the_place(
    tmp_path: Path, name: str, content: str | bytes, complaint: str
) -> None:
    path = write(tmp_path, name, content)

    assert refusal(path).startswith(f"{path}: {complaint}")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_json_constant_that_is_no_number_is_refused_by_its_key(tmp_path: Path, number: str) -> None:
    path = write(tmp_path, "x.json", JSON.replace('"top": 200', f'"top": {number}'))

    assert refusal(path) == f"{path}: grid_strategy.range.top = {number}: must be a finite number"


@pytest.mark.parametrize("number", ["nan", "inf"])
def test_toml_constant_that_is_no_number_is_refused_by_its_key(tmp_path: Path, number: str) -> None:
    path = write(tmp_path, "x.toml", TOML.replace("top = 200.0", f"top = {number}"))

    assert refusal(path).endswith(": must be a finite number")


def test_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "missing.toml"

    assert refusal(path) == f"{path}: does not exist"


def test_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: is a directory; give a .toml or .json file"


def test_file_below_another_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "grid.toml", TOML) / "grid.toml"

    assert refusal(path) == f"{path}: cannot be read: Not a directory"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "grid.toml", TOML)
    path.chmod(0)

    assert refusal(path) == f"{path}: cannot be read: permission denied"
