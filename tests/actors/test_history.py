"""Histories of made-up grids: what is asked for, what is shown, what is refused."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from actors.opening.states import key_of, place_of
from actors.store import GridStore, open_store
from engine.journal.rows import Batch, EventRow
from engine.messages import TradeBooked
from engine.plain import plain
from engine.settings.structure import structure_settings
from engine.values import ZERO, Kind, Side
from tests.e2e.desk import Desk
from tests.e2e.live_desk import grid_document
from tests.engine.configurations import changed
from tests.store.samples import GRID, order, trade

D = Decimal
START = 1_767_225_600_000  # 2026-01-01


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


Open = Callable[..., GridStore]


@pytest.fixture
def opened(desk: Desk) -> Open:
    """Give a way to open a configuration's store, in the folder where commands look for it."""

    def open_it(name: str = "grid.json", *changes: tuple[str, object]) -> GridStore:
        described = changed(*changes, of=grid_document())
        desk.write(name, json.dumps(described, default=float))
        settings = structure_settings(described, name)
        return open_store(place_of(settings, Path("data")), key_of(settings))

    return open_it


def traded(
    number: int, side: Side, price: str, *, kind: Kind = Kind.LIMIT, quantity: str = "0.5", fee: str = "0.05"
) -> TradeBooked:
    """Make the trade of that number, a second after the one before, of its own order of level 1."""
    name = f"ga-{number}{side}"
    slot = "grid" if kind is Kind.MARKET else "1"
    made = trade(str(number), name, slot=slot, time=START + number * 1000)
    money = attrs.evolve(made, price=D(price), quantity=D(quantity), fee=D(fee), fee_asset="USDT")
    return attrs.evolve(money, side=side, kind=kind, complete=True)


ROUND = (
    traded(1, Side.BUY, "101"),
    traded(2, Side.SELL, "102"),
    traded(3, Side.BUY, "101"),
    traded(4, Side.SELL, "99", kind=Kind.MARKET),
)
PROFITS = [None, "0.4", None, "-1.1"]  # of a half: a spacing of 1, or 2 down, less two fees of 0.05


def filled(store: GridStore, *trades: TradeBooked, events: Sequence[EventRow] = ()) -> None:
    """Write a life that these trades make."""
    orders = tuple(
        attrs.evolve(order(one.client_order_id, slot=one.owner.slot), side=one.side, cycle=7) for one in trades
    )
    grid = attrs.evolve(GRID, capital_quote=D(1000), capital_base=ZERO, amount_step=D("0.1"))
    with closing(store):
        store.write(Batch(grid=grid, orders=orders, trades=trades, events=tuple(events)))


def told(desk: Desk, *arguments: str) -> Any:
    outcome = desk.run(*arguments, "--json")
    assert (outcome.code, outcome.err) == (0, ""), outcome
    return json.loads(outcome.out)


def rows(desk: Desk, *arguments: str) -> list[dict[str, str]]:
    outcome = desk.run(*arguments, "--csv")
    assert (outcome.code, outcome.err) == (0, ""), outcome
    return list(csv.DictReader(io.StringIO(outcome.out)))


# --- trades -------------------------------------------------------------------------------------------


def test_each_sale_tells_what_it_realized(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)

    (life,) = told(desk, "trades", "grid.json")
    assert [one["profit"] for one in life["trades"]] == PROFITS
    assert life["trades"][1] == {
        "time": "2026-01-01T00:00:02.000Z", "side": "sell", "kind": "limit", "price": "102", "quantity": "0.5",
        "cost": "51", "fee": "0.05", "fee_asset": "USDT", "profit": "0.4", "trade_id": "2", "order_id": "9001",
        "client_order_id": "ga-2sell", "level": "1", "cycle": 7,
    }  # fmt: skip
    assert (life["trades"][3]["level"], life["trades"][3]["cycle"]) == (None, None)
    assert (life["name"], life["pair"], life["mode"], life["archived_at"]) == ("grid", "SOL/USDT", "live", None)
    assert life["source"] == str(desk.folder / "grid.json")


def test_csv_has_plain_decimals_and_empty_cells_for_none(desk: Desk, opened: Open) -> None:
    filled(opened(), traded(1, Side.BUY, "1E+2", quantity="0.00000001", fee="0E-8"))

    outcome = desk.run("trades", "grid.json", "--csv")
    header, row = outcome.out.splitlines()
    assert header.startswith("time,pair,side,kind,price,quantity,cost,fee,fee_asset,profit,trade_id,order_id,")
    assert row == (
        "2026-01-01T00:00:01.000Z,SOL/USDT,buy,limit,100,0.00000001,0.000001,0,USDT,,1,9001,ga-1buy,1,7,grid,live"
    )


def test_table_ends_with_what_all_adds_up_to(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)

    outcome = desk.run("trades", "grid.json")
    words = " ".join(outcome.out.split())
    for part in (
        "2026-01-01 00:00:02.000 sell 102 0.5 51.00 0.05 USDT 1 0.40 7 2 9001 ga-2sell",
        "sell 99 0.5 49.50 0.05 USDT market -1.10 4 9001",
        "Trades 4 Bought 1 SOL for 101.00 USDT Sold 1 SOL for 100.50 USDT Fees 0.2 USDT",
        "Realized profit -0.70 USDT, of that -1.10 by sales at market Cycles 1",
    ):
        assert part in words, outcome.out


def test_since_leaves_out_rows_but_not_what_they_cost(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)

    (life,) = told(desk, "trades", "grid.json", "--since", "2026-01-01T00:00:02")
    assert [one["profit"] for one in life["trades"]] == PROFITS[1:]
    assert "Trades           3\n" in desk.run("trades", "grid.json", "--since", "2026-01-01T00:00:02").out


def test_trade_that_does_not_know_its_exchange_order_has_it_from_the_order(desk: Desk, opened: Open) -> None:
    filled(opened(), attrs.evolve(ROUND[0], order_id=""))

    assert rows(desk, "trades", "grid.json")[0]["order_id"] == "9001"


def test_profits_are_written_to_eight_places_that_add_up(desk: Desk, opened: Open) -> None:
    thirds = [
        traded(number, side, price, quantity="0.3" if side is Side.BUY else "0.1", fee="0.01")
        for number, (side, price) in enumerate(
            [(Side.BUY, "100"), (Side.SELL, "101"), (Side.SELL, "101"), (Side.SELL, "101")]
        )
    ]
    filled(opened(), *thirds)

    profits = [D(row["profit"]) for row in rows(desk, "trades", "grid.json") if row["profit"]]
    assert sum(profits) == D("0.26")
    assert {plain(profit) for profit in profits} == {"0.08666667", "0.08666666"}


def test_text_that_a_spreadsheet_would_run_is_quoted_and_numbers_are_not(desk: Desk, opened: Open) -> None:
    loss = traded(2, Side.SELL, "100")
    filled(opened(), ROUND[0], attrs.evolve(loss, trade_id='=cmd("x"),1'))

    row = rows(desk, "trades", "grid.json")[1]
    assert (row["trade_id"], row["profit"]) == ('\'=cmd("x"),1', "-0.6")


def test_step_of_the_exchange_decides_what_is_left_of_a_lot(desk: Desk, opened: Open) -> None:
    # The plan is in tenths: the hundredth that is left of the first lot is no part of the second, as it is for a grid
    # that trades by the exchange's step, whatever the configuration says of it.
    filled(
        opened(),
        traded(1, Side.BUY, "90", quantity="0.51", fee="0"),
        traded(2, Side.SELL, "100", quantity="0.5", fee="0"),
        traded(3, Side.BUY, "80", quantity="0.5", fee="0"),
        traded(4, Side.SELL, "100", quantity="0.5", fee="0"),
    )

    assert [row["profit"] for row in rows(desk, "trades", "grid.json")] == ["", "5", "", "10"]


# --- the journal --------------------------------------------------------------------------------------

ENDED = EventRow(
    time=START + 1500,
    kind="order_ended",
    slot="1",
    client_order_id=None,
    details=(("filled", "0"), ("text", 'no "funds"\n\x1b[2J')),
)
ARMED = EventRow(time=START, kind="grid_armed", details=(("price", "100"),))


def test_journal_tells_events_with_all_about_them(desk: Desk, opened: Open) -> None:
    filled(opened(), events=(ARMED, ENDED))

    (life,) = told(desk, "journal", "grid.json")
    assert life["events"] == [
        {
            "time": "2026-01-01T00:00:00.000Z",
            "event": "grid_armed",
            "level": None,
            "order": None,
            "details": {"price": "100"},
        },
        {
            "time": "2026-01-01T00:00:01.500Z",
            "event": "order_ended",
            "level": "1",
            "order": None,
            "details": {"filled": "0", "text": 'no "funds"\n\x1b[2J'},
        },
    ]
    (row,) = rows(desk, "journal", "grid.json", "--since", "2026-01-01T00:00:01")
    assert json.loads(row["details"]) == {"filled": "0", "text": 'no "funds"\n\x1b[2J'}
    assert (row["order"], row["level"]) == ("", "1")


def test_line_of_the_journal_obeys_no_text(desk: Desk, opened: Open) -> None:
    filled(opened(), events=(ARMED, ENDED))

    outcome = desk.run("journal", "grid.json")
    _, _, armed, ended = outcome.out.splitlines()
    assert armed.split() == ["2026-01-01", "00:00:00.000", "grid_armed", "price=100"]
    assert ended.endswith(r'filled=0 text="no \"funds\"\n\u001b[2J"')


# --- which grids, which lives ---------------------------------------------------------------------------


def test_archived_lives_are_told_when_they_are_asked_for(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)
    with closing(opened()) as store:
        store.load()
        store.archive(START, "stopped for good")

    outcome = desk.run("trades", "grid.json", "--json")
    assert (outcome.code, json.loads(outcome.out)) == (0, [])
    assert "--all shows 1 archived life" in outcome.err

    filled(opened(), ROUND[0])
    (present,) = told(desk, "trades", "grid.json")
    assert len(present["trades"]) == 1
    past, now = told(desk, "trades", "grid.json", "--all")
    assert [one["profit"] for one in past["trades"]] == PROFITS
    assert (past["archived_at"], now["archived_at"]) == ("2026-01-01T00:00:00.000Z", None)
    assert [one["profit"] for one in now["trades"]] == [None]
    assert "archived 2026-01-01T00:00:00.000Z (stopped for good)" in desk.run("trades", "grid.json", "--all").out


def test_several_grids_follow_one_another_and_each_is_told_once(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)
    filled(opened("other.json", ("grid_strategy.num_grids", 12)), ROUND[0])

    told_rows = rows(desk, "trades", "grid.json", "other.json", "grid.json")
    assert [row["grid"] for row in told_rows] == ["grid"] * 4 + ["other"]
    assert [len(life["trades"]) for life in told(desk, "trades", "grid.json", "other.json")] == [4, 1]


def test_grid_without_a_row_has_empty_lists(desk: Desk, opened: Open) -> None:
    filled(opened())

    assert told(desk, "trades", "grid.json")[0]["trades"] == []
    assert told(desk, "journal", "grid.json")[0]["events"] == []
    assert "Trades           0\n" in desk.run("trades", "grid.json").out


# --- what cannot be answered ----------------------------------------------------------------------------


def test_damaged_database_is_refused_before_another_grid_is_told(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)
    store = opened("other.json", ("grid_strategy.num_grids", 12))
    store.close()
    (other,) = set((desk.folder / "data/SOL_USDT").glob("*.db")) - {_file(desk)}
    other.write_bytes(b"not a database at all" * 1000)

    outcome = desk.run("trades", "grid.json", "other.json")
    assert (outcome.code, outcome.out) == (2, "")
    assert "allowed: a database that is whole" in outcome.err


def test_locked_database_is_a_failure_that_says_so(desk: Desk, opened: Open) -> None:
    filled(opened(), *ROUND)
    path = _file(desk)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        for ending in ("-wal", "-shm"):  # as if a process had it open
            path.with_name(path.name + ending).touch()

        outcome = desk.run("trades", "grid.json")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("failed: grid.json: ")
    assert "database is locked" in outcome.err


def _file(desk: Desk) -> Path:
    settings = structure_settings(grid_document(), "grid.json")
    path = place_of(settings, desk.folder / "data").file()
    assert path is not None
    return path
