"""The grid's own orders among all that the account had, each with its name read and its trades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import frozen

from engine.addresses import GridAddresses
from engine.calls import FoundOrder, TradeReport
from engine.messages import Owner
from engine.recovery.order_names import OrderName, read_order_name
from engine.values import Kind


class CannotRebuild(Exception):
    """What the exchange knows does not make up a grid; the message says why, for people."""


@frozen
class OwnTrade:
    """Hold one trade of an order; `place` is its own among all trades that were told, oldest first."""

    place: int
    report: TradeReport


@frozen
class OwnOrder:
    """Hold an order as the exchange found it, what its name says, and its trades, oldest first."""

    name: OrderName
    found: FoundOrder
    trades: tuple[OwnTrade, ...]

    @property
    def client_order_id(self) -> str:
        """Give its name as it is written."""
        return self.found.client_order_id

    @property
    def kind(self) -> Kind:
        """Say what kind of order it was to the grid: exchanges have other kinds."""
        return Kind.MARKET if self.name.level is None else Kind.LIMIT

    @property
    def price(self) -> Decimal:
        """Give its price; of an order that named none, that of its first trade, 0 before one."""
        return self.found.price or (self.trades[0].report.price if self.trades else self.found.price)

    def owner(self, addresses: GridAddresses) -> Owner:
        """Say whose order it is."""
        slot, level = self.name.slot, self.name.level
        return Owner(addresses.grid, slot, level, addresses.grid_manager if level is None else addresses.level(slot))


def own_orders(prefix: str, orders: Iterable[FoundOrder], trades: Sequence[TradeReport]) -> list[OwnOrder]:
    """Pick the orders whose names begin with `prefix` and can be read, whatever run they are of, in the order given."""
    of_order: dict[str, dict[str, OwnTrade]] = {}
    for place, trade in enumerate(trades):  # told twice, it counts once
        of_order.setdefault(trade.order_id, {}).setdefault(trade.trade_id, OwnTrade(place, trade))
    named = ((read_order_name(prefix, found.client_order_id), found) for found in orders)
    return [
        OwnOrder(name, found, tuple(of_order.get(found.order_id, {}).values()))
        for name, found in named
        if name is not None
    ]


def check_orders(orders: Sequence[OwnOrder]) -> None:
    """Raise `CannotRebuild` when two orders have one name, or one is not on the side that its name says."""
    names: set[str] = set()
    for order in orders:
        name, found = order.client_order_id, order.found
        if name in names:
            raise CannotRebuild(f"the exchange has two orders called {name}")
        names.add(name)
        if found.side is not order.name.side:
            raise CannotRebuild(f"order {name} is a {found.side} order, and its name says that it is not")
