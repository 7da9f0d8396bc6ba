"""The preflight, for a person at a terminal and for a program."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from engine.plain import plain, rounded
from engine.preflight import LevelCheck, Preflight, WorstCase
from engine.values import Market, Side


def print_preflight(console: Console, name: str, market: Market, check: Preflight) -> None:
    """Print the ladder from the top down, then the money, then the warnings."""
    console.print(_ladder(name, market, check))
    console.print(_figures(market, check))
    for warning in check.warnings:
        console.print(f"[yellow]warning:[/] {warning}", highlight=False)


def as_object(name: str, check: Preflight) -> dict[str, Any]:
    """Give the preflight as what JSON knows; decimals are strings."""
    return {"name": name, **attrs.asdict(check, value_serializer=_jsonable)}


def _jsonable(_instance: object, _field: object, value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value


def _ladder(name: str, market: Market, check: Preflight) -> Table:
    """Show a line a level; narrow enough for a terminal of 80 columns."""
    title = f"{name}: the ladder at {plain(check.price)}"
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Level", "Range", "First order", "Costs", "A cycle earns"):
        table.add_column(heading, justify="left" if heading == "First order" else "right", no_wrap=True)
    waits = any(level.waits_because for level in check.levels)
    if waits:
        table.add_column("")
    for level in _from_the_top(check.levels):
        colour = "green" if level.side is Side.BUY else "red"
        costs = f"{rounded(level.reserves)} {market.quote}" if level.side is Side.BUY else "held"
        row = (
            level.slot,
            f"{plain(level.low)} - {plain(level.high)}",
            f"[{colour}]{level.side:4}[/] {plain(level.quantity)} at {plain(level.price)}",
            costs,
            f"{rounded(level.cycle_profit)} ({rounded(level.cycle_percent)} %)",
        )
        table.add_row(*row, *([level.waits_because or ""] if waits else []))
    return table


def _from_the_top(levels: Sequence[LevelCheck]) -> list[LevelCheck]:
    return sorted(levels, key=lambda level: (level.price, level.low, level.side is Side.SELL), reverse=True)


def _figures(market: Market, check: Preflight) -> Table:
    quote = market.quote
    table = Table.grid(padding=(0, 2))
    rows = [
        ("Capital", f"{rounded(check.capital)} {quote}"),
        (
            "Initial purchase",
            f"{plain(check.purchase)} {market.base} at {plain(check.purchase_price)}, "
            f"{rounded(check.purchase_cost)} {quote} with its fee"
            if check.purchase
            else "none",
        ),
        ("In orders", f"{rounded(check.capital_used)} {quote} at the present price"),
        ("Left idle", f"{rounded(check.capital_idle)} {quote}"),
        ("Break-even spacing", f"{rounded(check.break_even_percent, 4)} %"),
        ("At the bottom of the range", _worst(check.at_bottom, quote)),
    ]
    if check.at_stop_loss is not None:
        rows.append(("At the stop-loss", _worst(check.at_stop_loss, quote)))
    for label, text in rows:
        table.add_row(label, text)
    return table


def _worst(case: WorstCase, quote: str) -> str:
    word = "loss" if case.loss >= 0 else "gain"
    return (
        f"{rounded(case.value)} {quote} left at {plain(case.price)}: "
        f"a {word} of {rounded(abs(case.loss))} {quote} ({rounded(abs(case.loss_percent))} %)"
    )
