"""Trades for a person at a terminal, and what they add up to.

Plain lines, not a table of rich: that takes minutes for a hundred thousand trades.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from actors.history.output import title
from actors.history.words import short_stamp, shown
from engine.plain import plain, rounded
from engine.realized import Totals

if TYPE_CHECKING:
    from actors.history.lives import Life
    from actors.history.trades import TradeRow

_TOGETHER: Final = 1_000  # rows whose columns are made equally wide
_ROOM_FOR_ALL: Final = 140  # columns

_Column = tuple[str, Callable[[str, int], str], Callable[["TradeRow"], str]]  # heading, alignment, what stands there


def print_trades(life: Life, rows: Iterable[TradeRow], since: int | None) -> None:
    """Print a line a trade, and totals of what was shown; `since` (epoch ms) is said."""
    columns = _COLUMNS + (_IDS if _is_wide() else ())
    headings, totals = [heading for heading, _, _ in columns], Totals()
    widths = [0] * len(columns)
    sys.stdout.write(shown(title(life)) + ("" if since is None else f"; trades since {short_stamp(since)}") + "\n")
    for chunk in _chunks(rows):
        lines = [[shown(cell(row)) for _, _, cell in columns] for row in chunk]
        lines = lines if any(widths) else [headings, *lines]
        widths = [max(width, *map(len, cells)) for width, cells in zip(widths, zip(*lines, strict=True), strict=True)]
        sys.stdout.writelines(_line(columns, cells, widths) for cells in lines)
        for row in chunk:
            totals.add(row.realized)
    market = life.settings.market_rules()
    for label, text in _figures(totals, market.base, market.quote):
        sys.stdout.write(f"{label:<15}  {shown(text)}\n")
    sys.stdout.write("\n")


def _is_wide() -> bool:
    """Tell whether there is room for ids; whatever reads a pipe takes lines of any length."""
    return not sys.stdout.isatty() or shutil.get_terminal_size().columns >= _ROOM_FOR_ALL


def _chunks(rows: Iterable[TradeRow]) -> Iterator[list[TradeRow]]:
    left = iter(rows)
    while chunk := list(islice(left, _TOGETHER)):
        yield chunk


def _line(columns: Sequence[_Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    aligned = (align(cell, width) for (_, align, _), cell, width in zip(columns, cells, widths, strict=True))
    return "  ".join(aligned).rstrip() + "\n"


def _figures(totals: Totals, base: str, quote: str) -> Iterator[tuple[str, str]]:
    fees = ", ".join(f"{plain(amount)} {asset}" for asset, amount in sorted(totals.fees.items()))
    profit = f"{rounded(totals.grid_profit + totals.market_profit)} {quote}"
    if totals.market_profit:
        profit += f", of that {rounded(totals.market_profit)} by sales at market"
    yield "Trades", f"{totals.trades:,}"
    yield "Bought", f"{plain(totals.bought)} {base} for {rounded(totals.paid)} {quote}"
    yield "Sold", f"{plain(totals.sold)} {base} for {rounded(totals.got)} {quote}"
    yield "Fees", fees or "none"
    yield "Realized profit", profit
    yield "Cycles", f"{totals.cycles:,}"


def _profit(row: TradeRow) -> str:
    return "" if row.realized.profit is None else rounded(row.realized.profit)


_COLUMNS: Final[tuple[_Column, ...]] = (
    ("Time (UTC)", str.ljust, lambda row: short_stamp(row.trade.time)),
    ("Side", str.ljust, lambda row: row.trade.side),
    ("Price", str.rjust, lambda row: plain(row.trade.price)),
    ("Quantity", str.rjust, lambda row: plain(row.trade.quantity)),
    ("Cost", str.rjust, lambda row: rounded(row.trade.price * row.trade.quantity)),
    ("Fee", str.rjust, lambda row: f"{rounded(row.trade.fee)} {row.trade.fee_asset}"),
    ("Level", str.rjust, lambda row: row.level or "market"),
    ("Profit", str.rjust, _profit),
)
_IDS: Final[tuple[_Column, ...]] = (
    ("Cycle", str.rjust, lambda row: "" if row.cycle is None else str(row.cycle)),
    ("Trade", str.rjust, lambda row: row.trade.trade_id),
    ("Order", str.rjust, lambda row: row.trade.order_id),
    ("Client order id", str.ljust, lambda row: row.trade.client_order_id),
)
