"""From when on something is told: for what all grids share, by the strictest of their configurations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import fields, frozen

from engine.addresses import GridAddresses
from engine.grid_setup import GridSetup
from engine.settings.choices import TradingMode
from engine.settings.model import Health

_WANTED = ("disk_free_mb", "disk_free_percent")  # at least; of everything else at most


@frozen(eq=False)
class WatchedGrid:
    """Name a grid whose health is looked after; `is_live` when it trades on a real account."""

    name: str
    addresses: GridAddresses
    is_live: bool
    health: Health
    polling_interval: float
    reconciliation_interval: float

    @classmethod
    def of(cls, grid: GridSetup) -> WatchedGrid:
        """Take what counts from a grid's configuration."""
        settings = grid.settings
        return cls(
            grid.name,
            grid.addresses,
            settings.exchange.trading_mode is TradingMode.LIVE,
            settings.health,
            settings.execution.order_polling_interval,
            settings.execution.reconciliation_interval,
        )


def strictest(of: Iterable[Health]) -> Health:
    """Take each threshold from whoever is the strictest in it; None is no threshold."""
    all_of = list(of)
    return Health(**{field.name: _strictest(field.name, all_of) for field in fields(Health)})


def _strictest(name: str, of: list[Health]) -> Any:
    numbers = [number for number in (getattr(health, name) for health in of) if number is not None]
    if not numbers:
        return None
    return max(numbers) if name in _WANTED else min(numbers)
