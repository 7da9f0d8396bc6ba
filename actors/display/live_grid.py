"""One grid's part of the live picture: price, profit, money, ladder, orders and fills."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from actors.display.live_figures import (
    BAD,
    DIM,
    ODD,
    SIDES,
    Figures,
    clock,
    coloured,
    fees,
    figures_of,
    percent,
    reason,
)
from actors.display.live_ladder import draw_ladder, ladder_width
from engine.live_view import LiveGrid, Standing
from engine.messages import TradeBooked
from engine.plain import rounded
from engine.values import Kind

_WORTH_A_HEADING = 3
_ROOMY = 14  # lines below the head from which blank ones are to spare
_SIDE_WIDTH = 46  # of the second column
_STATE_WIDTH = 30  # of the ladder's last column beside one


def draw_grid(grid: LiveGrid, now: int, width: int, height: int) -> list[Text]:
    """Draw one grid in at most `height` lines; a wide part gets orders and fills beside the ladder."""
    figures = figures_of(grid)
    lines = [_title(grid, figures, width), *_money(grid, figures, width)][:height]
    left = height - len(lines)
    blank = [Text()] if left >= _ROOMY else []
    left -= len(blank)
    ladder_room = ladder_width(grid) + _STATE_WIDTH
    if grid.rungs and width >= ladder_room + _SIDE_WIDTH:
        ladder = draw_ladder(grid, ladder_room, left)
        beside = _orders(grid, figures, left // 2)
        beside += draw_fills([grid], now, left - len(beside))
        return lines + blank + _beside(ladder, beside, ladder_room)
    fills = draw_fills([grid], now, _room_for_fills(grid, left))
    room = left - len(fills) - len(blank) * bool(fills)
    ladder = draw_ladder(grid, width, room) if grid.rungs or not grid.orders else _orders(grid, figures, room)
    return lines + blank + ladder + (blank if fills and ladder else []) + fills


def standing(grid: LiveGrid) -> tuple[str, str]:
    """Tell in a word where a grid stands, and in what style to say it."""
    if grid.stop_reason:
        return f"stopped: {reason(grid.stop_reason)}", ODD
    if grid.pause is not None:
        return ("paused" if grid.standing is Standing.PAUSED else "pausing"), ODD
    if grid.armed_at is None:
        return "not armed yet", ODD
    if not grid.rungs:
        return "arming", DIM
    return "running", DIM


def draw_fills(grids: Sequence[LiveGrid], now: int, height: int) -> list[Text]:
    """List the last fills of some grids, the newest first, under a heading."""
    newest = sorted(
        ((trade.time, place, trade, grid) for grid in grids for place, trade in _last(grid, height)),
        key=lambda fill: fill[:2],
        reverse=True,
    )
    if not newest:
        return [Text(" no fills yet", DIM)] if height > 0 else []
    heading = [Text(" last fills", DIM)] if height >= _WORTH_A_HEADING else []
    newest = newest[: max(height - len(heading), 0)]
    rows = [_fill(trade, grid, now) for _, _, trade, grid in newest]
    if len(grids) == 1:
        rows = [(time, *rest) for time, _, *rest in rows]
    return [*heading, *_columns(rows)]


def _title(grid: LiveGrid, figures: Figures, width: int) -> Text:
    title = Text(" ").append(grid.name, "bold")
    if grid.price:
        arrow = "▲" if grid.change > 0 else "▼" if grid.change < 0 else " "
        change = coloured(grid.change, f"{percent(grid.change)}")
        title.append(f"   {figures.price(grid.price)} ", "bold").append(f"{arrow} ", change.style).append_text(change)
        title.append(" since start", DIM)
    if grid.feed_trouble:
        return title.append(f"   prices: {grid.feed_trouble}", BAD)
    word, style = standing(grid)
    right = Text.assemble((f"{grid.mode.replace('_', ' ')}   ", DIM), (f"{word} ", style))
    return title.append(" " * max(width - title.cell_len - right.cell_len, 3)).append_text(right)


def _money(grid: LiveGrid, figures: Figures, width: int) -> list[Text]:
    """Tell the profit made and the profit held apart, then what money is free and what is not."""
    if grid.armed_at is None and not grid.stop_reason:
        reach = f"{figures.price(grid.bottom)} to {figures.price(grid.top)}"
        return [Text(f" it arms when the price is within {reach}, with {figures.money(grid.budget)} {figures.quote}")]
    profit = [
        Text.assemble(("grid profit ", DIM), figures.change(grid.grid_profit), (f" {figures.quote}", DIM)),
        Text.assemble(("unrealised ", DIM), figures.change(grid.unrealized_profit)),
        Text.assemble(("fees ", DIM), fees(grid, figures)),
        Text(f"{grid.cycles:,}").append(" cycle" if grid.cycles == 1 else " cycles", DIM),
    ]
    return [_fitting(profit, width), _fitting(_funds(grid, figures), width)]


def _funds(grid: LiveGrid, figures: Figures) -> list[Text]:
    told = []
    funds = grid.funds
    if funds is not None:
        for word, quote, base in (
            ("free", funds.free_quote, funds.free_base),
            ("reserved", funds.reserved_quote, funds.reserved_base),
        ):
            money = f"{figures.money(quote)} {figures.quote}, {figures.amount(base)} {figures.base}"
            told.append(Text.assemble((f"{word} ", DIM), money))
    return [*told, Text.assemble(("value ", DIM), figures.money(grid.value))]


def _fitting(parts: Sequence[Text], width: int) -> Text:
    """Put parts on one line, as many as fit whole."""
    line = Text(" ")
    for place, part in enumerate(parts):
        if line.cell_len + 3 + part.cell_len > width:
            break
        line.append("   " if place else "").append_text(part)
    return line


def _room_for_fills(grid: LiveGrid, height: int) -> int:
    """Give fills what the ladder does not need, and a few lines in any case when there is room for both."""
    wanted = height // 4 + 1 if height >= _ROOMY // 2 else 0
    return max(wanted, height - len(grid.rungs) - 3, 0)


def _beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    lines = []
    for place in range(max(len(left), len(right))):
        line = left[place].copy() if place < len(left) else Text()
        line.truncate(width, overflow="ellipsis", pad=True)
        lines.append(line.append("  ").append_text(right[place] if place < len(right) else Text()))
    return lines


def _orders(grid: LiveGrid, figures: Figures, height: int) -> list[Text]:
    """List the open orders, those next to the price first, under a heading; a blank line ends them."""
    price = grid.price or grid.bottom
    nearest = sorted(grid.orders, key=lambda order: abs(order.wish.price - price))
    rows = []
    for order in nearest[: max(height - 2, 0)]:
        wish = order.wish
        away = f"{percent(abs(wish.price / price - 1))} away" if wish.kind is Kind.LIMIT else "market"
        rows.append(
            (
                Text(wish.side, SIDES[wish.side]),
                Text(f"{figures.amount(wish.quantity)} at {figures.price(wish.price)}"),
                Text(away, DIM),
                Text("" if order.is_accepted else "not confirmed yet", ODD),
            )
        )
    return [Text(" open orders, the nearest first", DIM), *_columns(rows), Text()]


def _last(grid: LiveGrid, count: int) -> list[tuple[int, TradeBooked]]:
    first = max(len(grid.trades) - max(count, 0), 0)
    return list(enumerate(grid.trades[first:], first))


def _fill(trade: TradeBooked, grid: LiveGrid, now: int) -> tuple[Text, ...]:
    figures = figures_of(grid)
    where = "market" if trade.kind is Kind.MARKET else f"level {trade.owner.slot}"
    return (
        Text(clock(trade.time, now), DIM),
        Text(grid.name, "bold"),
        Text(trade.side, SIDES[trade.side]),
        Text(f"{figures.amount(trade.quantity)} at {figures.price(trade.price)}"),
        Text(where if trade.complete else f"{where}, a part", DIM),
        Text(f"fee {rounded(trade.fee)} {trade.fee_asset}" if trade.fee else "", DIM),
    )


def _columns(rows: Sequence[Sequence[Text]]) -> list[Text]:
    """Put cells below each other, as wide as the widest of their column."""
    sizes = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        line = Text()
        for cell, size in zip(row, sizes, strict=True):
            line.append(" " if not line else "  ").append_text(cell).append(" " * (size - cell.cell_len))
        line.rstrip()
        lines.append(line)
    return lines
