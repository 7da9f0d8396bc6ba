"""Steppers that look at the whole grid whenever it has settled, and fail when it contradicts itself."""

from __future__ import annotations

from collections.abc import Sequence

from engine.addresses import GridAddresses
from engine.effects import Address
from engine.grid_level import LevelDescribed, LevelState
from engine.grid_setup import BacktestSetup
from engine.messages import DescribeFunds, DescribeLevel, DescribeOrders, FundsDescribed, OpenOrder, PlaceOrder
from engine.stepper import ShakenStepper, Stepper
from engine.values import ZERO, Fees, Kind, Side

_STATES = {
    (Side.BUY, True): LevelState.WAITING_FOR_BUY_FILL,
    (Side.BUY, False): LevelState.READY_TO_BUY,
    (Side.SELL, True): LevelState.WAITING_FOR_SELL_FILL,
    (Side.SELL, False): LevelState.READY_TO_SELL,
}


class _Watched(Stepper):
    """Look at one grid after each settling."""

    checks = 0

    def watch(self, grid: BacktestSetup) -> None:
        """Say which grid will live here."""
        self._fees = grid.rules.fees
        self._addresses: GridAddresses = grid.addresses

    def settle(self) -> None:
        super().settle()
        funds: FundsDescribed = self.ask(self._addresses.balance_tracker, DescribeFunds())
        described: tuple[OpenOrder, ...] = self.ask(self._addresses.order_manager, DescribeOrders())
        orders = tuple(order.wish for order in described)
        _check_money(funds, orders, self._fees)
        _check_slots(funds.waiting, orders)
        if all(order.kind is Kind.LIMIT for order in orders):  # else a liquidation is under way; levels hear of its end
            _check_levels(self._levels(), funds.waiting, orders)
        self.checks += 1

    def _levels(self) -> list[LevelDescribed]:
        prefix = self._addresses.level("")
        return [self.ask(Address(name), DescribeLevel()) for name in self._behaviours if name.startswith(prefix)]


class WatchedStepper(_Watched):
    """Deliver first come, first served."""


class WatchedShakenStepper(_Watched, ShakenStepper):
    """Deliver in a seeded disorder."""


def _check_money(funds: FundsDescribed, orders: Sequence[PlaceOrder], fees: Fees) -> None:
    """Require money at zero or more, and exactly what open orders need to be reserved."""
    assert min(funds.free_quote, funds.free_base, funds.reserved_quote, funds.reserved_base) >= 0, funds
    needs = dict.fromkeys(Side, ZERO)
    for order in orders:
        needs[order.side] += fees.need(order.side, order.price, order.quantity)
    assert (funds.reserved_quote, funds.reserved_base) == (needs[Side.BUY], needs[Side.SELL])


def _check_slots(waiting: Sequence[PlaceOrder], orders: Sequence[PlaceOrder]) -> None:
    """Require at most one order or waiting wish for each slot."""
    slots = [wish.owner.slot for wish in (*orders, *waiting)]
    assert len(slots) == len(set(slots)), slots


def _check_levels(
    levels: Sequence[LevelDescribed], waiting: Sequence[PlaceOrder], orders: Sequence[PlaceOrder]
) -> None:
    """Require each level to know where it stands: what it wishes, and whether that is an order."""
    known = {
        wish.owner.slot: (wish, placed) for wishes, placed in ((orders, True), (waiting, False)) for wish in wishes
    }
    for level in levels:
        if level.slot in known:
            wish, placed = known[level.slot]
            assert (level.state, level.quantity) == (_STATES[wish.side, placed], wish.quantity), (level, wish)
        else:
            assert level.quantity == 0, f"{level} has neither an order nor waits"
