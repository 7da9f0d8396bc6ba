"""A stretch of a price's path, summed up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import reduce

from engine.freezing import frozen
from engine.values import ZERO

NO_TRADE = -1


@frozen
class Bar:
    """Sum up a stretch of the path: its corners, and what was traded meanwhile."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = ZERO
    quote_volume: Decimal = ZERO
    trades: int = 0
    taker_buy_volume: Decimal = ZERO
    taker_buy_quote_volume: Decimal = ZERO
    first_trade_id: int = NO_TRADE
    last_trade_id: int = NO_TRADE

    def then(self, later: Bar) -> Bar:
        """Join the stretch that follows."""
        return Bar(
            self.open,
            max(self.high, later.high),
            min(self.low, later.low),
            later.close,
            self.volume + later.volume,
            self.quote_volume + later.quote_volume,
            self.trades + later.trades,
            self.taker_buy_volume + later.taker_buy_volume,
            self.taker_buy_quote_volume + later.taker_buy_quote_volume,
            self.first_trade_id if self.first_trade_id != NO_TRADE else later.first_trade_id,
            later.last_trade_id if later.last_trade_id != NO_TRADE else self.last_trade_id,
        )


def still(price: Decimal) -> Bar:
    """Give a stretch in which nothing happens."""
    return Bar(price, price, price, price)


def joined(bars: Iterable[Bar]) -> Bar | None:
    """Join stretches that follow each other; None for none."""
    every = list(bars)
    return reduce(Bar.then, every) if every else None
