"""The whole live picture at a terminal: a part for each grid, or a row where there are more than fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from actors.display.live_figures import BAD, DIM, ODD, clock, coloured, figures_of, percent, span
from actors.display.live_grid import draw_fills, draw_grid, standing
from engine.live_view import LiveGrid, LiveView

_NARROWEST = 78  # columns of a grid's part
_LOWEST = 11  # lines of one
_GAP = 2
_MOST_NOTICES = 3
_WIDE = 72  # columns from which the foot has room for an address
_HEADS = ("grid", "price", "change", "grid profit", "unrealised", "orders", "")


def draw_screen(
    view: LiveView, width: int, height: int, notices: Sequence[str] = (), door: str | None = None
) -> list[Text]:
    """Draw `height` lines of at most `width` cells; the last lines tell the newest notices, how long it runs, and when.

    Whatever is too long for its line ends in an ellipsis.
    """
    told = [Text(f" {notice}", ODD) for notice in notices[-min(_MOST_NOTICES, max(height // 8, 1)) :]]
    room = height - len(told) - 1
    columns = max(1, min(len(view.grids), (width + _GAP) // (_NARROWEST + _GAP)))
    rows = -(-len(view.grids) // columns)
    if rows and room // rows >= min(_LOWEST, room):
        lines = _parts(view, columns, width, room // rows)
    else:
        lines = _overview(view, room)
    lines = lines[:room] + [Text()] * (room - len(lines))
    return [_cut(line, width) for line in (*lines, *told, _footer(view, width, door))]


def _parts(view: LiveView, columns: int, width: int, height: int) -> list[Text]:
    """Draw the grids side by side, and row by row."""
    part_width = (width - _GAP * (columns - 1)) // columns
    lines: list[Text] = []
    for first in range(0, len(view.grids), columns):
        is_last = first + columns >= len(view.grids)
        room = height if first == 0 and is_last else height - 1  # a blank line parts the rows
        parts = [draw_grid(grid, view.time, part_width, room) for grid in view.grids[first : first + columns]]
        for place in range(max(map(len, parts)) if is_last else height):
            cells = [_cut(part[place] if place < len(part) else Text(), part_width, pad=True) for part in parts]
            lines.append(Text(" " * _GAP).join(cells))
    return lines


def _overview(view: LiveView, height: int) -> list[Text]:
    """Draw a row a grid, and the last fills of all of them below."""
    rows: list[tuple[Text, ...]] = [tuple(Text(head, DIM) for head in _HEADS), *map(_overview_row, view.grids)]
    if len(rows) > height:
        rows = rows[: max(height - 1, 1)]
    sizes = [max(row[column].cell_len for row in rows) for column in range(len(_HEADS))]
    lines = [_overview_line(row, sizes) for row in rows]
    hidden = len(view.grids) - len(rows) + 1
    if hidden:
        lines.append(Text(f" {hidden} more grids; a larger terminal shows them", DIM))
    left = height - len(lines) - 1
    return [*lines, Text(), *draw_fills(view.grids, view.time, left)] if left > 2 else lines


def _overview_row(grid: LiveGrid) -> tuple[Text, ...]:
    figures = figures_of(grid)
    word, style = standing(grid)
    return (
        Text(grid.name, BAD if grid.feed_trouble else "bold"),
        Text(figures.price(grid.price) if grid.price else "-"),
        coloured(grid.change, percent(grid.change)),
        figures.change(grid.grid_profit),
        figures.change(grid.unrealized_profit),
        Text(f"{len(grid.orders)}"),
        Text(grid.feed_trouble, BAD) if grid.feed_trouble else Text(word, style),
    )


def _overview_line(row: Sequence[Text], sizes: Sequence[int]) -> Text:
    line = Text(" ")
    for column, (cell, size) in enumerate(zip(row, sizes, strict=True)):
        blank = " " * (size - cell.cell_len)
        is_word = column in {0, len(row) - 1}
        line.append_text(cell).append(blank) if is_word else line.append(blank).append_text(cell)
        line.append("  ")
    line.rstrip()
    return line


def _footer(view: LiveView, width: int, door: str | None) -> Text:
    left = Text(f" up {span(view.time - view.started_at)}", DIM)
    if door is not None and width >= _WIDE:
        left.append(f"   dashboard {door}", DIM)
    now = f"   {clock(view.time, view.time)} UTC "
    right = Text(f"Ctrl-C stops{now}", DIM)
    if view.is_stopping:
        right = Text("stopping: orders are taken down; Ctrl-C ends it at once", ODD).append(now, DIM)
    return left.append(" " * max(width - left.cell_len - right.cell_len, 2)).append_text(right)


def _cut(line: Text, width: int, *, pad: bool = False) -> Text:
    line = line.copy()
    line.truncate(width, overflow="ellipsis", pad=pad)
    line.no_wrap = True
    return line
