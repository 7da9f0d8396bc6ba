"""What must hold of a world that is well again: the ladder stands, and all books agree with the exchange's."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.accounts import keep_accounts
from engine.addresses import REPORTER
from engine.calls import TradeReport
from engine.grid_level import LevelDescribed, LevelState
from engine.journal.rows import GridRow
from engine.messages import (
    DescribeFunds,
    DescribeGateway,
    DescribeHistory,
    DescribeLevel,
    DescribeOrders,
    FundsDescribed,
    PlaceOrder,
)
from engine.reporter import GridHistory
from engine.values import ZERO, Side
from tests.simulation.living.earnings import ROUNDING, check_profit
from tests.simulation.living.laws import require
from tests.simulation.living.quantities import check_quantities

if TYPE_CHECKING:
    from tests.simulation.living.world import World


def unfinished(world: World) -> str | None:
    """Say what a world that is well has not come to yet; None when its grid stands, or is over."""
    process, row = world.process, world.disk.kept.grid
    own = set(world.own_orders())
    if not process.is_up and not process.is_over:
        return "no process runs"
    if row is None or row.plan is None:
        return "it has not armed"
    if process.is_over or row.stop_reason is not None:
        return f"it has ended, and {sorted(own)} are open" if own else _unbooked(world)
    if row.pause_reason is not None:
        return f"it is paused: {row.pause_reason}"
    return _not_standing(world, row, own) or _unbooked(world) or _untold(world, row)


def _not_standing(world: World, row: GridRow, own: set[str]) -> str | None:
    house, addresses = world.house, world.process.addresses
    funds: FundsDescribed | None = house.ask(addresses.balance_tracker, DescribeFunds())
    orders = house.ask(addresses.order_manager, DescribeOrders())
    gateway = house.ask(addresses.gateway, DescribeGateway())
    if funds is None or orders is None or gateway is None:
        return "the grid is not up"
    if gateway.pending or gateway.in_flight or gateway.unresolved:
        return f"the gateway is busy: {gateway}"
    known = {order.client_order_id for order in orders}
    if known != own:
        return f"the grid knows {sorted(known)}, open are {sorted(own)}"
    slots = Counter(wish.owner.slot for wish in (*(order.wish for order in orders), *funds.waiting))
    wanted = {level.slot for level in row.plan.levels if level.quantity} if row.plan else set()
    missing = {slot for slot in wanted - slots.keys() if not _would_take(world, slot)}
    if missing:
        return f"no order and no waiting wish for {sorted(missing)}"
    return _not_written(world, funds) or next(
        (why for wish in funds.waiting if (why := _could_be_served(world, funds, wish))), None
    )


def _not_written(world: World, funds: FundsDescribed) -> str | None:
    market, balances = world.setup.market, world.disk.kept.balances
    quote, base = balances[market.quote], balances[market.base]
    told = (funds.free_quote, funds.reserved_quote, funds.free_base, funds.reserved_base)
    written = (quote.free, quote.reserved, base.free, base.reserved)
    return None if told == written else f"the ledger says {told}, the database {written}"


def _would_take(world: World, slot: str) -> bool:
    """Tell whether a level's order may only rest, and could not: the market is beyond its price."""
    level: LevelDescribed | None = world.house.ask(world.process.addresses.level(slot), DescribeLevel())
    if level is None or not world.setup.rules.post_only:
        return False
    price = world.exchange.price
    return level.low >= price if level.state is LevelState.READY_TO_BUY else level.high <= price


def _could_be_served(world: World, funds: FundsDescribed, wish: PlaceOrder) -> str | None:
    """Say that there is money for a wish that waits for it."""
    grid = world.process.grid
    assert grid is not None
    if not grid.rules.market.accepts(wish.price, wish.quantity) or _has_parts(world):
        return None
    need = grid.rules.fees.need(wish.side, wish.price, wish.quantity)
    free = funds.free_quote if wish.side is Side.BUY else funds.free_base
    return f"{wish.owner.slot} waits to {wish.side} for {need}, and {free} is free" if need <= free else None


def _has_parts(world: World) -> bool:
    """Tell whether an order is filled in part: what it brought in is kept for its owner's answer."""
    return any(order.filled for order in world.exchange.open_by_name.values())


def _unbooked(world: World) -> str | None:
    live = {row.client_order_id for row in world.disk.kept.orders.values() if row.ended_at is None}
    own = set(world.own_orders())
    if live != own:
        return f"written as open are {sorted(live)}, open are {sorted(own)}"
    booked, done = world.disk.kept.booked.keys(), _own_trades(world).keys()
    if missing := done - booked:
        return f"not booked: {sorted(missing)}"
    return None


def _untold(world: World, row: GridRow) -> str | None:
    """Compare what the owner is shown with what is booked."""
    history: GridHistory | None = world.house.ask(REPORTER, DescribeHistory(world.process.addresses.grid))
    if history is None or history.tally is None:
        return "nobody tells what was earned"
    assert row.plan is not None
    trades, capital = world.disk.kept.trades(), (row.capital_quote, row.capital_base)
    kept = keep_accounts(trades, world.setup.market, *capital, row.plan.price, row.sell_ratio, row.plan.levels)
    seen = history.tally
    told = (seen.trades, seen.quote, seen.base, seen.cycles, seen.total_fees)
    booked = (len(trades), kept.quotes[-1], kept.bases[-1], len(kept.cycles), kept.total_fees)
    if told != booked or abs(seen.grid_profit - kept.grid_profit) > ROUNDING:
        return f"its owner is told {told} and {seen.grid_profit}, booked is {booked} and {kept.grid_profit}"
    return None


def _own_trades(world: World) -> dict[tuple[str, str], TradeReport]:
    orders, is_own = world.exchange.orders, world.laws.is_own
    return {
        (name, trade.trade_id): trade
        for order in orders.values()
        if is_own(name := order.client_order_id)
        for trade in order.trades
    }


# --- the books ---------------------------------------------------------------------------------------


def check(world: World) -> None:
    """Compare all books with the exchange's; raise `LawBroken`."""
    _check_trades(world)
    _check_money(world)
    _check_foreign(world)
    kept = world.disk.kept
    check_profit(kept, world.setup.market)
    check_quantities(kept, world.setup.market)


def _check_trades(world: World) -> None:
    booked, done = world.disk.kept.booked, _own_trades(world)
    law = "every trade is booked once"
    require(booked.keys() == done.keys(), law, lambda: f"differ in {sorted(booked.keys() ^ done.keys())}")
    for key, trade in done.items():
        book = booked[key]
        same = (book.price, book.quantity, book.fee, book.fee_asset, book.order_id)
        told = (trade.price, trade.quantity, trade.fee, trade.fee_asset, trade.order_id)
        require(same == told, law, lambda same=same, told=told, key=key: f"{key}: booked {same}, was {told}")  # type: ignore[misc]


def _check_money(world: World) -> None:
    """Compare the ledger with the trades, and with the account."""
    market, kept = world.setup.market, world.disk.kept
    held, others = world.traded(own=True), world.traded(own=False)
    assert kept.grid is not None
    held[market.quote] += kept.grid.capital_quote
    held[market.base] += kept.grid.capital_base
    law = "the ledger equals the account"
    for asset in (market.quote, market.base):
        row = kept.balances[asset]
        require(row.free + row.reserved == held[asset], law, f"{asset}: {row}, by the trades it is {held[asset]}")
        account = sum(world.exchange.balance(asset), ZERO)
        beside = world.others[asset] + others[asset]
        require(account == held[asset] + beside, law, f"{asset}: {account}, of which {held[asset]} and {beside}")
    paid = kept.balances.get("BNB")
    require((paid.fees_paid if paid else ZERO) == -held["BNB"], law, f"BNB: {paid}, by the trades {held['BNB']}")


def _check_foreign(world: World) -> None:
    for name, is_wanted in world.owner.own_orders.items():
        order = next(one for one in world.exchange.orders.values() if one.client_order_id == name)
        is_untouched = order.is_open is is_wanted or not order.left
        require(is_untouched, "no foreign order is touched", lambda order=order: f"{order}")  # type: ignore[misc]


def held_base(world: World) -> Decimal:
    """Give what the grid holds of base."""
    row = world.disk.kept.balances.get(world.setup.market.base)
    return ZERO if row is None else row.free + row.reserved
