"""Let a grid go that is not wanted any more as it was: its orders come down, its state becomes history."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal

import attrs

from actors.opening.links import LiveLink, PaperLink
from actors.opening.opening import Link
from actors.opening.states import GridState
from actors.post import Post
from actors.store.grid_store import GridStore
from actors.system import System
from actors.trading.console import Console
from actors.trading.stopping import stop_grids
from actors.tree import trading_system
from engine.addresses import CONSOLE
from engine.errors import RunFailed
from engine.journal.rows import GridRow, Stored
from engine.values import ZERO

log = logging.getLogger(__name__)

_STOPS_WITHIN = 1.0  # seconds, once it has nothing more to do


class CannotRetire(RunFailed):
    """A grid's orders could not be taken down."""


def retire(link: Link, open_store: Callable[[], GridStore], fingerprint: str, reason: str) -> tuple[Decimal, Decimal]:
    """Have a grid stop that a store knows by `fingerprint`, archive its state, and give the quote and base it holds.

    It starts as ever, so that what happened while nobody was there is booked, and is told to stop at once. Raises
    `CannotRetire`; nothing is archived then.
    """
    with closing(open_store()) as store:
        stored = store.load()
    if stored is None:
        raise CannotRetire(f"{link.grid.name}: what there was of it is gone")
    _stop(_as_it_was(link, open_store, fingerprint, stored), reason)
    with closing(open_store()) as store:
        stored = store.load()
        if stored is None or stored.live_orders:
            left = 0 if stored is None else len(stored.live_orders)
            raise CannotRetire(f"{link.grid.name}: {left} of its orders may still be open; nothing is started")
        store.archive(time.time_ns() // 1_000_000, reason)
    quote, base = _held(stored, link)
    log.warning("%s: %s; it held %s %s and %s %s", *_told(link, reason, quote, base))
    return quote, base


def begun_with(begun: GridRow, quote: Decimal, base: Decimal) -> GridRow:
    """Begin with what is held instead of a fresh budget."""
    return attrs.evolve(begun, capital_quote=quote, capital_base=base)


def _as_it_was(link: Link, open_store: Callable[[], GridStore], fingerprint: str, stored: Stored) -> Link:
    grid = attrs.evolve(link.grid, run=stored.grid.run, fingerprint=fingerprint)
    return attrs.evolve(link, grid=grid, state=GridState(stored.grid, stored, open_store))


def _stop(link: LiveLink | PaperLink, reason: str) -> None:
    console = Console(running={link.grid.name})
    with Post() as post:
        post.perform(post.register(CONSOLE, console.inbox.put), [])
        system = System.start(trading_system([link], post), post, on_failure=console.failed)
        try:
            console.stop(reason)
            stop_grids(console, [link.grid], post, lambda: None)
        finally:
            post.miss_nobody()
            system.stop(_STOPS_WITHIN)
    if console.running:
        why = console.failure or "it did not stop in time"
        raise CannotRetire(f"{link.grid.name}: its orders could not be taken down: {why}; nothing is started")


def _held(stored: Stored, link: Link) -> tuple[Decimal, Decimal]:
    held = {row.asset: row.free + row.reserved for row in stored.balances}
    market = link.grid.rules.market
    return held.get(market.quote, ZERO), held.get(market.base, ZERO)


def _told(link: Link, reason: str, quote: Decimal, base: Decimal) -> tuple[object, ...]:
    market = link.grid.rules.market
    return link.grid.name, reason, quote, market.quote, base, market.base
