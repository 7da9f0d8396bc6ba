"""`gridactors trades`: every trade of a grid with what it realized, enough for a tax report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
from attrs import frozen

from actors.history.asked import HistoryOptions, understand
from actors.history.lives import Life, lives_of
from actors.history.output import while_somebody_reads, write_csv, write_json
from actors.history.pages import trade_pages
from actors.history.words import harmless, stamp
from actors.store.columns import TRADE, TradeReader
from engine.messages import TradeBooked
from engine.plain import plain
from engine.realized import RealizedTrade, RealizingBooks
from engine.values import Market

HEADER: Final = (
    *("time", "pair", "side", "kind", "price", "quantity", "cost", "fee", "fee_asset", "profit"),
    *("trade_id", "order_id", "client_order_id", "level", "cycle", "grid", "mode"),
)


@frozen
class TradeRow:
    """Tell of one trade; `cycle` is that of its level, None for the grid's own orders at market."""

    realized: RealizedTrade
    cycle: int | None

    @property
    def trade(self) -> TradeBooked:
        """Give the trade itself."""
        return self.realized.trade

    @property
    def level(self) -> str | None:
        """Give the slot of its level, None for the grid's own orders at market."""
        return None if self.trade.owner.level is None else self.trade.owner.slot


def show_trades(options: HistoryOptions) -> None:
    """Print the trades of every grid, oldest first; raise `BadInput`, `StoreOutOfReach`."""
    asked = understand(options)
    with while_somebody_reads(), lives_of(asked, trade_pages) as lives:
        if options.as_json:
            write_json(((life, map(_object, rows_of(life, asked.since))) for life in lives), "trades")
        elif options.as_csv:
            write_csv(HEADER, (_cells(life, row) for life in lives for row in rows_of(life, asked.since)))
        else:
            from actors.history.trade_table import print_trades

            for life in lives:
                print_trades(life, rows_of(life, asked.since), asked.since)


def rows_of(life: Life, since: int | None) -> Iterator[TradeRow]:
    """Book all trades of a life in order, and give those from `since` on (epoch ms)."""
    books, reader = _books(life), TradeReader(life.stored.key.name)
    for row in life.rows():
        trade = reader.read(tuple(row[: len(TRADE)]))
        order_id, cycle = row[len(TRADE) :]
        if not trade.order_id and order_id:
            trade = attrs.evolve(trade, order_id=order_id)
        told = books.realize(trade)
        if since is None or trade.time >= since:
            yield TradeRow(told, None if trade.owner.level is None else cycle)


def _books(life: Life) -> RealizingBooks:
    """Open the books as the grid's own are, whatever its configuration says by now."""
    grid, (base, quote) = life.grid, life.stored.key.pair.split("/")
    market = Market(base, quote, amount_step=grid.amount_step)
    return RealizingBooks(grid.plan, market, grid.sell_ratio, (grid.capital_quote, grid.capital_base))


def _object(row: TradeRow) -> dict[str, Any]:
    trade, profit = row.trade, row.realized.profit
    return {
        "time": stamp(trade.time),
        "side": trade.side,
        "kind": trade.kind,
        "price": plain(trade.price),
        "quantity": plain(trade.quantity),
        "cost": plain(trade.price * trade.quantity),
        "fee": plain(trade.fee),
        "fee_asset": trade.fee_asset,
        "profit": None if profit is None else plain(profit),
        "trade_id": trade.trade_id,
        "order_id": trade.order_id or None,
        "client_order_id": trade.client_order_id,
        "level": row.level,
        "cycle": row.cycle,
    }


def _cells(life: Life, row: TradeRow) -> list[str]:
    """Write a trade for a spreadsheet: numbers as they are, texts so that none is a formula."""
    told, key = _object(row), life.stored.key
    texts = {"pair": key.pair, "grid": key.name, "mode": key.mode}
    texts |= {name: told[name] for name in ("fee_asset", "trade_id", "order_id", "client_order_id", "level")}
    told |= {name: harmless(text) for name, text in texts.items()}
    return ["" if told[name] is None else str(told[name]) for name in HEADER]
