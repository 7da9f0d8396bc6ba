"""What a run comes to: the figures users see, and the series a report draws."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
from attrs import frozen

from engine.candles import Candles
from engine.messages import TradeBooked
from engine.settings import Settings


@frozen
class Cycle:
    """Hold one completed cycle of a level: what it held at `unit_cost` (quote per base) was sold at `price`."""

    time: int
    slot: str
    level: int
    quantity: Decimal
    unit_cost: Decimal
    price: Decimal
    profit: Decimal


@frozen
class OtherFees:
    """Hold the fees that were paid in an asset that is neither base nor quote; `value` in quote, None if unknown."""

    asset: str
    amount: Decimal
    value: Decimal | None = None


@frozen
class GridResult:
    """Hold the figures of one grid's run; money in quote unless named base; shares and returns in percent.

    `sharpe` and `sortino` are None where they are undefined (no deviation). `other_fees` are in no other figure. Times
    are epoch ms.
    """

    pair: str
    mode: str
    start: int
    end: int
    candles: int
    armed: bool
    stop_reason: str | None
    initial_value: Decimal
    final_value: Decimal
    final_quote: Decimal
    final_base: Decimal
    total_fees: Decimal
    grid_profit: Decimal
    unrealized_profit: Decimal
    roi_percent: Decimal
    buy_and_hold_percent: Decimal
    max_drawdown_percent: Decimal
    max_runup_percent: Decimal
    time_in_profit_percent: Decimal
    time_in_loss_percent: Decimal
    sharpe: Decimal | None
    sortino: Decimal | None
    buys: int
    sells: int
    cycles: int
    open_orders: int
    waiting_levels: int
    trades: tuple[TradeBooked, ...]
    other_fees: tuple[OtherFees, ...] = ()


@frozen(eq=False)
class GridRun:
    """Hold one finished run, whole: what it was told to do, the market, what it did, what came of it.

    `ladder` is the level prices, ascending; `equity` float64 per candle, shape (len(candles),), in quote.
    """

    name: str
    settings: Settings
    candles: Candles
    ladder: tuple[Decimal, ...]
    armed_at: int | None
    cycles: tuple[Cycle, ...]
    equity: npt.NDArray[np.float64]
    result: GridResult
