"""Our side of a live desk: what the actors of its grids say when they are asked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from actors.post import Post
from engine.addresses import REPORTER
from engine.effects import Address
from engine.grid_level import LevelDescribed
from engine.grid_setup import GridSetup
from engine.messages import (
    DescribeFunds,
    DescribeGateway,
    DescribeHistory,
    DescribeLevel,
    DescribeOrders,
    DescribePrices,
    FundsDescribed,
    GatewayDescribed,
    OpenOrder,
    PricesDescribed,
    TradeBooked,
)
from engine.reporter import GridHistory
from engine.settings.choices import TradingMode
from engine.values import Kind
from tests.e2e.expected_fills import Fill, in_order
from tests.e2e.other_side import Price

D = Decimal
_ASK = 5.0  # seconds


class OurSide:
    """Ask about the grids; `grid` counts the configurations from 0."""

    post: Post
    grids: list[GridSetup]

    def funds(self, grid: int = 0) -> FundsDescribed:
        """Ask the ledger."""
        answer = self._ask(self.grids[grid].addresses.balance_tracker, DescribeFunds())
        assert isinstance(answer, FundsDescribed)
        return answer

    def orders(self, grid: int = 0) -> tuple[OpenOrder, ...]:
        """Ask the order manager."""
        return tuple(self._ask(self.grids[grid].addresses.order_manager, DescribeOrders()))

    def order_of(self, slot: str, grid: int = 0) -> OpenOrder:
        """Give the only open order of a slot."""
        (only,) = [order for order in self.orders(grid) if order.wish.owner.slot == slot]
        return only

    def order_at(self, price: Price, grid: int = 0) -> OpenOrder:
        """Give the only open order at a price."""
        (only,) = [order for order in self.orders(grid) if order.wish.price == D(price)]
        return only

    def gateway(self, grid: int = 0) -> GatewayDescribed | None:
        """Ask the gateway; on paper there is none."""
        if not self.is_live(grid):
            return None
        answer = self._ask(self.grids[grid].addresses.gateway, DescribeGateway())
        assert isinstance(answer, GatewayDescribed)
        return answer

    def prices(self, grid: int = 0) -> PricesDescribed:
        """Ask the price feed."""
        answer = self._ask(self.grids[grid].addresses.price_feed, DescribePrices())
        assert isinstance(answer, PricesDescribed)
        return answer

    def history(self, grid: int = 0) -> GridHistory:
        """Ask the reporter."""
        answer = self._ask(REPORTER, DescribeHistory(self.grids[grid].name))
        assert isinstance(answer, GridHistory)
        return answer

    def trades(self, grid: int = 0) -> tuple[TradeBooked, ...]:
        """Give every trade that was booked, in the order of booking."""
        return self.history(grid).trades

    def levels(self, grid: int = 0) -> dict[str, LevelDescribed]:
        """Ask every level that is alive, by slot."""
        plan = self.history(grid).plan
        addresses = [self.grids[grid].addresses.level(level.slot) for level in plan.levels] if plan else []
        described = [self._ask(address, DescribeLevel()) for address in addresses if self.post.is_alive(address)]
        return {level.slot: level for level in described}

    def fills(self, since: int = 0, grid: int = 0) -> list[Fill]:
        """Give the limit fills from the trade numbered `since` on, in the exchange's order, parts put together."""
        trades = [trade for trade in self.trades(grid)[since:] if trade.kind is Kind.LIMIT]
        whole: dict[str, list[TradeBooked]] = {}
        for trade in sorted(trades, key=lambda trade: int(trade.trade_id)):
            whole.setdefault(trade.client_order_id, []).append(trade)
        return in_order(_together(parts) for parts in whole.values())

    def is_live(self, grid: int) -> bool:
        """Tell whether a grid has orders at the exchange."""
        return self.grids[grid].settings.exchange.trading_mode is TradingMode.LIVE

    def _ask(self, address: Address[Any], question: object) -> Any:
        return self.post.ask(address, question, _ASK)


def _together(parts: Sequence[TradeBooked]) -> Fill:
    """Make one fill of an order's trades."""
    last = parts[-1]
    quantity, fee = sum((part.quantity for part in parts), D(0)), sum((part.fee for part in parts), D(0))
    return Fill(last.price, last.side.value, last.owner.level, quantity, fee, last.fee_asset)
