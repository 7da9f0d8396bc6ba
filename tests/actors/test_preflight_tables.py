"""The preflight: the ladder and the money, readable at 80 columns, and whole for a program."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from actors.display.preflight_tables import as_object, print_preflight
from engine import preflight
from engine.grid import level_prices
from engine.preflight import Preflight
from tests.actors.grids import grid

SOL = (("grid_strategy.range", {"bottom": 150, "top": 190}), ("grid_strategy.num_grids", 20))
GEOMETRIC = ("grid_strategy.spacing", "geometric")
TINY = {"bottom": Decimal("0.00001234"), "top": Decimal("0.00001987")}


def checked(*changes: tuple[str, object], price: str | None = None, stop_loss: int | None = None) -> Preflight:
    setup = grid(*changes)
    prices = level_prices(setup.rules)
    middle = setup.rules.market.round_price((prices[0] + prices[-1]) / 2)
    budget = setup.settings.trading_settings.initial_balance
    exit_at = None if stop_loss is None else Decimal(stop_loss)
    return preflight.check(setup.rules, middle if price is None else Decimal(price), budget, exit_at)


def printed(check: Preflight, *changes: tuple[str, object], name: str = "SOL/USDT", width: int = 80) -> str:
    console = Console(width=width, file=StringIO())
    print_preflight(console, name, grid(*changes).rules.market, check)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    return text


def ladder(text: str) -> list[list[str]]:
    """Read the lines of the ladder, from the top, as words."""
    lines = [line.split() for line in text.splitlines()]
    return [words for words in lines if len(words) > 5 and words[1] in {"buy", "sell"}]


def test_ladder_shows_each_level_with_its_order_its_cost_and_its_cycle() -> None:
    assert ladder(printed(checked(price="120"))) == [
        ["3", "sell", "1.6666666", "140", "130", "held", "16.22", "(7.48", "%)"],
        ["2", "sell", "1.6666666", "130", "120", "held", "16.25", "(8.12", "%)"],
        ["1", "buy", "1.6666666", "110", "120", "183.52", "16.28", "(8.88", "%)"],
        ["0", "buy", "1.6666666", "100", "110", "166.83", "16.32", "(9.79", "%)"],
    ]


def test_figures_tell_what_becomes_of_the_money() -> None:
    text = " ".join(printed(checked(price="120", stop_loss=90)).split())

    for sentence in (
        "Capital 1,000.00 USDT",
        "Initial purchase 4.16666666 SOL at 120, 500.50 USDT with its fee",
        "In orders 750.85 USDT at the present price",
        "Left idle 249.15 USDT",
        "Break-even spacing 0.2002 %",
        "Left at the bottom 899.15 USDT at 100, a loss of 100.85 USDT (10.08 %)",
        "Left at stop-loss 823.48 USDT at 90, a loss of 176.52 USDT (17.65 %)",
    ):
        assert sentence in text


def test_without_a_purchase_it_says_none() -> None:
    assert "Initial purchase none" in " ".join(printed(checked(("grid_strategy.initial_purchase", "none"))).split())


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (SOL, "166.84"),
        ((*SOL, GEOMETRIC), "187.65"),
        ((*SOL, GEOMETRIC, ("market.price_tick", Decimal("0.1"))), "187.7"),
        ((("grid_strategy.range", TINY), GEOMETRIC, ("grid_strategy.num_grids", 20)), "0.00001938"),
        ((("grid_strategy.range", {"bottom": 60_000, "top": 90_000}), ("grid_strategy.num_grids", 4)), "70000"),
        (
            (("grid_strategy.range", {"bottom": 1, "top": Decimal("1.0000001")}), ("grid_strategy.num_grids", 3)),
            "1.00000010",
        ),
    ],
    ids=["arithmetic", "geometric", "tick", "tiny", "large", "narrow"],
)
def test_ladder_of_any_size_is_whole_on_80_columns(changes: tuple[tuple[str, object], ...], shown: str) -> None:
    check = checked(*changes)
    rows = ladder(printed(check))

    assert len(rows) == len(check.levels)
    assert shown in {words[3] for words in rows}
    assert all(words[-1] == "%)" for words in rows)


def test_figures_too_wide_for_the_terminal_are_folded_and_lose_nothing() -> None:
    check = checked(("trading_settings.initial_balance", 10**6), ("grid_strategy.range", TINY), GEOMETRIC)

    assert signs(printed(check, width=40)) == signs(printed(check, width=400))


def signs(text: str) -> list[str]:
    return sorted("".join(text.split()).replace("─", ""))


def test_levels_that_will_not_be_placed_say_so_and_the_warning_says_why() -> None:
    changes = (*SOL, GEOMETRIC, ("trading_settings.initial_balance", 10_000))
    check = checked(*changes, price="171.81")
    text = printed(check)

    assert [words[0] for words in ladder(text) if words[-1] == "waits"] == ["0"]
    assert "warning: 1 level (0): waits for funds." in text


def test_level_whose_quantity_rounds_to_zero_is_idle() -> None:
    assert {words[-1] for words in ladder(printed(checked(("market.amount_step", 2))))} == {"idle"}


def test_both_levels_of_a_hedged_interval_are_shown() -> None:
    rows = ladder(printed(checked(("grid_strategy.type", "hedged_grid"), price="125")))

    assert [words[:2] for words in rows] == [["3", "sell"], ["2b", "sell"], ["2", "buy"], ["1", "buy"], ["0", "buy"]]


@pytest.mark.parametrize("name", ["SOL/USDT a [old]", "SOL/USDT [/]", "[red]/USDT"])
def test_name_is_shown_as_it_is(name: str) -> None:
    assert f"{name}: the ladder at 120" in printed(checked(), name=name)


def test_program_gets_every_figure_exact_and_as_a_string() -> None:
    check = checked(price="120", stop_loss=90)
    read = json.loads(json.dumps(as_object("SOL/USDT", check)))

    assert list(read) == [
        *("name", "price", "capital", "unit", "purchase", "purchase_price", "purchase_cost"),
        *("capital_used", "capital_idle", "break_even_percent", "levels", "at_bottom", "at_stop_loss", "warnings"),
    ]
    assert (read["name"], read["price"], read["purchase"]) == ("SOL/USDT", "120", "4.16666666")
    assert [level["slot"] for level in read["levels"]] == ["1", "2", "0", "3"]
    assert read["levels"][0] | {"cycle_profit": "", "cycle_percent": ""} == {
        "slot": "1",
        "side": "buy",
        "low": "110",
        "high": "120",
        "price": "110",
        "quantity": "1.66666666",
        "reserves": "183.51666593",
        "waits_because": None,
        "cycle_profit": "",
        "cycle_percent": "",
    }
    assert check.at_stop_loss is not None
    assert Decimal(read["at_stop_loss"]["value"]) == check.at_stop_loss.value
