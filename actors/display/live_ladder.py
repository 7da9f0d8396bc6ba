"""The ladder at the terminal: a row for every order that rests or should, the price between them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.text import Text

from actors.display.live_figures import DIM, ODD, SIDES, Figures, figures_of
from engine.live_view import LiveGrid, Rung
from engine.values import Side

_HEADS = ("level", "side", "price", "quantity", "filled")
_GAP = "  "
_ROOMY = 8  # lines from which a heading is worth one
_WORTH_A_LINE = 4  # lines of one side from which those that are not shown get one of their own


def ladder_width(grid: LiveGrid) -> int:
    """Tell how wide the ladder is without its last column, which takes what is left."""
    figures = figures_of(grid)
    return sum(_widths(grid.rungs, figures)) + len(_GAP) * len(_HEADS) + 1


def draw_ladder(grid: LiveGrid, width: int, height: int) -> list[Text]:
    """Draw a heading and what is around the price, in `height` lines, or fewer when there is no more."""
    if not grid.rungs or height < 2:
        return []
    figures = figures_of(grid)
    widths = _widths(grid.rungs, figures)
    heads = [
        head.ljust(size) if head == "side" else head.rjust(size) for head, size in zip(_HEADS, widths, strict=True)
    ]
    above = [rung for rung in grid.rungs if _is_above(rung, grid.price)]
    below = [rung for rung in grid.rungs if not _is_above(rung, grid.price)]
    lines = [_heading(heads, grid, width)] if height >= _ROOMY else []
    upper, lower = _share(len(above), len(below), height - 1 - len(lines))
    lines += _shown(above[::-1], upper, widths, figures, "above")[::-1]
    lines.append(_price_line(grid.price, figures, widths, width))
    lines += _shown(below, lower, widths, figures, "below")
    return lines


def _heading(heads: Sequence[str], grid: LiveGrid, width: int) -> Text:
    left = Text(" " + _GAP.join((*heads, "state")), DIM)
    sides = [order.wish.side for order in grid.orders]
    right = f"open: {sides.count(Side.BUY)} buy, {sides.count(Side.SELL)} sell "
    return left.append(" " * max(width - left.cell_len - len(right), 3)).append(right)


def _is_above(rung: Rung, price: Decimal | None) -> bool:
    return price is None or rung.price > price or (rung.price == price and rung.side is Side.SELL)


def _share(above: int, below: int, room: int) -> tuple[int, int]:
    """Divide the lines between both sides of the price, evenly while both need them."""
    upper = min(above, max(room // 2, room - below))
    return upper, min(below, room - upper)


def _shown(rungs: Sequence[Rung], room: int, widths: Sequence[int], figures: Figures, where: str) -> list[Text]:
    """Draw the rungs next to the price first, and at the end tell of those for which there is no room."""
    if len(rungs) <= room:
        return [_row(rung, widths, figures) for rung in rungs]
    shown = rungs[: room - 1 if room >= _WORTH_A_LINE else room]
    rows = [_row(rung, widths, figures) for rung in shown]
    hidden = rungs[len(shown) :]
    more = Text.assemble((f"{len(hidden)} more {where}", DIM))
    if len(rows) < room:
        more.append(f", to {figures.price(hidden[-1].price)}", DIM)
    if empty := sum(rung.why is not None for rung in hidden):
        more.append(f", {empty} of them empty", ODD)
    if len(rows) < room:
        return [*rows, Text(" " * (1 + widths[0] + len(_GAP))).append_text(more)]
    return [*rows[:-1], rows[-1].append("   ").append_text(more)] if rows else []


def _row(rung: Rung, widths: Sequence[int], figures: Figures) -> Text:
    level, side, price, quantity, filled = widths
    style = SIDES[rung.side] if rung.side else DIM
    if rung.why is not None:
        style = DIM
    row = Text.assemble((f" {rung.slot:>{level}}{_GAP}", DIM))
    row.append(f"{rung.side or '':<{side}}{_GAP}{figures.price(rung.price):>{price}}{_GAP}", style)
    row.append(f"{figures.amount(rung.quantity) if rung.quantity else '':>{quantity}}{_GAP}", style)
    row.append(f"{figures.amount(rung.filled) if rung.filled else '':>{filled}}{_GAP}", "bold")
    return row.append_text(_state(rung))


def _state(rung: Rung) -> Text:
    if rung.why is not None:
        return Text(f"empty: {rung.why}" if rung.side else rung.why, ODD if rung.side else DIM)
    if rung.filled:
        return Text(f"{rung.filled / rung.quantity:.0%} filled".replace("%", " %"), "bold")
    return Text("waiting for fill", DIM)


def _price_line(price: Decimal | None, figures: Figures, widths: Sequence[int], width: int) -> Text:
    level, side, room, *_ = widths
    if price is None:
        return Text("─" * width, DIM)
    text = figures.price(price)
    before = 1 + level + len(_GAP) + side + len(_GAP) + max(room - len(text), 0) - 1
    line = Text.assemble(("─" * before, DIM), (f" {text} ", "bold"))
    return line.append("─" * max(width - before - len(text) - 2, 0), DIM)


def _widths(rungs: Sequence[Rung], figures: Figures) -> list[int]:
    """Give each column what its widest cell needs, of all rungs, so that nothing moves when others come into sight."""
    columns = (
        [rung.slot for rung in rungs],
        [side.value for side in Side],
        [figures.price(rung.price) for rung in rungs],
        [figures.amount(rung.quantity) for rung in rungs],
        [figures.amount(rung.quantity) for rung in rungs],  # what is filled is never more
    )
    return [max(map(len, (head, *cells))) for head, cells in zip(_HEADS, columns, strict=True)]
