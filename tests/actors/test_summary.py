"""The summary: all figures, readable at 80 columns, whatever the sizes and names."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from actors.display.summary import print_summary, remarks
from engine.results import GridRun, OtherFees
from engine.values import Side
from tests.actors.grids import START, booked, grid_owner, wish
from tests.actors.runs import SALE, SETUP, finished

LIQUIDATION = booked(wish(grid_owner(SETUP), Side.SELL, 130, "1.5"), trade_id="3")


def printed(*runs: GridRun, width: int = 80) -> str:
    console = Console(width=width, file=StringIO())
    print_summary(console, runs)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    return text


def rows(text: str) -> dict[str, str]:
    """Read a summary of one grid as label and figure."""
    lines = [line.strip() for line in text.splitlines()]
    return {label.strip(): figure.strip() for label, _, figure in (line.partition("  ") for line in lines) if figure}


def test_summary_holds_every_figure() -> None:
    assert rows(printed(finished())) == {
        "Mode": "backtest",
        "First candle": "2024-12-10T09:00:00Z",
        "Last candle": "2024-12-10T10:59:00.500Z",
        "Candles": "12,345",
        "Armed": "2024-12-10T09:00:00Z",
        "Stopped by": "-",
        "Initial value": "1,000.00 USDT",
        "Final value": "1,012.34 USDT",
        "Final quote": "694.51 USDT",
        "Final base": "2.6666 SOL",
        "Total fees": "0.69 USDT",
        "Grid profit": "14.62 USDT",
        "Unrealized profit": "-2.28 USDT",
        "ROI": "1.23 %",
        "Buy and hold": "-7.50 %",
        "Max drawdown": "3.25 %",
        "Max run-up": "4.12 %",
        "Time in profit": "61.50 %",
        "Time in loss": "38.50 %",
        "Sharpe": "1.75",
        "Sortino": "-",
        "Buys": "28",
        "Sells": "17",
        "Cycles": "16",
        "Open orders": "3",
        "Waiting levels": "0",
    }


def test_small_amounts_keep_three_digits() -> None:
    text = printed(finished(total_fees=Decimal("0.00001234"), final_base=Decimal("0.00000001")))

    assert rows(text)["Total fees"] == "0.0000123 USDT"
    assert rows(text)["Final base"] == "0.00000001 SOL"


def test_large_amounts_are_whole() -> None:
    text = printed(finished(final_value=Decimal("123456789012345.678"), final_base=Decimal("987654321012345.12345678")))

    assert rows(text)["Final value"] == "123,456,789,012,345.68 USDT"
    assert rows(text)["Final base"] == "987654321012345.12345678 SOL"


def test_grids_are_columns_side_by_side() -> None:
    text = printed(finished(name="SOL/USDT a"), finished(name="SOL/USDT b", buys=99))

    (heading,) = [line for line in text.splitlines() if "SOL/USDT a" in line]
    assert heading.split("  ")[-1].strip() == "SOL/USDT b"
    (buys,) = [line.split() for line in text.splitlines() if "Buys" in line]
    assert buys == ["Buys", "28", "99"]


@pytest.mark.parametrize("width", [80, 60, 48, 200])
def test_more_grids_than_fit_follow_below(width: int) -> None:
    names = [f"SOL/USDT {letter}" for letter in "abcde"]
    text = printed(*(finished(name=name) for name in names), width=width)

    assert [text.count(name) for name in names] == [1] * 5
    assert text.count("2024-12-10T10:59:00.500Z") == 5


def test_terminal_too_narrow_for_one_grid_folds_lines_and_loses_nothing() -> None:
    assert signs(printed(finished(), width=24)) == signs(printed(finished(), width=80))


def signs(text: str) -> list[str]:
    return sorted("".join(text.split()).replace("─", ""))


@pytest.mark.parametrize("name", ["SOL/USDT a [old]", "SOL/USDT [/]", "SOL/USDT :dog:", "[red]/USDT"])
def test_name_is_shown_as_it_is(name: str) -> None:
    assert printed(finished(name=name, armed=False)).count(name) == 2


def test_currency_that_looks_like_markup_is_shown_as_it_is() -> None:
    text = printed(finished(("pair.quote_currency", "[bold]"), ("pair.base_currency", "[red]")))

    assert "1,012.34 [bold]" in text
    assert "2.6666 [red]" in text


# --- remarks -----------------------------------------------------------------------------------------


def test_run_that_took_its_course_needs_no_words() -> None:
    assert remarks(finished()) == []


def test_grid_that_never_armed_is_explained_by_its_range() -> None:
    (sentence,) = remarks(finished(armed=False, armed_at=None, trades=()))

    assert sentence.startswith("never armed: no candle closed inside the range 100 to 140")


def test_grid_that_never_armed_shows_no_time_of_arming() -> None:
    assert rows(printed(finished(armed=False, armed_at=None)))["Armed"] == "no"


@pytest.mark.parametrize(("reason", "words"), [("stop_loss", "stop-loss"), ("take_profit", "take-profit")])
def test_stop_tells_its_reason_and_the_sale(reason: str, words: str) -> None:
    run = finished(stop_reason=reason, trades=(SALE, LIQUIDATION))

    assert remarks(run) == [f"stopped by {words}; sold at 130 at 2024-12-10T09:00:00Z."]
    assert rows(printed(run))["Stopped by"] == words


def test_stop_that_keeps_the_coins_tells_of_no_sale() -> None:
    assert remarks(finished(stop_reason="SIGINT", trades=(SALE,))) == ["stopped by Ctrl-C."]


def test_fees_in_other_assets_are_told_apart_and_only_where_there_are_any() -> None:
    with_bnb = finished(
        name="SOL/USDT a", other_fees=(OtherFees("BNB", Decimal("0.00120")), OtherFees("GT", Decimal(3)))
    )
    text = printed(with_bnb, finished(name="SOL/USDT b"))

    assert "Other fees" not in printed(finished())
    (line,) = [line.split() for line in text.splitlines() if "Other fees" in line]
    assert line == ["Other", "fees", "0.0012", "BNB", "-"]
    assert "3 GT" in text


@pytest.mark.parametrize(
    ("mode", "title"), [("backtest", "Backtest"), ("paper_trading", "Paper trading"), ("live", "Live")]
)
def test_title_names_the_mode(mode: str, title: str) -> None:
    assert printed(finished(mode=mode)).splitlines()[0].strip() == title


def test_waiting_levels_point_to_check() -> None:
    (sentence,) = remarks(finished(waiting_levels=3, armed_at=START))

    assert sentence.startswith("3 ")
    assert "`gridactors check`" in sentence
