"""A grid's journal, rebuilt from the orders and trades that its exchange knows."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

from attrs import frozen

from engine.addresses import GridAddresses
from engine.calls import FoundOrder, TradeReport
from engine.grid import GridRules
from engine.journal.memory import GridMemory
from engine.journal.rows import GridRow, Stored
from engine.journal.wishes import wish_of
from engine.messages import CaughtUp, OrderEnded
from engine.recovery.arming import check_levels, plan_of
from engine.recovery.order_names import is_newer
from engine.recovery.own_orders import CannotRebuild, OwnOrder, check_orders, own_orders
from engine.recovery.replaying import Replay
from engine.recovery.timeline import UNKNOWN, Known, timeline
from engine.trade_ids import later
from engine.values import ZERO

__all__ = ["CannotRebuild", "Rebuilt", "rebuild"]


@frozen
class Rebuilt:
    """Hold what is known of a grid now, its changes not yet taken; and what is to be taken down.

    `cancel` names open orders that bear the grid's name and cannot be kept: those of earlier runs, and those that
    the journal has as over.
    """

    memory: GridMemory
    cancel: tuple[str, ...]


def rebuild(  # noqa: PLR0913 - all that is known of a grid, there and here
    rules: GridRules,
    addresses: GridAddresses,
    prefix: str,
    orders: Sequence[FoundOrder],
    trades: Sequence[TradeReport],
    quote: Decimal,
    base: Decimal = ZERO,
    *,
    known: Stored | None = None,
    known_names: frozenset[str] = frozenset(),
    known_trades: frozenset[tuple[str, str]] = frozenset(),
) -> Rebuilt:
    """Go through all that happened to the orders whose names begin with `prefix`, and take note of it.

    `orders` and `trades` are the account's in this pair, oldest first. Without `known` the newest run counts, which
    began with `quote` and `base`; what its levels wish and could not fund is not known to wait. A journal that is
    behind goes on from `known`, and nothing that was sent is on its way any more; `known_names` are all orders that
    it has, with `known_trades` (client order id, trade id), and older trades than its `caught_up` may be left out.
    Raises `CannotRebuild`.
    """
    own = own_orders(prefix, orders, trades)
    run = _newest_run(own, prefix) if known is None else _known_run(own, known.grid.run)
    of_run = [order for order in own if order.name.run == run]
    check_orders(of_run)
    if known is None:
        memory = GridMemory(rules, addresses, GridRow(capital_quote=quote, capital_base=base, run=run))
    else:
        memory = GridMemory(rules, addresses, known.grid)
        memory.recall(known)
    over = known_names - memory.live_orders.keys()
    _check_over(of_run, over, known_trades)
    _go_through(memory, addresses, rules, [order for order in of_run if order.client_order_id not in over])
    _note_caught_up(memory, trades)
    kept = memory.live_orders
    cancel = (order.client_order_id for order in own if order.found.is_open and order.client_order_id not in kept)
    return Rebuilt(memory, tuple(cancel))


def _go_through(memory: GridMemory, addresses: GridAddresses, rules: GridRules, orders: Sequence[OwnOrder]) -> None:
    happenings = timeline([(order, _known(order, memory)) for order in orders], addresses)
    if not happenings:
        return
    replay, grid = Replay(memory, addresses), memory.grid
    replay.begin(happenings)
    plan = grid.plan or plan_of(rules, grid.capital_quote, grid.capital_base, orders)
    if grid.plan is None:
        replay.arm(plan, happenings[0].time)
    check_levels(plan, orders)
    for never_arrived in _never_arrived(memory, orders, addresses):
        replay.end(never_arrived, happenings[0].time)
    for happening in happenings:
        replay.follow(happening)


def _never_arrived(memory: GridMemory, orders: Sequence[OwnOrder], addresses: GridAddresses) -> list[OrderEnded]:
    """Tell the end of orders that nobody has heard of: not the journal again, and not the exchange."""
    there = {order.client_order_id for order in orders}
    return [
        OrderEnded(wish_of(row, addresses).owner, row.side, row.filled, "")
        for name, row in memory.live_orders.items()
        if name not in there and not row.order_id and not row.filled
    ]


def _note_caught_up(memory: GridMemory, trades: Sequence[TradeReport]) -> None:
    newest = before = memory.grid.caught_up
    for trade in trades:
        newest = later(trade.trade_id, newest)
    if newest is not None and newest != before:
        memory.note(CaughtUp(newest), trades[-1].time)


# --- runs --------------------------------------------------------------------------------------------


def _newest_run(own: Sequence[OwnOrder], prefix: str) -> str:
    if not own:
        raise CannotRebuild(f"the exchange knows no order whose client order id begins with {prefix}")
    return own[-1].name.run


def _known_run(own: Sequence[OwnOrder], known: str) -> str:
    """Go on with the run that the journal is in, which must be the newest."""
    newer = next((order.name.run for order in own if is_newer(order.name.run, known)), None)
    if newer is not None:
        raise CannotRebuild(f"the journal is of run {known}, and there are orders of a newer one, {newer}")
    return known


# --- what the journal has ------------------------------------------------------------------------------


def _check_over(orders: Sequence[OwnOrder], over: AbstractSet[str], known_trades: frozenset[tuple[str, str]]) -> None:
    """Raise `CannotRebuild` when an order that is over has trades which are not known: there is no order to book on."""
    for order in orders:
        name = order.client_order_id
        if name in over and any((name, trade.report.trade_id) not in known_trades for trade in order.trades):
            raise CannotRebuild(f"order {name} has traded since it was over to the journal")


def _known(order: OwnOrder, memory: GridMemory) -> Known:
    name = order.client_order_id
    row = memory.live_orders.get(name)
    if row is None:
        return UNKNOWN
    if row.order_id not in ("", order.found.order_id):
        raise CannotRebuild(f"the journal knows order {name} as {row.order_id}, the exchange as {order.found.order_id}")
    trades = tuple(trade.trade_id for trade in memory.live_trades.get(name, ()))
    return Known(is_noted=True, order_id=row.order_id, filled=row.filled, trades=trades)
