"""Where everyone lives: the addresses of one grid's actors, and of those that serve all grids."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from engine.effects import Address
from engine.messages import (
    BalanceTrackerInbox,
    CallerInbox,
    ConsoleInbox,
    ExchangeInbox,
    GatewayInbox,
    GridLevelInbox,
    GridManagerInbox,
    JournalInbox,
    LevelSupervisorInbox,
    OrderFeedInbox,
    OrderManagerInbox,
    PriceFeedInbox,
    PriceSourceInbox,
    ReconcilerInbox,
    ReporterInbox,
    RiskMonitorInbox,
    SteeredSupervisorInbox,
)

REPORTER: Address[ReporterInbox] = Address("reporter")
CONSOLE: Address[ConsoleInbox] = Address("console")  # the one who started all this, if they want to be told
CONTROLLER: Address[Any] = Address("controller")
HEALTH_MONITOR: Address[Any] = Address("health_monitor")
NOTIFIER: Address[Any] = Address("notifier")


@frozen
class GridAddresses:
    """Give the addresses of the grid called `grid`.

    Orders go to `exchange`: a simulated one, or the `gateway` to a real one, which lives at the same place. The
    simulated exchange is also where prices are watched; in live trading that is the price feed (`feed_has_prices`).
    What goes to the exchange passes the `journal` where the grid has one (`is_journalled`), else that is None.
    """

    grid: str
    feed_has_prices: bool = False
    is_journalled: bool = False
    exchange: Address[ExchangeInbox] = field(init=False)
    gateway: Address[GatewayInbox] = field(init=False)
    prices: Address[PriceSourceInbox] = field(init=False)
    price_feed: Address[PriceFeedInbox] = field(init=False)
    order_feed: Address[OrderFeedInbox] = field(init=False)
    order_manager: Address[OrderManagerInbox] = field(init=False)
    balance_tracker: Address[BalanceTrackerInbox] = field(init=False)
    grid_manager: Address[GridManagerInbox] = field(init=False)
    risk_monitor: Address[RiskMonitorInbox] = field(init=False)
    reconciler: Address[ReconcilerInbox] = field(init=False)
    levels: Address[LevelSupervisorInbox] = field(init=False)
    core: Address[SteeredSupervisorInbox] = field(init=False)
    journal: Address[JournalInbox] | None = field(init=False)
    reporter: Address[ReporterInbox] = field(init=False, default=REPORTER)

    @exchange.default
    def _exchange(self) -> Address[ExchangeInbox]:
        return Address(f"{self.grid}/exchange")

    @gateway.default
    def _gateway(self) -> Address[GatewayInbox]:
        return Address(f"{self.grid}/exchange")

    @prices.default
    def _prices(self) -> Address[PriceSourceInbox]:
        return Address(f"{self.grid}/{'price_feed' if self.feed_has_prices else 'exchange'}")

    @journal.default
    def _journal(self) -> Address[JournalInbox] | None:
        return Address(f"{self.grid}/journal") if self.is_journalled else None

    @price_feed.default
    def _price_feed(self) -> Address[PriceFeedInbox]:
        return Address(f"{self.grid}/price_feed")

    @order_feed.default
    def _order_feed(self) -> Address[OrderFeedInbox]:
        return Address(f"{self.grid}/order_feed")

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

    @reconciler.default
    def _reconciler(self) -> Address[ReconcilerInbox]:
        return Address(f"{self.grid}/reconciler")

    @core.default
    def _core(self) -> Address[SteeredSupervisorInbox]:
        return Address(f"{self.grid}/core")

    @levels.default
    def _levels(self) -> Address[LevelSupervisorInbox]:
        return Address(f"{self.grid}/levels")

    def level(self, slot: str) -> Address[GridLevelInbox]:
        """Give the address of the level in `slot`."""
        return Address(f"{self.grid}/level/{slot}")

    def caller(self, index: int) -> Address[CallerInbox]:
        """Give the address of one of those who call the exchange for the gateway."""
        return Address(f"{self.grid}/caller/{index}")
