"""The whole system on one page: who is there, in the order they start, and who falls with whom.

```
supervisor (root, one_for_one)
├─ (notifier  health_monitor  controller)
├─ reporter
└─ grid SOL/USDT (rest_for_one)          one such branch per configuration
   ├─ (persistence)                      the gate to the exchange
   ├─ exchange                           the simulated exchange, and in a backtest the source of prices
   ├─ core (one_for_all)
   │  ├─ balance_tracker  order_manager  grid_manager
   │  └─ levels (one_for_one)            level/0 … started when the grid arms
   ├─ risk_monitor
   └─ (order_feed  price_feed  reconciler)
```

In brackets: the places of those who talk to sockets, disks and people, whom a backtest does without.

A branch starts from what others stand on: whoever is further down may be restarted without those above.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors import (
    balance_tracker,
    grid_level,
    grid_manager,
    order_manager,
    reporter,
    risk_monitor,
    simulated_exchange,
)
from engine.effects import Address
from engine.grid_setup import GridSetup
from engine.supervision import Intensity, Strategy, SupervisorSpec

# A backtest has no journal to recover from: any crash ends it.
_NO_RESTARTS = Intensity(max_restarts=0)


def backtest_system(grids: Sequence[GridSetup]) -> SupervisorSpec:
    """Describe the system that backtests `grids` side by side."""
    return SupervisorSpec(
        Address("supervisor"),
        Strategy.ONE_FOR_ONE,
        (reporter.spec(grids), *(_branch(grid) for grid in grids)),
        _NO_RESTARTS,
    )


def _branch(grid: GridSetup) -> SupervisorSpec:
    return SupervisorSpec(
        Address(f"{grid.name}/branch"),
        Strategy.REST_FOR_ONE,
        (simulated_exchange.spec(grid), _core(grid), risk_monitor.spec(grid)),
        _NO_RESTARTS,
    )


def _core(grid: GridSetup) -> SupervisorSpec:
    return SupervisorSpec(
        Address(f"{grid.name}/core"),
        Strategy.ONE_FOR_ALL,
        (balance_tracker.spec(grid), order_manager.spec(grid), grid_manager.spec(grid), _levels(grid)),
        _NO_RESTARTS,
    )


def _levels(grid: GridSetup) -> SupervisorSpec:
    return SupervisorSpec(
        grid.addresses.levels,
        Strategy.ONE_FOR_ONE,
        (),
        _NO_RESTARTS,
        grow=lambda level: grid_level.spec(grid, level),
        grow_reports_to=grid.addresses.grid_manager,
    )
