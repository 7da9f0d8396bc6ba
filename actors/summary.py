"""The summary at the end of a run, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from engine.plain import moment, plain, rounded
from engine.results import GridResult, GridRun
from engine.values import ZERO

_Row = tuple[str, Callable[[GridRun], str]]


def print_summary(console: Console, runs: Sequence[GridRun]) -> None:
    """Print all figures, a column a grid, and a plain sentence for a grid that did not run its course."""
    table = Table(title="Backtest", title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for run in runs:
        table.add_column(run.name, justify="right")
    for section in (_RUN, _MONEY, _RETURNS, _TRADES):
        for label, cell in section:
            table.add_row(label, *(cell(run) for run in runs))
        table.add_section()
    console.print(table)
    for run in runs:
        for sentence in remarks(run):
            console.print(f"{run.name}: {sentence}", highlight=False)


def remarks(run: GridRun) -> list[str]:
    """Say in words what the figures alone do not."""
    result = run.result
    if not result.armed:
        bottom, top = plain(run.ladder[0]), plain(run.ladder[-1])
        return [f"never armed: no candle closed inside the range {bottom} to {top}, so nothing was bought or sold."]
    if result.stop_reason is not None:
        last = result.trades[-1] if result.trades else None
        sold = f"; sold at {plain(last.price)} at {moment(last.time)}" if last is not None else ""
        return [f"stopped by {result.stop_reason.replace('_', '-')}{sold}."]
    if result.waiting_levels:
        waiting = f"{result.waiting_levels} of its levels waited at the end, for funds or for the market's minimums"
        return [f"{waiting}; `gridactors check` tells which."]
    return []


def _signed(amount: Decimal, text: str) -> str:
    if amount == ZERO:
        return text
    return f"[green]{text}[/]" if amount > ZERO else f"[red]{text}[/]"


def _money(pick: Callable[[GridResult], Decimal], *, coloured: bool = False) -> Callable[[GridRun], str]:
    def cell(run: GridRun) -> str:
        amount = pick(run.result)
        text = f"{rounded(amount)} {run.settings.pair.quote_currency}"
        return _signed(amount, text) if coloured else text

    return cell


def _percent(pick: Callable[[GridResult], Decimal], *, coloured: bool = False) -> Callable[[GridRun], str]:
    def cell(run: GridRun) -> str:
        share = pick(run.result)
        text = f"{rounded(share)} %"
        return _signed(share, text) if coloured else text

    return cell


def _ratio(pick: Callable[[GridResult], Decimal | None]) -> Callable[[GridRun], str]:
    def cell(run: GridRun) -> str:
        value = pick(run.result)
        return "-" if value is None else rounded(value)

    return cell


def _count(pick: Callable[[GridResult], int]) -> Callable[[GridRun], str]:
    return lambda run: f"{pick(run.result):,}"


def _armed(run: GridRun) -> str:
    return "no" if run.armed_at is None else moment(run.armed_at)


_RUN: tuple[_Row, ...] = (
    ("Mode", lambda run: run.result.mode),
    ("First candle", lambda run: moment(run.result.start)),
    ("Last candle", lambda run: moment(run.result.end)),
    ("Candles", _count(lambda result: result.candles)),
    ("Armed", _armed),
    ("Stopped by", lambda run: run.result.stop_reason or "-"),
)
_MONEY: tuple[_Row, ...] = (
    ("Initial value", _money(lambda result: result.initial_value)),
    ("Final value", _money(lambda result: result.final_value)),
    ("Final quote", _money(lambda result: result.final_quote)),
    ("Final base", lambda run: f"{plain(run.result.final_base)} {run.settings.pair.base_currency}"),
    ("Total fees", _money(lambda result: result.total_fees)),
    ("Grid profit", _money(lambda result: result.grid_profit, coloured=True)),
    ("Unrealized profit", _money(lambda result: result.unrealized_profit, coloured=True)),
)
_RETURNS: tuple[_Row, ...] = (
    ("ROI", _percent(lambda result: result.roi_percent, coloured=True)),
    ("Buy and hold", _percent(lambda result: result.buy_and_hold_percent, coloured=True)),
    ("Max drawdown", _percent(lambda result: result.max_drawdown_percent)),
    ("Max run-up", _percent(lambda result: result.max_runup_percent)),
    ("Time in profit", _percent(lambda result: result.time_in_profit_percent)),
    ("Time in loss", _percent(lambda result: result.time_in_loss_percent)),
    ("Sharpe", _ratio(lambda result: result.sharpe)),
    ("Sortino", _ratio(lambda result: result.sortino)),
)
_TRADES: tuple[_Row, ...] = (
    ("Buys", _count(lambda result: result.buys)),
    ("Sells", _count(lambda result: result.sells)),
    ("Cycles", _count(lambda result: result.cycles)),
    ("Open orders", _count(lambda result: result.open_orders)),
    ("Waiting levels", _count(lambda result: result.waiting_levels)),
)
