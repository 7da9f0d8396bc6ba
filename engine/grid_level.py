"""One level's life: buy at the low price, sell what was bought at the high one, and again."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from attrs import frozen

from engine.addresses import GridAddresses
from engine.effects import Effect, Reply, Send
from engine.grid import GridRules, PlannedLevel
from engine.messages import (
    ARMING,
    ArmLevel,
    DescribeLevel,
    GridLevelInbox,
    NothingToPlace,
    Owner,
    PlaceOrder,
    TradeBooked,
    WishFunded,
    WishWaited,
)
from engine.values import ONE, ZERO, Kind, Side


class LevelState(StrEnum):
    """Where a level stands; `READY_TO_…` with an amount means that it waits for funds."""

    READY_TO_BUY_OR_SELL = "READY_TO_BUY_OR_SELL"
    READY_TO_BUY = "READY_TO_BUY"
    WAITING_FOR_BUY_FILL = "WAITING_FOR_BUY_FILL"
    READY_TO_SELL = "READY_TO_SELL"
    WAITING_FOR_SELL_FILL = "WAITING_FOR_SELL_FILL"


_READY = {Side.BUY: LevelState.READY_TO_BUY, Side.SELL: LevelState.READY_TO_SELL}
_WAITING = {Side.BUY: LevelState.WAITING_FOR_BUY_FILL, Side.SELL: LevelState.WAITING_FOR_SELL_FILL}


@frozen
class LevelDescribed:
    """Answer `DescribeLevel`."""

    slot: str
    low: Decimal
    high: Decimal
    state: LevelState
    quantity: Decimal
    cycle: int


class GridLevel:
    """Answer each fill with the opposite order, one interval away."""

    def __init__(self, plan: PlannedLevel, rules: GridRules, addresses: GridAddresses) -> None:
        """Stand ready in `plan.slot`; nothing is wished before `ArmLevel`."""
        self._plan = plan
        self._low, self._high = plan.low, plan.high
        self._rules = rules
        self._step = rules.market.amount_step
        self._base = rules.market.base
        # A level's size must not decay where the fee of a buy is taken from what it buys.
        self._kept_of_buy = ONE - rules.fees.rate if rules.fees.in_received else ONE
        self._ledger = addresses.balance_tracker
        self._owner = Owner(addresses.grid, plan.slot, plan.index, addresses.level(plan.slot))
        self._state = LevelState.READY_TO_BUY_OR_SELL
        self._side = plan.side
        self._wished = ZERO
        self._filled = ZERO  # of the live order, net of fees taken in base
        self._cycle = 0

    def handle(self, message: GridLevelInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case TradeBooked():
                return self._trade_booked(message)
            case ArmLevel():
                return self._wish(self._plan.side, self._plan.quantity, ARMING)
            case WishWaited():
                self._state = _READY[self._side]
                return []
            case WishFunded():
                self._state = _WAITING[self._side]
                return []
            case DescribeLevel():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _trade_booked(self, trade: TradeBooked) -> list[Effect]:
        """Answer an order that is complete; a partly filled one stays."""
        self._filled += trade.quantity - trade.fee if trade.fee_asset == self._base else trade.quantity
        if not trade.complete:
            return []
        filled, self._filled = self._filled, ZERO
        if trade.side is Side.BUY:
            return self._wish(Side.SELL, filled * self._rules.sell_ratio, trade.trade_id)
        self._cycle += 1
        return self._wish(Side.BUY, filled * self._rules.buy_ratio / self._kept_of_buy, trade.trade_id)

    def _wish(self, side: Side, amount: Decimal, answers: str) -> list[Effect]:
        quantity = amount // self._step * self._step
        self._side, self._wished = side, quantity
        if not quantity:
            self._state = _READY[side]
            return [Send(self._ledger, NothingToPlace(self._owner, answers))]
        # Funded is the rule; the ledger says so when it is not.
        self._state = _WAITING[side]
        price = self._low if side is Side.BUY else self._high
        return [Send(self._ledger, PlaceOrder(self._owner, self._cycle, side, Kind.LIMIT, price, quantity, answers))]

    def _described(self) -> LevelDescribed:
        return LevelDescribed(self._plan.slot, self._low, self._high, self._state, self._wished, self._cycle)
