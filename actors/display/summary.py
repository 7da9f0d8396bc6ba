"""The summary at the end of a run, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.plain import ending, moment, plain, rounded
from engine.results import GridResult, GridRun
from engine.values import ZERO, Kind, Side

_Cell = Callable[[GridRun], Text]
_Row = tuple[str, _Cell]
_UNBOUNDED = 100_000  # columns


def print_summary(console: Console, runs: Sequence[GridRun]) -> None:
    """Print all figures, a column a grid, and a plain sentence for a grid that did not run its course."""
    left = list(runs)
    while left:
        some = _fitting(console, left)
        console.print(_table(some))
        left = left[len(some) :]
    for run in runs:
        for sentence in remarks(run):
            console.print(Text(f"{run.name}: {sentence}"))


def _fitting(console: Console, runs: Sequence[GridRun]) -> Sequence[GridRun]:
    """Give the first runs whose table is not wider than the terminal, at least one."""
    unbounded = console.options.update(width=_UNBOUNDED)
    for count in range(len(runs), 1, -1):
        if console.measure(_table(runs[:count]), options=unbounded).maximum <= console.width:
            return runs[:count]
    return runs[:1]


def _table(runs: Sequence[GridRun]) -> Table:
    table = Table(title=_title(runs), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", overflow="fold")
    for run in runs:
        table.add_column(Text(run.name), justify="right", overflow="fold")
    for section in (_RUN, _MONEY, _RETURNS, _TRADES):
        for label, cell in section:
            table.add_row(label, *(cell(run) for run in runs))
        if section is _MONEY and any(run.result.other_fees for run in runs):
            table.add_row("Other fees", *(Text(_other_fees(run.result)) for run in runs))
        table.add_section()
    return table


def _title(runs: Sequence[GridRun]) -> str:
    modes = dict.fromkeys(run.result.mode.replace("_", " ") for run in runs)
    return ", ".join(modes).capitalize()


def _other_fees(result: GridResult) -> str:
    return "\n".join(f"{plain(fees.amount)} {fees.asset}" for fees in result.other_fees) or "-"


def remarks(run: GridRun) -> list[str]:
    """Say in words what the figures alone do not."""
    result = run.result
    if not result.armed:
        bottom, top = plain(run.ladder[0]), plain(run.ladder[-1])
        return [f"never armed: no candle closed inside the range {bottom} to {top}, so nothing was bought or sold."]
    if result.stop_reason is not None:
        last = result.trades[-1] if result.trades else None
        is_sale = last is not None and last.kind is Kind.MARKET and last.side is Side.SELL
        sold = f"; sold at {plain(last.price)} at {moment(last.time)}" if last is not None and is_sale else ""
        return [f"stopped by {ending(result.stop_reason)}{sold}."]
    if result.waiting_levels:
        waiting = f"{result.waiting_levels} of its levels waited at the end, for funds or for the market's minimums"
        return [f"{waiting}; `gridactors check` tells which."]
    return []


def _amount(amount: Decimal, unit: str, *, coloured: bool) -> Text:
    style = "" if not coloured or amount == ZERO else "green" if amount > ZERO else "red"
    return Text(f"{rounded(amount)} {unit}", style)


def _money(pick: Callable[[GridResult], Decimal], *, coloured: bool = False) -> _Cell:
    return lambda run: _amount(pick(run.result), run.settings.pair.quote_currency, coloured=coloured)


def _percent(pick: Callable[[GridResult], Decimal], *, coloured: bool = False) -> _Cell:
    return lambda run: _amount(pick(run.result), "%", coloured=coloured)


def _ratio(pick: Callable[[GridResult], Decimal | None]) -> _Cell:
    def cell(run: GridRun) -> Text:
        value = pick(run.result)
        return Text("-" if value is None else rounded(value))

    return cell


def _count(pick: Callable[[GridResult], int]) -> _Cell:
    return lambda run: Text(f"{pick(run.result):,}")


def _word(pick: Callable[[GridRun], str]) -> _Cell:
    # no markup: a name may hold anything
    return lambda run: Text(pick(run))


def _armed(run: GridRun) -> str:
    return "no" if run.armed_at is None else moment(run.armed_at)


_RUN: tuple[_Row, ...] = (
    ("Mode", _word(lambda run: run.result.mode)),
    ("First candle", _word(lambda run: moment(run.result.start))),
    ("Last candle", _word(lambda run: moment(run.result.end))),
    ("Candles", _count(lambda result: result.candles)),
    ("Armed", _word(_armed)),
    ("Stopped by", _word(lambda run: ending(run.result.stop_reason or "-"))),
)
_MONEY: tuple[_Row, ...] = (
    ("Initial value", _money(lambda result: result.initial_value)),
    ("Final value", _money(lambda result: result.final_value)),
    ("Final quote", _money(lambda result: result.final_quote)),
    ("Final base", _word(lambda run: f"{plain(run.result.final_base)} {run.settings.pair.base_currency}")),
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
