"""Grids whose health is looked after, and what their actors answer when all is well."""

from __future__ import annotations

from typing import Any

from engine.addresses import GridAddresses
from engine.gateway.breaker import BreakerState
from engine.health.thresholds import WatchedGrid
from engine.messages.notifying import NotifierDescribed
from engine.messages.questions import (
    GatewayDescribed,
    JournalDescribed,
    OrderFeedDescribed,
    PricesDescribed,
    ReconciliationDescribed,
)
from engine.messages.vitals import Mailbox
from engine.settings.model import Health
from tests.engine.samples import D

NAME = "SOL/USDT"
ROOT = "supervisor"
SHARED = ("supervisor", "reporter", "notifier", "health_monitor")
OWN = (
    "journal",
    "exchange",
    "order_manager",
    "balance_tracker",
    "grid_manager",
    "risk_monitor",
    "price_feed",
    "order_feed",
    "reconciler",
    "caller/0",
    "level/0",
)


def watched(name: str = NAME, *, is_live: bool = True, **health: Any) -> WatchedGrid:
    addresses = GridAddresses(name, feed_has_prices=is_live, is_journalled=True)
    return WatchedGrid(name, addresses, is_live, Health(**health), polling_interval=15.0, reconciliation_interval=300.0)


def mailbox(address: str, waited: float = 0.001, **others: Any) -> Mailbox:
    values = {"generation": 1, "depth": 0, "handled": 100, "is_answered": True} | others
    return Mailbox(address=address, waited=waited, is_supervisor=address in (ROOT, f"{NAME}/core"), **values)


def everybody(*others: Mailbox, without: tuple[str, ...] = ()) -> list[Mailbox]:
    """Give the mailboxes of a live grid, some of them as they are given, and some not there at all."""
    names = [*SHARED, *(f"{NAME}/{name}" for name in OWN), f"{NAME}/core"]
    changed = {one.address for one in others}
    return [*others, *(mailbox(name) for name in names if name not in changed and name not in without)]


def prices(signs: int, trouble: str | None = None, price: str | None = "132.45") -> PricesDescribed:
    return PricesDescribed(None if price is None else D(price), None if price is None else 1, trouble, signs)


def gateway(**others: Any) -> GatewayDescribed:
    values = {
        "pending": 0,
        "put_off": 0,
        "in_flight": 0,
        "unresolved": 0,
        "idle_callers": 2,
        "breaker": BreakerState.CLOSED,
        "paused": False,
    }
    return GatewayDescribed(**{**values, **others})


def well(signs: int) -> dict[str, object]:
    """Give what each actor of a grid answers when all is well."""
    return {
        "notifier": NotifierDescribed(1, None, 0, 7, 0),
        f"{NAME}/price_feed": prices(signs),
        f"{NAME}/order_feed": OrderFeedDescribed(None, is_streamed=True),
        f"{NAME}/exchange": gateway(),
        f"{NAME}/journal": JournalDescribed(0, 0),
        f"{NAME}/reconciler": ReconciliationDescribed(1, ()),
    }
