"""What each trade has realized, by the same books as everywhere, and what trades add up to."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, field, frozen

from engine.accounts import Books
from engine.grid import Plan
from engine.messages import TradeBooked
from engine.values import SATOSHI, ZERO, Kind, Market, Side


@frozen
class RealizedTrade:
    """Hold a trade and its profit, in quote to 8 decimals; None for a buy.

    That is proceeds less fee less what was sold had cost: of a level's own lot for its sells, the average of all that
    is held for a sale at market. Fees in a third asset are in no profit.
    """

    trade: TradeBooked
    profit: Decimal | None


class RealizingBooks(Books):
    """Tell what each trade realized while it is booked.

    Profits are rounded so that those of a grid's levels add up to the grid's profit as it is rounded, and those of
    sales at market to theirs: what one row loses is in the next.
    """

    def __init__(
        self, plan: Plan | None, market: Market, sell_ratio: Decimal, capital: tuple[Decimal, Decimal]
    ) -> None:
        """Open the books of a grid that began with `capital`, quote and base; without a plan nothing is traded."""
        armed_price, levels = (plan.price, plan.levels) if plan else (ZERO, ())
        super().__init__(market, *capital, armed_price, sell_ratio, levels)
        self._exact, self._told = dict.fromkeys(Kind, ZERO), dict.fromkeys(Kind, ZERO)

    def realize(self, trade: TradeBooked) -> RealizedTrade:
        """Go on by one trade, and give it with its profit."""
        cost, quote = self._held_cost, self._quotes[-1]
        self.book(trade)
        if trade.side is Side.BUY:
            return RealizedTrade(trade, None)
        kind = trade.kind
        self._exact[kind] += (self._quotes[-1] - quote) - (cost - self._held_cost)
        told, self._told[kind] = self._told[kind], self._exact[kind].quantize(SATOSHI)
        return RealizedTrade(trade, self._told[kind] - told)


@define
class Totals:
    """Add up trades: base bought and sold, quote paid and got, fees by asset, profits in quote, cycles."""

    trades: int = 0
    bought: Decimal = ZERO
    paid: Decimal = ZERO
    sold: Decimal = ZERO
    got: Decimal = ZERO
    grid_profit: Decimal = ZERO
    market_profit: Decimal = ZERO
    cycles: int = 0
    fees: dict[str, Decimal] = field(factory=dict)

    def add(self, row: RealizedTrade) -> None:
        """Go on by one trade."""
        trade, value = row.trade, row.trade.price * row.trade.quantity
        self.trades += 1
        if trade.fee:
            self.fees[trade.fee_asset] = self.fees.get(trade.fee_asset, ZERO) + trade.fee
        if row.profit is None:
            self.bought += trade.quantity
            self.paid += value
            return
        self.sold += trade.quantity
        self.got += value
        if trade.kind is Kind.MARKET:
            self.market_profit += row.profit
        else:
            self.grid_profit += row.profit
            self.cycles += trade.complete
