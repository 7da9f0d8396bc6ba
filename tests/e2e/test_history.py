"""The history of a grid that really trades: read while it does, and when it is over."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from actors.store import Place, read_history
from actors.trading.results import results_of
from engine.results import GridResult
from tests.e2e.desk import SOON, Desk, Outcome
from tests.e2e.live_desk import LiveDesk, grid_document

D = Decimal
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("trades",),
    ("trades", "--json"),
    ("trades", "--csv"),
    ("journal",),
    ("journal", "--json"),
)
TAKES_PROFIT = ("risk_management.take_profit", {"enabled": True, "threshold": 119})


@frozen
class Traded:
    """Hold what came of a grid: as it told itself, and as its history was read at the same time and afterwards."""

    folder: Path
    early: tuple[tuple[str, ...], Outcome]  # the trades that it had booked, and what was told of them
    result: GridResult
    exchange_ids: tuple[str, ...]
    meanwhile: dict[tuple[str, ...], Outcome]
    files: tuple[dict[str, str], dict[str, str]]  # before it was read meanwhile, and after

    def run(self, *arguments: str) -> Outcome:
        return Desk(self.folder).run(*arguments, "grid.json", "--state-dir", ".")


@pytest.fixture(scope="module")
def over(tmp_path_factory: pytest.TempPathFactory) -> Traded:
    """Trade up and down, sell all at market in the end, and read all while the grid is still running."""
    folder = tmp_path_factory.mktemp("history")
    with pytest.MonkeyPatch.context() as patch, LiveDesk(folder, grid_document(TAKES_PROFIT)) as live:
        patch.chdir(folder)
        live.wait_quiet()
        exchange = live.grids[0].settings.exchange
        roots = {"base_url": exchange.base_url, "stream_url": exchange.stream_url, "ws_api_url": exchange.ws_api_url}
        document = live.documents[0] | {"exchange": live.documents[0]["exchange"] | roots}
        (folder / "grid.json").write_text(json.dumps(document, default=float))
        live.travel(["93", "107", "96", "104", "88", "112"])
        early = Desk(folder).run("trades", "grid.json", "--state-dir", ".", "--json")
        booked = tuple(trade.trade_id for trade in live.trades())
        live.move("119.5")
        live.wait_stopped()
        live.wait_quiet()
        (run,) = results_of(live.grids, live.post)
        last = live.exchange_trades()[-1].trade_id
        live.wait_until(lambda: _caught_up(folder) == str(last), "nothing more to be written")
        before = _files(folder)
        meanwhile = {it: Desk(folder).run(*it, "grid.json", "--state-dir", ".") for it in COMMANDS}
        ids = tuple(str(trade.trade_id) for trade in live.exchange_trades())
        return Traded(folder, (booked, early), run.result, ids, meanwhile, (before, _files(folder)))


@pytest.fixture(autouse=True)
def there(over: Traded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(over.folder)


def _caught_up(folder: Path) -> str | None:
    """Give the last trade that the journal has been told of; that is what it writes last."""
    (path,) = folder.rglob("state_*.db")
    (life,) = read_history(Place(path), None, None)
    return life.grid.caught_up


def _files(folder: Path) -> dict[str, str]:
    """Give all files with what is in them; of the index by which a writer and readers share a log, that it is there."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path): "" if path.name.endswith("-shm") else hashlib.sha256(path.read_bytes()).hexdigest() for path in found
    }


def _trades(over: Traded) -> list[dict[str, Any]]:
    (life,) = json.loads(over.run("trades", "--json").out)
    trades: list[dict[str, Any]] = life["trades"]
    return trades


def test_profits_of_levels_add_up_to_the_grid_profit_of_the_summary(over: Traded) -> None:
    limit = [D(one["profit"]) for one in _trades(over) if one["kind"] == "limit" and one["side"] == "sell"]

    assert len(limit) == over.result.cycles > 5
    assert sum(limit) == over.result.grid_profit


def test_all_profits_are_what_the_money_has_become(over: Traded) -> None:
    trades = _trades(over)

    assert (trades[-1]["kind"], trades[-1]["side"]) == ("market", "sell")
    profit = sum(D(one["profit"]) for one in trades if one["profit"])
    dust = over.result.final_base * 120  # what the step did not let it sell, worth less than that
    assert 0 <= profit - (over.result.final_quote - over.result.initial_value) <= dust


def test_every_trade_of_the_exchange_is_told_in_its_order(over: Traded) -> None:
    assert tuple(one["trade_id"] for one in _trades(over)) == over.exchange_ids
    assert len(over.exchange_ids) == over.result.buys + over.result.sells


def test_grid_that_is_trading_tells_all_that_it_has_booked(over: Traded) -> None:
    booked, outcome = over.early
    (life,) = json.loads(outcome.out)

    assert (outcome.code, outcome.err) == (0, "")
    assert tuple(one["trade_id"] for one in life["trades"]) == booked != over.exchange_ids


def test_csv_tells_what_json_tells(over: Traded) -> None:
    rows = list(csv.DictReader(io.StringIO(over.run("trades", "--csv").out)))

    for row, one in zip(rows, _trades(over), strict=True):
        assert row == {name: "" if value is None else str(value) for name, value in one.items()} | {
            "pair": "SOL/USDT",
            "grid": "grid",
            "mode": "live",
        }


def test_journal_begins_with_arming_and_ends_with_the_stop(over: Traded) -> None:
    (life,) = json.loads(over.run("journal", "--json").out)
    kinds = [event["event"] for event in life["events"]]

    assert "grid_armed" in kinds[:2]
    assert "grid_stopped" in kinds[-2:]
    assert kinds.count("trade_booked") == len(over.exchange_ids)


def test_same_is_told_while_it_runs_and_afterwards(over: Traded) -> None:
    for command, outcome in over.meanwhile.items():
        assert (outcome.code, outcome.err) == (0, "")
        assert over.run(*command) == outcome


def test_reading_changes_nothing(over: Traded) -> None:
    before, after = over.files
    assert any(name.endswith("-wal") for name in before)  # it was running
    assert before == after

    kept = _files(over.folder)
    for command in COMMANDS:
        assert over.run(*command).code == 0
    assert _files(over.folder) == kept


@pytest.mark.parametrize("command", COMMANDS, ids="".join)
def test_reader_who_has_gone_is_no_trouble(over: Traded, command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(  # noqa: S603 - the program itself
            [sys.executable, "-m", "actors", *command, "grid.json", "--state-dir", "."],
            stdout=writing,
            stderr=subprocess.PIPE,
            cwd=over.folder,
            timeout=SOON,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
