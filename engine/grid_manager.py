"""The grid's own life: wait for the range, buy inventory, arm the ladder, liquidate, stop."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import Effect, Send
from engine.grid import GridRules, Plan, level_prices, make_plan
from engine.messages import (
    ARMING,
    ArmLevel,
    CandleClosed,
    ExpectWishes,
    FundsCleared,
    GridArmed,
    GridManagerInbox,
    GridStopped,
    HaltTrading,
    LevelsStarted,
    LiquidateGrid,
    OpenGrid,
    Owner,
    PlaceOrder,
    StartLevels,
    StopLevels,
    TradeBooked,
    WatchCloses,
    WishFunded,
    WishWaited,
)
from engine.values import ZERO, Kind, Side

OWN_SLOT = "grid"  # where the grid manager's own market orders are kept


class GridManager:
    """Take the grid from its first candle to its stop, one step at a time."""

    def __init__(self, rules: GridRules, quote: Decimal, base: Decimal, addresses: GridAddresses) -> None:
        """Hold the budget: `quote` and `base` to arm with."""
        self._rules = rules
        self._budget = (quote, base)
        self._addresses = addresses
        self._owner = Owner(addresses.grid, OWN_SLOT, None, addresses.grid_manager)
        self._plan: Plan | None = None
        self._stop_reason: str | None = None
        self._stop_price = ZERO
        self._market_orders = 0

    def handle(self, message: GridManagerInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case OpenGrid():
                prices = level_prices(self._rules)
                return [Send(self._addresses.exchange, WatchCloses(prices[0], prices[-1]))]
            case CandleClosed():
                return self._arm(message)
            case TradeBooked():
                return self._traded(message)
            case WishWaited():
                # The purchase or the sale cannot be made: on with what there is.
                return self._stopped() if self._stop_reason else self._start_levels()
            case WishFunded():
                return []
            case LevelsStarted():
                return self._arm_levels()
            case LiquidateGrid():
                return self._liquidate(message)
            case FundsCleared():
                return self._sell_all(message.base)
            case _:
                assert_never(message)

    # --- arming ------------------------------------------------------------------------------------

    def _arm(self, candle: CandleClosed) -> list[Effect]:
        if self._plan is not None:
            return []
        plan = self._plan = make_plan(self._rules, candle.close, *self._budget)
        armed = Send(self._addresses.reporter, GridArmed(self._addresses.grid, candle.time, plan))
        if not plan.purchase:
            return [armed, *self._start_levels()]
        return [armed, self._order(Side.BUY, plan.purchase_price, plan.purchase)]

    def _traded(self, trade: TradeBooked) -> list[Effect]:
        if not trade.complete:
            return []
        if trade.side is Side.SELL:
            return self._stopped()
        return [] if self._stop_reason else self._start_levels()

    def _start_levels(self) -> list[Effect]:
        assert self._plan is not None
        return [Send(self._addresses.levels, StartLevels(self._plan.levels))]

    def _arm_levels(self) -> list[Effect]:
        assert self._plan is not None
        if self._stop_reason is not None:
            return []
        addresses = self._addresses
        owners = tuple(
            Owner(addresses.grid, level.slot, level.index, addresses.level(level.slot)) for level in self._plan.levels
        )
        # The ledger first: it must know who owes before the first wish comes.
        return [
            Send(addresses.balance_tracker, ExpectWishes(owners, self._plan.price)),
            *(Send(addresses.level(owner.slot), ArmLevel()) for owner in owners),
        ]

    # --- stopping ----------------------------------------------------------------------------------

    def _liquidate(self, order: LiquidateGrid) -> list[Effect]:
        if self._stop_reason is not None:
            return []
        self._stop_reason = order.reason
        self._stop_price = order.price
        return [Send(self._addresses.balance_tracker, HaltTrading())]

    def _sell_all(self, base: Decimal) -> list[Effect]:
        """Sell what the step and the minimums allow; the rest is dust."""
        market = self._rules.market
        quantity = market.floor_amount(base)
        if not quantity or not market.accepts(self._stop_price, quantity):
            return self._stopped()
        return [self._order(Side.SELL, self._stop_price, quantity)]

    def _stopped(self) -> list[Effect]:
        assert self._stop_reason is not None
        return [
            Send(self._addresses.levels, StopLevels()),
            Send(self._addresses.reporter, GridStopped(self._addresses.grid, self._stop_reason)),
        ]

    def _order(self, side: Side, price: Decimal, quantity: Decimal) -> Send:
        wish = PlaceOrder(self._owner, self._market_orders, side, Kind.MARKET, price, quantity, ARMING)
        self._market_orders += 1
        return Send(self._addresses.balance_tracker, wish)
