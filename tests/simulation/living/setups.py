"""Which grid a world has, and on which market: drawn from its seed."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from random import Random

from attrs import frozen

from engine.gateway.rules import GatewayRules, gateway_rules
from engine.grid_setup import GridSetup, trading_setup
from engine.risk import STOP_LOSS, TAKE_PROFIT
from engine.settings.model import Settings
from engine.values import Market
from tests.engine.configurations import load
from tests.simulation.living.network import RECEIVE_WINDOW

D = Decimal
START = D(100)
_MARGIN = 1.0  # seconds, for clocks
MARKETS = {
    "fine": Market("SOL", "USDT", D("0.01"), D("0.00000001")),
    "steps": Market("SOL", "USDT", D("0.01"), D("0.001"), D("0.001"), D(5)),
    "coarse": Market("SOL", "USDT", D("0.1"), D("0.01"), D("0.01"), D(10)),
}


@frozen(kw_only=True)
class Setup:
    """Hold one grid's configuration, and the market and fees that it meets."""

    settings: Settings
    market: Market
    rules: GatewayRules
    fees_in_third: bool
    ends_with_its_grid: bool  # the process: no other grid runs in it

    @property
    def exit(self) -> str | None:
        """Name an exit that the grid has, None for none."""
        risk = self.settings.risk_management
        if risk.stop_loss.enabled:
            return STOP_LOSS
        return TAKE_PROFIT if risk.take_profit.enabled else None

    @property
    def exit_beyond(self) -> Decimal | None:
        """Give a price beyond that exit."""
        return None if self.exit is None else D(83) if self.exit == STOP_LOSS else D(117)

    def is_beyond_exit(self, price: Decimal) -> bool:
        """Tell whether an exit is to be taken at this price."""
        risk = self.settings.risk_management
        low, high = risk.stop_loss.price, risk.take_profit.price
        return (low is not None and price <= low) or (high is not None and price >= high)

    def grid(self, run: str) -> GridSetup:
        """Make the grid of one run."""
        return trading_setup("SOL/USDT", self.settings, self.market, run)


def draw_setup(random: Random) -> Setup:
    """Draw one; those that differ in nothing are the same."""
    return _setup(
        num_grids=random.choice((4, 5, 6, 8)),
        kind=random.choice(("simple_grid", "simple_grid", "hedged_grid")),
        purchase=random.choice(("half", "half", "exact", "none")),
        market=random.choice(("fine", "steps", "steps", "coarse")),
        exits=random.choice(("none", "none", "none", "stop_loss", "take_profit", "both")),
        post_only=random.random() < 0.3,
        third=random.random() < 0.25,
        is_alone=random.random() < 0.5,
        is_small=random.random() < 0.25,
    )


@cache
def _setup(
    *,
    num_grids: int,
    kind: str,
    purchase: str,
    market: str,
    exits: str,
    post_only: bool,
    third: bool,
    is_alone: bool,
    is_small: bool,
) -> Setup:
    # Little more than the minimum for each level: what ends in parts comes below it.
    budget = int(MARKETS[market].min_cost * num_grids * 3 / 2) if is_small and MARKETS[market].min_cost else 1000
    settings = load(
        ("exchange.trading_mode", "live"),
        ("exchange.fee_asset", "received"),
        ("trading_settings.timeframe", "1m"),
        ("trading_settings.initial_balance", budget),
        ("grid_strategy.type", kind),
        ("grid_strategy.num_grids", num_grids),
        ("grid_strategy.range", {"bottom": 90, "top": 110}),
        ("grid_strategy.initial_purchase", purchase),
        ("risk_management.stop_loss", {"enabled": exits in ("stop_loss", "both"), "threshold": 84}),
        ("risk_management.take_profit", {"enabled": exits in ("take_profit", "both"), "threshold": 116}),
        ("execution.post_only", post_only),
        ("execution.reconciliation_interval", 60),
        ("execution.circuit_breaker_recovery_timeout", 20),
    )
    rules = gateway_rules(
        settings.execution,
        callers=3,
        order_limits=((10, 1.0), (60, 10.0)),
        answer_window=RECEIVE_WINDOW + _MARGIN,
        post_only=post_only,
    )
    return Setup(
        settings=settings, market=MARKETS[market], rules=rules, fees_in_third=third, ends_with_its_grid=is_alone
    )
