"""The preflight, for a person at a terminal and for a program."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.plain import plain, rounded
from engine.preflight import LevelCheck, Preflight, WorstCase
from engine.values import ONE, Market, Side

_DIGITS = 8  # of a quantity that are worth a person's while


def print_preflight(console: Console, name: str, market: Market, check: Preflight) -> None:
    """Print the ladder from the top down, then the money, then the warnings."""
    console.print(_ladder(name, market, check))
    console.print(_figures(market, check))
    for warning in check.warnings:
        console.print(Text.assemble(("warning: ", "yellow"), warning))


def as_object(name: str, check: Preflight) -> dict[str, Any]:
    """Give the preflight as what JSON knows; decimals are strings."""
    return {"name": name, **attrs.asdict(check, value_serializer=_jsonable)}


def _jsonable(_instance: object, _field: object, value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value


def _ladder(name: str, market: Market, check: Preflight) -> Table:
    """Show a line a level; narrow enough for a terminal of 80 columns, figures rounded where that tells no less."""
    title = Text(f"{name}: the ladder at {plain(check.price)}")
    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("Level", justify="right", overflow="fold")
    table.add_column("Order", overflow="fold")
    for heading in ("Quantity", "At", "Answer at", Text(f"Costs {market.quote}"), "A cycle earns"):
        table.add_column(heading, justify="right", overflow="fold")
    waits = any(level.waits_because for level in check.levels)
    if waits:
        table.add_column("", style="yellow", overflow="fold")
    places = _places(check.levels)
    for level in _from_the_top(check.levels):
        buys = level.side is Side.BUY
        row = (
            level.slot,
            Text(level.side, "green" if buys else "red"),
            _short(level.quantity),
            f"{level.price:.{places}f}",
            f"{level.high if buys else level.low:.{places}f}",
            rounded(level.reserves) if buys else "held",
            f"{rounded(level.cycle_profit)} ({rounded(level.cycle_percent)} %)",
        )
        # The warnings below the table say the rest.
        table.add_row(*row, *([(level.waits_because or "").split(" ")[0].strip(":")] if waits else []))
    return table


def _places(levels: Sequence[LevelCheck]) -> int:
    """Give the decimals that prices are shown with: as many as they have, three digits of the spacing at most."""
    prices = {price for level in levels for price in (level.low, level.high)}
    spacing = min(upper - lower for lower, upper in pairwise(sorted(prices)))
    written = max(len(plain(price).partition(".")[2]) for price in prices)
    return min(max(2 - spacing.adjusted(), 0), written)


def _short(quantity: Decimal) -> str:
    whole = max(quantity.adjusted() + 1, 0)
    return plain(quantity.quantize(ONE.scaleb(-max(_DIGITS - whole, 0)), ROUND_DOWN))


def _from_the_top(levels: Sequence[LevelCheck]) -> list[LevelCheck]:
    return sorted(levels, key=lambda level: (level.price, level.low, level.side is Side.SELL), reverse=True)


def _figures(market: Market, check: Preflight) -> Table:
    quote = market.quote
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
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
        ("Left at the bottom", _worst(check.at_bottom, quote)),
    ]
    if check.at_stop_loss is not None:
        rows.append(("Left at stop-loss", _worst(check.at_stop_loss, quote)))
    for label, text in rows:
        table.add_row(label, Text(text))
    return table


def _worst(case: WorstCase, quote: str) -> str:
    word = "loss" if case.loss >= 0 else "gain"
    return (
        f"{rounded(case.value)} {quote} at {plain(case.price)}, "
        f"a {word} of {rounded(abs(case.loss))} {quote} ({rounded(abs(case.loss_percent))} %)"
    )
