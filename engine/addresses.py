"""Where everyone lives: the addresses of one grid's actors, and of those that serve all grids."""

from __future__ import annotations

from attrs import field, frozen

from engine.effects import Address
from engine.messages import (
    BalanceTrackerInbox,
    ExchangeInbox,
    GridLevelInbox,
    GridManagerInbox,
    LevelSupervisorInbox,
    OrderManagerInbox,
    ReporterInbox,
    RiskMonitorInbox,
)

REPORTER: Address[ReporterInbox] = Address("reporter")


@frozen
class GridAddresses:
    """Give the addresses of the grid called `grid`."""

    grid: str
    exchange: Address[ExchangeInbox] = field(init=False)
    order_manager: Address[OrderManagerInbox] = field(init=False)
    balance_tracker: Address[BalanceTrackerInbox] = field(init=False)
    grid_manager: Address[GridManagerInbox] = field(init=False)
    risk_monitor: Address[RiskMonitorInbox] = field(init=False)
    levels: Address[LevelSupervisorInbox] = field(init=False)
    reporter: Address[ReporterInbox] = field(init=False, default=REPORTER)

    @exchange.default
    def _exchange(self) -> Address[ExchangeInbox]:
        return Address(f"{self.grid}/exchange")

    @order_manager.default
    def _order_manager(self) -> Address[OrderManagerInbox]:
        return Address(f"{self.grid}/order_manager")

    @balance_tracker.default
    def _balance_tracker(self) -> Address[BalanceTrackerInbox]:
        return Address(f"{self.grid}/balance_tracker")

    @grid_manager.default
    def _grid_manager(self) -> Address[GridManagerInbox]:
        return Address(f"{self.grid}/grid_manager")

    @risk_monitor.default
    def _risk_monitor(self) -> Address[RiskMonitorInbox]:
        return Address(f"{self.grid}/risk_monitor")

    @levels.default
    def _levels(self) -> Address[LevelSupervisorInbox]:
        return Address(f"{self.grid}/levels")

    def level(self, slot: str) -> Address[GridLevelInbox]:
        """Give the address of the level in `slot`."""
        return Address(f"{self.grid}/level/{slot}")
