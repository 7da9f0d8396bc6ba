"""`trades` without a configuration asks the running process, with one what is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actors.commands.trades import TradesOptions, trades
from engine.errors import BadInput
from tests.commands.answers import rows, trade
from tests.commands.conftest import Terminal

CONFIG = (Path("missing.toml"),)


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (TradesOptions(), (("limit", "20"),)),
        (TradesOptions(grids=("sol",), limit=5), (("grid", "SOL/USDT"), ("limit", "5"))),
    ],
)
def test_running_process_is_asked_for_its_last_trades(
    terminal: Terminal,
    capsys: pytest.CaptureFixture[str],
    options: TradesOptions,
    asked: tuple[tuple[str, str], ...],
) -> None:
    answer = rows("trades", trade(1, "buy"))
    terminal.plays("GET /api/trades", answer)
    changed = TradesOptions(grids=options.grids, limit=options.limit, as_json=True, state_dir=terminal.state_dir)
    trades(changed)

    assert json.loads(capsys.readouterr().out) == answer
    assert terminal.last.query == asked


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (TradesOptions(since="24h"), "--since is about what is stored of a CONFIG; allowed with it: a CONFIG"),
        (TradesOptions(every=True, as_csv=True), "--all is about what is stored of a CONFIG"),
        (TradesOptions(configs=CONFIG, limit=5), "--limit is about the running process; allowed with it: no CONFIG"),
        (TradesOptions(configs=CONFIG, grids=("sol",)), "--grid is about the running process"),
        (TradesOptions(configs=CONFIG), "missing.toml: does not exist"),
    ],
)
def test_options_of_the_other_half_are_bad_input(options: TradesOptions, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        trades(options)
    assert told in str(refused.value)
