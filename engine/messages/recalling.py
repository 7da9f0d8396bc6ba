"""Between the journal and those who are rebuilt from it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.freezing import frozen

if TYPE_CHECKING:
    from engine.grid import Plan
    from engine.journal.rows import BalanceRow, GridRow, LevelRow, OrderRow
    from engine.messages.reports import TradeBooked


@frozen
class RecallGrid:
    """Ask the journal for all it knows of the grid: ledger and grid manager are told their parts.

    Answers carry the `token` of the question: those to a grid manager that is no more are nobody's.
    """

    token: int = 0


@frozen
class ResumeOrders:
    """Tell the order manager to go on with the orders there are, now that those are there who are told of trades."""


@frozen
class RecallOpenOrders:
    """Ask the journal for the orders that were live; the answer carries the `token`."""

    token: int = 0


@frozen
class GridRecalled:
    """Tell the grid manager where the grid stood, and where its levels did; `orders` are its own that were live.

    `time` is now, epoch ms.
    """

    grid: GridRow
    levels: tuple[LevelRow, ...]
    orders: tuple[OrderRow, ...]
    token: int = 0
    time: int = 0


@frozen
class FundsRecalled:
    """Tell the ledger what the grid has, and which live orders hold some of it back."""

    grid: GridRow
    balances: tuple[BalanceRow, ...]
    orders: tuple[OrderRow, ...]


@frozen
class OrdersRecalled:
    """Tell the order manager the orders that were live, and their trades so far, oldest first.

    All of the account's trades up to `caught_up` are known, None when nobody has asked yet; `newest_trade` is the
    latest of the grid's, None for none.
    """

    orders: tuple[OrderRow, ...]
    trades: tuple[TradeBooked, ...]
    caught_up: str | None
    newest_trade: str | None
    token: int = 0


@frozen
class HistoryRecalled:
    """Tell the reporter what became of a grid so far: it began with `capital`, quote and base.

    `plan` is None when it has not armed, `stop_reason` while it has not ended for good.
    """

    grid: str
    capital: tuple[Decimal, Decimal]
    armed_at: int | None
    plan: Plan | None
    trades: tuple[TradeBooked, ...]
    stop_reason: str | None = None
    pause_reason: str | None = None
    paused_until: int | None = None


@frozen
class RecallHistory:
    """Ask a journal to tell the reporter its grid's history."""
