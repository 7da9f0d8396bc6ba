"""The refusal of a grid whose orders its exchange would refuse, with a table of them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from engine.errors import BadInput
from engine.grid import PlannedLevel
from engine.plain import plain, rounded
from engine.settings import Settings
from engine.values import Market

_MOST_SHOWN = 20


def too_small(settings: Settings, market: Market, levels: Sequence[PlannedLevel]) -> BadInput:
    """Say which orders are under the minimums of `market`, and what would help."""
    balance = settings.trading_settings.initial_balance
    return BadInput(
        f"{settings.source}: trading_settings.initial_balance = {plain(balance)}: too little for "
        f"{settings.grid_strategy.num_grids} grids: {settings.exchange.name} takes no {market.pair} order under "
        f"{_least(market)}; allowed: fewer grid_strategy.num_grids, or more balance",
        details=_table(market, levels).splitlines(),
    )


def _least(market: Market) -> str:
    """Say the minimums that there are."""
    minimums = []
    if market.min_amount:
        minimums.append(f"{plain(market.min_amount)} {market.base}")
    if market.min_cost:
        minimums.append(f"{plain(market.min_cost)} {market.quote}")
    return " or ".join(minimums) or f"{plain(market.amount_step)} {market.base}"


def _table(market: Market, levels: Sequence[PlannedLevel]) -> str:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Level", justify="right")
    table.add_column("Order")
    for heading in (f"Quantity {market.base}", f"At {market.quote}", f"Worth {market.quote}"):
        table.add_column(heading, justify="right")
    for level in levels[:_MOST_SHOWN]:
        worth = rounded(level.price * level.quantity)
        table.add_row(level.slot, level.side, plain(level.quantity), plain(level.price), worth)
    console = Console(file=io.StringIO(), width=80)
    console.print(table)
    if len(levels) > _MOST_SHOWN:
        console.print(f"and {len(levels) - _MOST_SHOWN} more")
    text = console.file
    assert isinstance(text, io.StringIO)
    return text.getvalue().rstrip()
