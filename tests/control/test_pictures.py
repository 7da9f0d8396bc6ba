from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from actors.control import pictures
from engine.candles.recorder import CandleRecorder
from engine.journal.rows import EventRow
from engine.live_view import LiveGrid, Standing
from engine.messages.vitals import Check, HealthDescribed, Level
from engine.reporter import Pause
from engine.tally import DAY, TallyTold
from engine.values import ZERO
from tests.actors.live_views import NOW, Desk
from tests.engine.samples import D


@pytest.fixture
def desk() -> Desk:
    """Play a grid through a few cycles, over midnight."""
    desk = Desk()
    for number, price in enumerate((180, 130, 171, 140)):
        desk.move(price, NOW + number * DAY)
    return desk


@pytest.fixture
def grid(desk: Desk) -> LiveGrid:
    return desk.look()


def numbers(values: list[str]) -> Decimal:
    return sum(map(Decimal, values), Decimal(0))


def test_every_picture_is_json_without_floats(grid: LiveGrid) -> None:
    painted = [
        *(pictures.status(grid), pictures.orders(grid), pictures.balance(grid), pictures.trades(grid, 100)),
        *(pictures.events(grid, 100), pictures.levels(grid), pictures.days(grid, 100)),
    ]

    def no_float(text: str) -> Any:
        raise AssertionError(f"{text} is a float")

    for picture in painted:
        assert json.loads(json.dumps(picture), parse_float=no_float) == picture


def test_status_tells_what_the_grid_has_come_to(grid: LiveGrid) -> None:
    status = pictures.status(grid)
    assert {key: status[key] for key in ("name", "standing", "price", "bottom", "top", "base", "quote")} == {
        "name": "SOL/USDT",
        "standing": "running",
        "price": "140",
        "bottom": "100",
        "top": "200",
        "base": "SOL",
        "quote": "USDT",
    }
    assert D(status["grid_profit"]) == grid.grid_profit.quantize(D("1e-8")) > 0
    assert (status["cycles"], status["trades"]) == (grid.cycles, len(grid.trades))
    assert status["open_buys"] + status["open_sells"] == len(grid.orders)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, (None, None)),
        ({"stop_reason": "take_profit"}, ("stopped by take-profit", None)),
        ({"pause": Pause("its owner wants it", 9)}, ("its owner wants it", 9)),
        ({"pause": Pause("its owner wants it", None)}, ("its owner wants it", None)),
    ],
)
def test_status_says_why_nothing_goes_on(
    grid: LiveGrid, changes: dict[str, Any], shown: tuple[str | None, int | None]
) -> None:
    status = pictures.status(evolve(grid, **changes))
    assert (status["why"], status["paused_until"]) == shown


def test_a_grid_of_which_nothing_is_known_is_shown_too() -> None:
    desk = Desk()
    nothing = TallyTold(ZERO, ZERO)
    empty = evolve(desk.look(), price=None, funds=None, rungs=(), orders=(), trades=(), tally=nothing, armed_at=None)
    assert pictures.status(evolve(empty, standing=Standing.WAITING))["price"] is None
    assert pictures.balance(empty)["assets"] == []
    assert pictures.levels(empty) == {"name": "SOL/USDT", "levels": []}
    assert pictures.days(empty, 9)["days"] == []


def test_levels_come_highest_first_and_say_why_they_are_empty(desk: Desk) -> None:
    desk.troubles["2"] = "refused: too many orders"
    levels = pictures.levels(desk.look())["levels"]
    prices = [D(level["price"]) for level in levels]
    assert prices == sorted(prices, reverse=True)
    empty = [level for level in levels if level["why"]]
    assert [level["level"] for level in empty] == ["2"]


def test_what_levels_and_days_earned_is_what_the_grid_earned(grid: LiveGrid) -> None:
    levels = pictures.levels(grid)["levels"]
    days = pictures.days(grid, 100)["days"]
    assert numbers([level["profit"] for level in levels]) == grid.grid_profit
    assert numbers([day["profit"] for day in days]) == grid.grid_profit
    assert sum(day["trades"] for day in days) == len(grid.trades)
    assert sum(day["cycles"] for day in days) == sum(level["cycles"] for level in levels) == grid.cycles
    assert numbers([day["fees"] for day in days]) == grid.total_fees


def test_days_are_those_of_utc_newest_first(grid: LiveGrid) -> None:
    days = [day["day"] for day in pictures.days(grid, 2)["days"]]
    assert days == ["2024-12-13", "2024-12-12"]


def test_trades_come_newest_first_and_market_orders_have_no_level(grid: LiveGrid) -> None:
    trades = pictures.trades(grid, 1000)["trades"]
    assert [trade["trade_id"] for trade in trades] == [trade.trade_id for trade in reversed(grid.trades)]
    assert trades[-1]["level"] is None
    assert trades[-1]["kind"] == "market"
    assert [trade["trade_id"] for trade in pictures.trades(grid, 2)["trades"]] == [
        one["trade_id"] for one in trades[:2]
    ]


def test_events_come_newest_first_with_what_is_known_of_them(grid: LiveGrid) -> None:
    events = (
        EventRow(time=1, kind="grid_armed"),
        EventRow(time=2, kind="order_intended", slot="7b", client_order_id="ga", details=(("price", "1.5"),)),
    )
    assert pictures.events(evolve(grid, events=events), 9)["events"] == [
        {
            "time": 2,
            "kind": "order_intended",
            "level": "7b",
            "client_order_id": "ga",
            "details": {"price": "1.5"},
        },
        {"time": 1, "kind": "grid_armed", "level": None, "client_order_id": None, "details": {}},
    ]


def test_candles_are_the_newest_ones_exact_and_oldest_first() -> None:
    recorder = CandleRecorder(60_000)
    for minute, price in enumerate(("1.10", "1.3", "0.123456789012345678")):
        recorder.price(minute * 60_000, D(price))
    assert pictures.candles("SOL/USDT", 60_000, recorder.candles(), 2) == {
        "name": "SOL/USDT",
        "timeframe_ms": 60_000,
        "candles": [
            [60_000, "1.3", "1.3", "1.3", "1.3"],
            [120_000, *["0.123456789012345678"] * 4],
        ],
    }
    assert pictures.candles("SOL/USDT", 60_000, None, 2)["candles"] == []


def test_health_is_shown_without_numbers_that_json_has_not() -> None:
    checks = (
        Check("process.cpu", None, Level.OK, "3 %", 5, 3.0, "%", (1.0, math.nan, 2.0)),
        Check("prices", "SOL/USDT", Level.CRITICAL, "none", None, math.inf, "s"),
    )
    shown = pictures.health(HealthDescribed(7, Level.CRITICAL, checks))
    assert shown == {
        "time": 7,
        "level": "critical",
        "checks": [
            {
                "name": "process.cpu",
                "grid": None,
                "level": "ok",
                "text": "3 %",
                "since": 5,
                "number": 3.0,
                "unit": "%",
                "trend": [1.0, 2.0],
            },
            {
                "name": "prices",
                "grid": "SOL/USDT",
                "level": "critical",
                "text": "none",
                "since": None,
                "number": None,
                "unit": "s",
                "trend": [],
            },
        ],
    }
