"""The results file: what stands in it, to the letter."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from actors.gateways.results_json import as_text, write_results
from engine.errors import BadInput
from engine.results import OtherFees
from tests.actors.runs import finished

TEXT = """\
[
 {
  "pair": "SOL/USDT",
  "mode": "backtest",
  "start": "2024-12-10T09:00:00Z",
  "end": "2024-12-10T10:59:00.500Z",
  "candles": 12345,
  "armed": true,
  "stop_reason": null,
  "initial_value": "1000",
  "final_value": "1012.345",
  "final_quote": "694.513008",
  "final_base": "2.6666",
  "total_fees": "0.694992",
  "grid_profit": "14.625",
  "unrealized_profit": "-2.28",
  "roi_percent": "1.2345",
  "buy_and_hold_percent": "-7.5",
  "max_drawdown_percent": "3.25",
  "max_runup_percent": "4.125",
  "time_in_profit_percent": "61.5",
  "time_in_loss_percent": "38.5",
  "sharpe": "1.75",
  "sortino": null,
  "buys": 28,
  "sells": 17,
  "cycles": 16,
  "open_orders": 3,
  "waiting_levels": 0,
  "trades": [
    {"time": "2024-12-10T09:00:00Z", "side": "buy", "kind": "market", "price": "120", "quantity": "4.1666", \
"fee": "0.499992", "fee_asset": "USDT", "level": null},
    {"time": "2024-12-10T09:00:00Z", "side": "sell", "kind": "limit", "price": "130", "quantity": "1.5", \
"fee": "0.195", "fee_asset": "USDT", "level": 2}
  ]
 }
]
"""


def test_results_are_this_text_to_the_letter() -> None:
    assert as_text([finished()]) == TEXT


def test_results_without_trades_are_json_too() -> None:
    (result,) = json.loads(as_text([finished(trades=())]))

    assert result["trades"] == []


def test_fees_in_other_assets_stand_before_the_trades() -> None:
    fees = (OtherFees("BNB", Decimal("1E-3"), Decimal("0.60")), OtherFees("GT", Decimal(2)))
    (result,) = json.loads(as_text([finished(other_fees=fees)]))

    assert result["other_fees"] == [
        {"asset": "BNB", "amount": "0.001", "value": "0.6"},
        {"asset": "GT", "amount": "2", "value": None},
    ]
    assert list(result)[-2:] == ["other_fees", "trades"]


def test_each_run_is_an_object_of_one_list() -> None:
    results = json.loads(as_text([finished(), finished(pair="ETH/USDT", stop_reason="stop_loss")]))

    assert [(result["pair"], result["stop_reason"]) for result in results] == [
        ("SOL/USDT", None),
        ("ETH/USDT", "stop_loss"),
    ]


def test_smallest_amounts_are_written_without_an_exponent() -> None:
    (result,) = json.loads(as_text([finished(final_base=Decimal("1E-8"), final_quote=Decimal("1E+3"))]))

    assert (result["final_base"], result["final_quote"]) == ("0.00000001", "1000")


def test_written_file_holds_the_text(tmp_path: Path) -> None:
    path = tmp_path / "results" / "sol.json"

    write_results(path, [finished()])
    assert path.read_text(encoding="utf-8") == TEXT


def test_results_that_cannot_be_written_name_their_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BadInput, match=r"file/sol\.json: cannot be written"):
        write_results(tmp_path / "file" / "sol.json", [finished()])
