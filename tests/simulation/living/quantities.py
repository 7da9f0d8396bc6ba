"""What levels buy and sell: what they bought, less fees and what rounding leaves, and nothing of it twice."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from engine.grid import PlannedLevel
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import HalfRow, LevelRow, OrderRow
from engine.messages import TradeBooked
from engine.orders import OrderState
from engine.values import ZERO, Kind, Market, Side
from tests.simulation.living.laws import require

_LAW = "a level sells what it bought, and buys what it sold"
_KEPT = Decimal("0.999")  # of a buy whose fee is taken from it
_ROUNDING = Decimal("1e-9")


def check_quantities(kept: MemoryStore, market: Market) -> None:
    """Follow each level's base through its trades; raise `LawBroken`."""
    row, trades = kept.grid, kept.trades()
    if row is None or row.plan is None:
        return
    bought = sum((one.quantity for one in trades if one.kind is Kind.MARKET and one.side is Side.BUY), ZERO)
    require(bought <= row.plan.purchase, "no more is bought than planned", f"{bought} of {row.plan.purchase}")
    if row.liquidation is not None:
        if row.stop_reason is not None:
            _check_sold(kept, market)
        return
    for level in row.plan.levels:
        slot = level.slot
        state = kept.levels[slot]
        filled = [order for order in kept.orders.values() if order.slot == slot and order.filled]
        of_slot = [trade for trade in trades if trade.owner.slot == slot]
        _Flow(state, level, of_slot, filled, market).check()


def _check_sold(kept: MemoryStore, market: Market) -> None:
    """See that what is left of a position that was sold is dust."""
    assert kept.grid is not None
    base = kept.balances[market.base]
    left = market.floor_amount(base.free + base.reserved)
    refused = [order.slot for order in kept.orders.values() if order.state is OrderState.REJECTED][-1:] == ["grid"]
    is_dust = not left or refused or not market.accepts(kept.grid.liquidation_price, left)
    require(is_dust, "a liquidation leaves dust", f"{left} {market.base} is left at {kept.grid.liquidation_price}")


@frozen
class _Flow:
    """Follow one level's base; `orders` are those that filled, in full or in part."""

    state: LevelRow
    level: PlannedLevel
    trades: list[TradeBooked]
    orders: list[OrderRow]
    market: Market

    def check(self) -> None:
        """See that it sells what it bought and buys what it sold; each answer may lose less than a step."""
        bought, gross = self._net(Side.BUY), self._gross(Side.BUY)
        sold = self._gross(Side.SELL)
        buying, selling = self.state.buying, self.state.selling
        answers = sum(order.side is Side.BUY and order.ended_at is not None for order in self.orders)
        raised = sum(order.state is OrderState.ENDED for order in self.orders)  # to the minimum, at most
        to_sell = self._allotted(Side.SELL) + bought - buying.filled
        sells = sold + self._pending(Side.SELL, selling)
        where = f"{self.level.slot} has bought {to_sell} to sell, and sells {sells}"
        require(sells <= to_sell + raised * self._least(self.level.high), _LAW, where)
        require(sells >= to_sell - answers * self.market.amount_step, _LAW, where)
        to_buy = self._allotted(Side.BUY) + (sold - selling.filled) / _KEPT
        buys = gross + self._pending(Side.BUY, buying)
        where = f"{self.level.slot} has sold for {to_buy} to buy, and buys {buys}"
        require(buys <= to_buy + raised * self._least(self.level.low) + _ROUNDING, _LAW, where)

    def _allotted(self, side: Side) -> Decimal:
        return self.level.quantity if self.level.side is side else ZERO

    def _gross(self, side: Side) -> Decimal:
        return sum((trade.quantity for trade in self.trades if trade.side is side), ZERO)

    def _net(self, side: Side) -> Decimal:
        base = self.market.base
        fees = (trade.fee for trade in self.trades if trade.side is side and trade.fee_asset == base)
        return self._gross(side) - sum(fees, ZERO)

    def _least(self, price: Decimal) -> Decimal:
        market = self.market
        return max(market.min_amount, market.min_cost / price) + market.amount_step

    def _pending(self, side: Side, half: HalfRow) -> Decimal:
        """Give what a side has ordered or wishes, and what goes into the next order."""
        live = (order.filled for order in self.orders if order.side is side and order.ended_at is None)
        return (half.quantity - sum(live, ZERO) if half.is_taken else ZERO) + half.carried
