"""Orders as the journal knows them, and as the rest of the house does."""

from __future__ import annotations

from engine.addresses import GridAddresses
from engine.grid_manager import OWN_SLOT
from engine.journal.rows import OrderRow
from engine.messages import Owner, PlaceOrder


def owner_of(row: OrderRow, addresses: GridAddresses) -> Owner:
    """Say whose order it is."""
    if row.slot == OWN_SLOT:
        return Owner(addresses.grid, OWN_SLOT, None, addresses.grid_manager)
    return Owner(addresses.grid, row.slot, row.level, addresses.level(row.slot))


def wish_of(row: OrderRow, addresses: GridAddresses) -> PlaceOrder:
    """Give the wish that became this order."""
    owner = owner_of(row, addresses)
    return PlaceOrder(owner, row.cycle, row.side, row.kind, row.price, row.quantity, row.answers, row.attempt)
