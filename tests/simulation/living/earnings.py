"""Cycles earn what the spacing gives, less fees; nothing else is called profit."""

from __future__ import annotations

from decimal import Decimal

from engine.accounts import keep_accounts
from engine.grid import Plan
from engine.journal.memory_store import MemoryStore
from engine.messages import TradeBooked
from engine.results import Cycle
from engine.values import ZERO, Kind, Market, Side
from tests.simulation.living.laws import require

_LAW = "profit is cycles times spacing less fees"
ROUNDING = Decimal("1e-12")  # of unit costs, which are divided


def check_profit(kept: MemoryStore, market: Market) -> None:
    """Compare what the books call profit with what trades brought in; raise `LawBroken`."""
    row, trades = kept.grid, kept.trades()
    if row is None or row.plan is None:
        return
    accounts = keep_accounts(
        trades, market, row.capital_quote, row.capital_base, row.plan.price, row.sell_ratio, row.plan.levels
    )
    if not any(trade.kind is Kind.MARKET and trade.side is Side.SELL for trade in trades):
        spent = row.capital_quote + accounts.grid_profit - accounts.quotes[-1]
        require(
            abs(spent - accounts.held_cost) < ROUNDING,
            _LAW,
            f"{accounts.grid_profit} earned, {accounts.quotes[-1]} there, {accounts.held_cost} invested",
        )
    for cycle in accounts.cycles:
        _check_cycle(cycle, trades, row.plan, market)


def _check_cycle(cycle: Cycle, trades: tuple[TradeBooked, ...], plan: Plan, market: Market) -> None:
    """Work out what a cycle earned that bought once and sold once, each at its level's price."""
    of_slot = [trade for trade in trades if trade.owner.slot == cycle.slot]
    sold = next(place for place, trade in enumerate(of_slot) if trade.side is Side.SELL and trade.time == cycle.time)
    before = of_slot[:sold]
    if sold != 1 or len(before) != 1 or before[0].side is Side.SELL:
        return
    bought, sale = before[0], of_slot[sold]
    if (
        not (bought.complete and sale.complete)
        or (bought.price, sale.price) != plan.prices[cycle.level : cycle.level + 2]
    ):
        return
    fee_in_base = bought.fee if bought.fee_asset == market.base else ZERO
    fee_in_quote = sale.fee if sale.fee_asset == market.quote else ZERO
    cost = sale.quantity * bought.price * bought.quantity / (bought.quantity - fee_in_base)
    earned = sale.quantity * sale.price - fee_in_quote - cost
    require(abs(cycle.profit - earned) < ROUNDING, _LAW, f"{cycle}, by its trades it earned {earned}")
