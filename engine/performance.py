"""From what happened to the figures that users see."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.accounts import Accounts
from engine.candles import Candles
from engine.equity import EquityCurve
from engine.grid import GridRules, level_prices
from engine.messages import FundsDescribed
from engine.open_books import open_books
from engine.reporter import GridHistory
from engine.results import GridResult, GridRun, OtherFees
from engine.settings import Settings
from engine.values import ONE, SATOSHI, ZERO, Side

_HUNDRED = Decimal(100)
_LAST_DIGITS = Decimal("1e-22")  # of 28: sums of very large and very small amounts round there


class BooksDisagree(Exception):
    """The ledger and the sum of the trades differ: a bug."""


def summarise(
    name: str,
    settings: Settings,
    rules: GridRules,
    candles: Candles,
    history: GridHistory,
    funds: FundsDescribed,
    open_orders: int,
    fee_prices: Mapping[str, Decimal] | None = None,
) -> GridRun:
    """Work out one finished run; raise `BooksDisagree` when the ledger does not equal the sum of the trades.

    `fee_prices` says what assets are worth in quote that fees were paid in, where that is known.
    """
    first_close, last_close = candles.exact(0).close, candles.exact(len(candles) - 1).close
    capital = history.capital or (settings.trading_settings.initial_balance, ZERO)
    accounts = book_history(history, rules, capital, first_close)
    _compare(accounts, funds)
    curve = EquityCurve(candles, [trade.time for trade in history.trades], accounts.quotes, accounts.bases)
    above, below = curve.shares_above_and_below_start()
    sharpe, sortino = curve.sharpe_and_sortino(settings.trading_settings.timeframe_ms)
    buys = sum(trade.side is Side.BUY for trade in history.trades)
    result = GridResult(
        pair=rules.market.pair,
        mode=str(settings.exchange.trading_mode),
        start=int(candles.times[0]),
        end=int(candles.times[-1]),
        candles=len(candles),
        armed=history.plan is not None,
        stop_reason=history.stop_reason,
        initial_value=curve.initial,
        final_value=curve.final,
        final_quote=accounts.quotes[-1],
        final_base=accounts.bases[-1],
        total_fees=accounts.total_fees,
        grid_profit=_money(accounts.grid_profit),
        unrealized_profit=_money(accounts.bases[-1] * last_close - accounts.held_cost),
        roi_percent=_percent(curve.final / curve.initial - ONE),
        buy_and_hold_percent=_percent(last_close / first_close - ONE),
        max_drawdown_percent=_percent(curve.max_drawdown()),
        max_runup_percent=_percent(curve.max_runup()),
        time_in_profit_percent=_percent(above),
        time_in_loss_percent=_percent(below),
        sharpe=_ratio(sharpe),
        sortino=_ratio(sortino),
        buys=buys,
        sells=len(history.trades) - buys,
        cycles=len(accounts.cycles),
        open_orders=open_orders,
        waiting_levels=len(funds.waiting),
        trades=history.trades,
        other_fees=value_fees(accounts, fee_prices or {}),
    )
    return GridRun(
        name=name,
        settings=settings,
        candles=candles,
        ladder=level_prices(rules),
        armed_at=history.armed_at,
        cycles=accounts.cycles,
        equity=curve.values,
        result=result,
    )


def book_history(history: GridHistory, rules: GridRules, capital: tuple[Decimal, Decimal], price: Decimal) -> Accounts:
    """Book all trades of a grid, as `open_books` has it."""
    books = open_books(history.plan, rules, capital, price)
    for trade in history.trades:
        books.book(trade)
    return books.accounts()


def value_fees(accounts: Accounts, prices: Mapping[str, Decimal]) -> tuple[OtherFees, ...]:
    """Give the fees in other assets, valued in quote where `prices` knows the asset."""
    return tuple(
        OtherFees(asset, amount, amount * prices[asset] if asset in prices else None)
        for asset, amount in accounts.other_fees
    )


def _compare(accounts: Accounts, funds: FundsDescribed) -> None:
    for booked, held in (
        (accounts.quotes[-1], funds.free_quote + funds.reserved_quote),
        (accounts.bases[-1], funds.free_base + funds.reserved_base),
    ):
        if abs(booked - held) > max(abs(held), ONE) * _LAST_DIGITS:
            raise BooksDisagree(f"the trades leave {booked}, the ledger holds {held}")


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(SATOSHI) + ZERO  # never minus zero


def _percent(share: Decimal) -> Decimal:
    return _money(share * _HUNDRED)


def _ratio(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(SATOSHI)
