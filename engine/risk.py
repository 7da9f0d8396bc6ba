"""Take-profit and stop-loss: which prices to watch while something is held, and what reaching one means."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import Effect, Send
from engine.messages import (
    HoldingsChanged,
    LiquidateGrid,
    PriceReached,
    PricesUnwatched,
    RiskMonitorInbox,
    TellHoldings,
    WatchPrices,
)

TAKE_PROFIT = "take_profit"
STOP_LOSS = "stop_loss"


class RiskMonitor:
    """Have the thresholds watched while the grid holds base; None for one that is off."""

    def __init__(self, take_profit: Decimal | None, stop_loss: Decimal | None, addresses: GridAddresses) -> None:
        """Begin with nothing held and nothing watched."""
        self._take_profit, self._stop_loss = take_profit, stop_loss
        self._prices = addresses.prices
        self._holds = False
        self._grid_manager, self._ledger = addresses.grid_manager, addresses.balance_tracker
        self._may_be_late = addresses.journal is not None

    def start(self) -> list[Effect]:
        """Ask what is held, where there may have been somebody here before."""
        return [Send(self._ledger, TellHoldings())] if self._may_be_late else []

    def handle(self, message: RiskMonitorInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case HoldingsChanged():
                self._holds = bool(message.base)
                return self._watch()
            case PricesUnwatched():
                return self._watch() if self._holds else []
            case PriceReached():
                return [Send(self._grid_manager, LiquidateGrid(self._reason(message.price), message.price))]
            case _:
                assert_never(message)

    def _watch(self) -> list[Effect]:
        if self._take_profit is None and self._stop_loss is None:
            return []
        watch = WatchPrices(self._stop_loss, self._take_profit) if self._holds else WatchPrices(None, None)
        return [Send(self._prices, watch)]

    def _reason(self, price: Decimal) -> str:
        return TAKE_PROFIT if self._take_profit is not None and price >= self._take_profit else STOP_LOSS
