"""Start is recovery: what a grid's journal and its exchange say, put together before anybody acts.

What became of orders that the journal knows is found out by those who trade, as after any gap. Here the journal itself
is seen to: begun where there is none, completed where the exchange knows more of the grid's own orders, rebuilt from
the exchange where it was lost.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing

import attrs

from actors.opening.links import LiveLink
from actors.opening.opening import Link, Opened, refuse_what_is_short
from actors.opening.states import StoreOutOfReach
from actors.trading.asking import Asked
from engine.calls import FoundOrder
from engine.errors import BadInput
from engine.journal.memory import GridMemory
from engine.journal.rows import Stored
from engine.journal.store import Store, StoreUnavailable
from engine.recovery.order_names import is_newer, read_order_name
from engine.recovery.rebuilding import CannotRebuild, Rebuilt, rebuild
from engine.values import ZERO

log = logging.getLogger(__name__)

_FIRST_TRADE = "0"  # before all trades


def recover(opened: Opened, wait: Callable[[float], object] | None = None) -> None:
    """Have every grid's journal begun, and as complete as its exchange allows; raise `CannotAsk`, `StoreOutOfReach`.

    An old copy of a journal that cannot be completed is refused by `BadInput`. `wait` lets seconds pass.
    """
    for place, link in enumerate(opened.links):
        try:
            opened.links[place] = _recovered(link, wait or threading.Event().wait)
        except StoreUnavailable as error:
            raise StoreOutOfReach(f"{link.grid.settings.source}: {error}") from error


def _recovered(link: Link, wait: Callable[[float], object]) -> Link:
    recovered, begins = _live(link, wait) if isinstance(link, LiveLink) else (link, link.state.stored is None)
    if begins:
        with closing(recovered.state.open_store()) as store:
            if store.load() is None:
                begun = GridMemory(recovered.grid.rules, recovered.grid.addresses, recovered.state.begun).begun()
                store.write(begun)
    return recovered


def tell_who_rests(opened: Opened) -> None:
    """Say which grids will not trade yet, and what makes them."""
    for link in opened.links:
        stored = link.state.stored
        if stored is not None and (reason := stored.grid.pause_reason) is not None:
            log.warning("%s rests (%s): `gridactors resume` puts its ladder back", link.grid.name, reason)


def refuse_beginnings(opened: Opened) -> None:
    """Refuse grids that begin with too little, or with more than there is; raise `BadInput`, `CannotAsk`.

    What is not stored may be known to its exchange, and go on from there.
    """
    refuse_what_is_short([link for link in opened.links if link.state.stored is None and not _is_known(link)])


def _is_known(link: Link) -> bool:
    if not isinstance(link, LiveLink) or link.state.is_afresh:
        return False
    with closing(link.line()) as line:
        return bool(_of_this_life(link, Asked(line, link.grid.name).orders()))


def _live(link: LiveLink, wait: Callable[[float], object]) -> tuple[LiveLink, bool]:
    """See to one grid; give its link, and whether it has yet to begin."""
    with closing(link.line()) as line:
        asked = Asked(line, link.grid.name)
        if link.state.stored is None:
            return _known_to_exchange(link, asked, wait)
        with closing(link.state.open_store()) as store:
            stored = store.load()
            if stored is not None and _strangers(link, store, stored, asked):
                wait(link.rules.answer_window)  # what was sent before has arrived by then, or never will
                _complete(link, store, stored, asked, _strangers(link, store, stored, asked))
    return link, False


def _own_open(link: LiveLink, asked: Asked) -> list[str]:
    """Name the grid's open orders; those of others are only counted."""
    names = [order.client_order_id for order in asked.open_orders()]
    own = [name for name in names if name.startswith(link.grid.prefix)]
    if others := len(names) - len(own):
        log.info("%s: %d orders on the exchange are not this grid's, and are left alone", link.grid.name, others)
    return own


def _strangers(link: LiveLink, store: Store, stored: Stored, asked: Asked) -> list[str]:
    """Give the grid's orders that its journal does not know: open ones, and any placed after those that it does.

    These are there when an older copy of the journal was put back, or when a sale could not wait to be written down.
    """
    known, own = {row.client_order_id for row in stored.live_orders}, _own_open(link, asked)
    strangers = [name for name in own if name not in known]
    found = [order.client_order_id for order in asked.orders(store.newest_order_id())]
    _refuse_old_copy(link, [*own, *found])
    names = store.order_names()
    return strangers + [
        name for name in found if name.startswith(link.grid.tag) and name not in names and name not in strangers
    ]


def _refuse_old_copy(link: LiveLink, names: Iterable[str]) -> None:
    """Refuse a journal that is of an earlier run than orders which the exchange knows; raise `BadInput`."""
    grid = link.grid
    read = (read_order_name(grid.prefix, name) for name in names)
    newer = next((name.run for name in read if name is not None and is_newer(name.run, grid.run)), None)
    if newer is not None:
        raise BadInput(
            f"{grid.settings.source}: its database is an old copy: it is of run {grid.run}, and the exchange has "
            f"orders of a newer one, {newer}; allowed: the newest copy, or none (then it is rebuilt from the exchange)"
        )


def _refuse_contradiction(
    link: LiveLink, found: Iterable[FoundOrder], strangers: Sequence[str], why: CannotRebuild
) -> None:
    """Refuse a journal whose grid went on without it, and cannot have: what it traded since would be lost.

    Raises `BadInput`. Where nothing that it does not know is over, nothing is lost by taking down what is open.
    """
    if any(not order.is_open and order.client_order_id in strangers for order in found):
        raise BadInput(
            f"{link.grid.settings.source}: its database is an old copy, which the exchange contradicts: {why}; "
            "allowed: the newest copy, or none (then it is rebuilt from the exchange)"
        )


def _known_to_exchange(link: LiveLink, asked: Asked, wait: Callable[[float], object]) -> tuple[LiveLink, bool]:
    """Go on with a grid that the exchange knows better than we do; one that it has never heard of has yet to begin."""
    if not link.state.is_afresh and _of_this_life(link, asked.orders()):
        wait(link.rules.answer_window)  # as above: what is on its way would be wished again, by the same name
        try:
            rebuilt = _rebuilt(link, asked, _of_this_life(link, asked.orders()))
        except CannotRebuild as why:
            log.warning("%s: its journal is lost, and cannot be rebuilt from the exchange: %s", link.grid.name, why)
        else:
            return _go_on_with(link, rebuilt, asked), False
    asked.cancel(_own_open(link, asked))
    return link, True


def _go_on_with(link: LiveLink, rebuilt: Rebuilt, asked: Asked) -> LiveLink:
    memory = rebuilt.memory
    with closing(link.state.open_store()) as store:
        store.write(memory.take_changes())
    asked.cancel(rebuilt.cancel)
    log.warning(
        "%s: its journal was lost, and is rebuilt from the exchange; %d of its orders are open",
        *(link.grid.name, len(memory.live_orders)),
    )
    return attrs.evolve(link, grid=attrs.evolve(link.grid, run=memory.grid.run))


def _of_this_life(link: LiveLink, orders: Iterable[FoundOrder]) -> list[FoundOrder]:
    """Leave out orders of others, and of lives of the grid that are history."""
    prefix, earlier = link.grid.prefix, link.state.earlier_runs
    return [
        order
        for order in orders
        if (name := read_order_name(prefix, order.client_order_id)) is not None and name.run not in earlier
    ]


def _rebuilt(link: LiveLink, asked: Asked, found: list[FoundOrder]) -> Rebuilt:
    grid, budget = link.grid, link.grid.settings.trading_settings.initial_balance
    return rebuild(grid.rules, grid.addresses, grid.prefix, found, asked.trades(_FIRST_TRADE), budget, ZERO)


def _complete(link: LiveLink, store: Store, stored: Stored, asked: Asked, strangers: list[str]) -> None:
    """Take in orders that are the grid's and that its journal does not know; take down what does not fit."""
    grid, row = link.grid, stored.grid
    found = [order for order in asked.orders() if order.client_order_id.startswith(grid.tag)]
    trades = asked.trades(row.caught_up or _FIRST_TRADE)
    try:
        rebuilt = rebuild(
            *(grid.rules, grid.addresses, grid.prefix, found, trades, row.capital_quote, row.capital_base),
            known=stored,
            known_names=store.order_names(),
            known_trades=frozenset((trade.client_order_id, trade.trade_id) for trade in store.trades()),
        )
    except CannotRebuild as why:
        _refuse_contradiction(link, found, strangers, why)
        log.warning("%s: %d orders that the journal does not know are taken down: %s", grid.name, len(strangers), why)
        asked.cancel(strangers)
        return
    store.write(rebuilt.memory.take_changes())
    adopted = [name for name in strangers if name in rebuilt.memory.live_orders]
    asked.cancel([name for name in strangers if name not in rebuilt.memory.live_orders])
    log.warning(
        "%s: the exchange had %d orders of this grid that its journal did not know: %d are taken in, the others down",
        *(grid.name, len(strangers), len(adopted)),
    )
