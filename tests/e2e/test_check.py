"""`gridactors check`, as a user meets it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from actors.sandbox.options import Pair, SandboxOptions
from actors.sandbox.server import Sandbox
from tests.e2e.desk import Desk, waves
from tests.engine.configurations import ABSENT


def checked(desk: Desk, *arguments: str) -> Any:
    """Run to what one grid's check says to a program."""
    outcome = desk.run("check", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    (only,) = json.loads(outcome.out)
    return only


def test_ladder_money_and_no_file(desk: Desk, grid: str) -> None:
    before = desk.files()
    outcome = desk.run("check", grid)

    assert (outcome.code, outcome.err) == (0, "")
    words = " ".join(outcome.out.split())
    for part in ("the ladder at 120", "3 sell 1.6666666 140 130 held", "Initial purchase", "Break-even", "Left at the"):
        assert part in words
    assert "warning" not in words
    assert desk.files() == before


def test_json_is_a_list_with_an_object_for_each_grid(desk: Desk, grid: str) -> None:
    other = desk.configure(("grid_strategy.num_grids", 9), name="wide.json")
    outcome = desk.run("check", grid, other, "--json")

    objects = json.loads(outcome.out)
    assert [(one["name"], len(one["levels"])) for one in objects] == [("SOL/USDT grid", 4), ("SOL/USDT wide", 8)]


def test_check_tells_what_the_run_then_does(desk: Desk, grid: str) -> None:
    said = checked(desk, grid)
    desk.run("start", grid, "--quiet", "--no-report", "--results", "results.json")
    (figures,) = desk.results("results.json")
    bought = figures["trades"][0]

    assert (said["purchase"], said["purchase_price"]) == (bought["quantity"], bought["price"])
    first_orders = {(level["side"], level["price"], level["quantity"]) for level in said["levels"]}
    first_fill = figures["trades"][1]
    assert (first_fill["side"], first_fill["price"], first_fill["quantity"]) in first_orders


def test_first_close_inside_the_range_is_where_it_arms(desk: Desk, grid: str) -> None:
    desk.candles(
        "\n".join([waves().splitlines()[0], "2024-12-10 08:59:00,150,151,149,150,1", *waves().splitlines()[3:]])
    )

    assert Decimal(checked(desk, grid)["price"]) == Decimal(waves().splitlines()[3].split(",")[4])


def test_price_given_is_where_it_arms_and_needs_no_candles(desk: Desk, grid: str) -> None:
    (desk.folder / "sol.csv").unlink()

    assert checked(desk, grid, "--price", "111.5")["price"] == "111.5"


def test_market_that_never_comes_into_range_is_warned_of(desk: Desk, grid: str) -> None:
    desk.configure(("grid_strategy.range", {"bottom": 200, "top": 240}))

    said = checked(desk, grid)
    assert said["price"] == "220"
    assert said["warnings"] == ["No candle closes inside the range, so this grid never arms; its middle is shown."]


def test_what_is_odd_about_candles_is_warned_of(desk: Desk, grid: str) -> None:
    desk.configure(("trading_settings.timeframe", "1h"))

    assert "candles are 1 m apart, trading_settings.timeframe says 1 h" in checked(desk, grid)["warnings"][0]


def test_levels_closer_than_two_fees_and_under_the_minimums_are_warned_of(desk: Desk, grid: str) -> None:
    desk.configure(("exchange.trading_fee", 0.04), ("market.min_cost", 10_000))

    warnings = " ".join(checked(desk, grid)["warnings"])
    assert "closer than two fees cost" in warnings
    assert "under the market's minimums" in warnings


def test_stop_loss_has_its_own_worst_case(desk: Desk, grid: str) -> None:
    assert checked(desk, grid)["at_stop_loss"] is None
    desk.configure(("risk_management.stop_loss", {"enabled": True, "threshold": 90}))

    assert checked(desk, grid)["at_stop_loss"]["price"] == "90"
    assert "Left at stop-loss" in desk.run("check", grid).out


@pytest.mark.parametrize(
    ("price", "part"),
    [
        ("99.99", "--price = 99.99: the grid of grid.json arms only inside its range; allowed: 100 to 140"),
        ("1e9", "--price = 1000000000: the grid of grid.json arms"),
        ("abc", "--price = 'abc': allowed is a positive number"),
        ("-5", "--price = '-5': allowed is a positive number"),
        ("0", "--price = '0': allowed is a positive number"),
        ("nan", "--price = 'nan': allowed is a positive number"),
        ("inf", "--price = 'inf': allowed is a positive number"),
        ("", "--price = '': allowed is a positive number"),
    ],
)
def test_price_outside_the_range_or_not_a_price_is_refused(desk: Desk, grid: str, price: str, part: str) -> None:
    outcome = desk.run("check", grid, "--price", price)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"error: {part}")


@pytest.mark.parametrize("price", ["100", "140"])
def test_ends_of_the_range_are_inside_it(desk: Desk, grid: str, price: str) -> None:
    assert desk.run("check", grid, "--price", price).code == 0


def test_bad_configurations_are_refused_together(desk: Desk, grid: str) -> None:
    desk.configure(("grid_strategy.num_grids", 1))
    other = desk.configure(("pair.base_currency", ABSENT), name="other.json")
    outcome = desk.run("check", grid, other)

    assert (outcome.code, outcome.out) == (2, "")
    assert [line.split(": ")[1] for line in outcome.err.splitlines()] == ["grid.json", "other.json"]


def test_missing_candles_of_all_configurations_are_told_together(desk: Desk) -> None:
    names = [
        desk.configure(("trading_settings.historical_data_file", f"no-{number}.csv"), name=f"{number}.json")
        for number in (1, 2)
    ]
    outcome = desk.run("check", *names)

    assert (outcome.code, outcome.out) == (2, "")
    assert [f"no-{number}.csv" in line for number, line in enumerate(outcome.err.splitlines(), 1)] == [True, True]


# --- on live prices --------------------------------------------------------------------------------------

SANDBOX = (("exchange.name", "sandbox"), ("exchange.trading_mode", "live"))


def test_a_grid_on_the_sandbox_is_checked_by_the_sandboxs_own_rules(desk: Desk) -> None:
    result = checked(desk, desk.configure(*SANDBOX))

    assert result["price"] == "120"  # the middle of the range, where its market begins
    assert {level["quantity"] for level in result["levels"]} == {"1.666"}  # steps of 0.001
    assert not desk.files().keys() - {"grid.json"}


def test_the_sandboxs_price_may_lie_outside_the_range(desk: Desk) -> None:
    result = checked(desk, desk.configure(*SANDBOX, ("sandbox.price", 150)))

    assert result["price"] == "140"
    assert "The price is 150, outside the range" in result["warnings"][0]


@pytest.mark.parametrize("mode", ["live", "paper_trading"])
def test_a_grid_on_an_exchange_is_checked_there_without_keys(desk: Desk, mode: str) -> None:
    options = SandboxOptions(pairs=(Pair("SOL", "USDT", Decimal(110)),))
    with Sandbox(options) as sandbox:
        where = (("exchange.base_url", sandbox.urls.rest), ("exchange.trading_mode", mode))
        result = checked(desk, desk.configure(*where))

    assert result["price"] == "110"
    assert {level["quantity"] for level in result["levels"]} == {"1.818"}


def test_an_exchange_that_cannot_be_asked_is_named(desk: Desk) -> None:
    nowhere = (("exchange.base_url", "http://127.0.0.1:9"), ("exchange.trading_mode", "live"))
    outcome = desk.run("check", desk.configure(*nowhere))

    assert outcome.code == 1
    assert "binance at http://127.0.0.1:9 could not be asked for its markets" in outcome.err
