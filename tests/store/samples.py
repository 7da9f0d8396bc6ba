"""A grid's rows, as they come in a life of it."""

from __future__ import annotations

from decimal import Decimal

from actors.store import GridKey
from engine.addresses import GridAddresses
from engine.grid import Plan, PlannedLevel
from engine.journal.rows import BalanceRow, Batch, EventRow, GridRow, HalfRow, LevelRow, OrderRow
from engine.messages import Owner, TradeBooked
from engine.orders import OrderState
from engine.values import ZERO, Kind, Side

KEY = GridKey("a1" * 32, "/home/me/sol.toml", "SOL/USDT", "binance https://api.binance.com", "live", "sol")
OTHER = GridKey("b2" * 32, "/home/me/sol.toml", "SOL/USDT", "binance https://api.binance.com", "live", "sol")
ADDRESSES = GridAddresses(KEY.name)
PLAN = Plan(
    price=Decimal("101.50"),
    prices=(Decimal(100), Decimal("1E+2") + 1, Decimal(102)),
    levels=(
        PlannedLevel("1", 1, Decimal(101), Decimal(102), Side.BUY, Decimal("0.5")),
        PlannedLevel("0b", 0, Decimal(100), Decimal(101), Side.SELL, ZERO),
    ),
    unit=Decimal("0.50"),
    purchase=Decimal("1E-8"),
    purchase_price=Decimal("102.515"),
)
GRID = GridRow(
    capital_quote=Decimal("1000.00"), capital_base=Decimal("0E-8"), run="x7", armed_at=1_700_000_000_000, plan=PLAN,
    initial_purchase_done=True, market_orders=1, caught_up="41", last_price=Decimal("101.50"),
    pause_reason="asked to", paused_until=1_700_000_600_000,
)  # fmt: skip
QUOTE = BalanceRow("USDT", Decimal("949.25"), Decimal("50.75"))
BASE = BalanceRow("SOL", Decimal("0.50"), ZERO, Decimal("0.001"))


def owner(slot: str) -> Owner:
    if slot == "grid":
        return Owner(KEY.name, slot, None, ADDRESSES.grid_manager)
    return Owner(KEY.name, slot, int(slot.rstrip("b")), ADDRESSES.level(slot))


def order(name: str = "ga-1-0b0", *, slot: str = "1", state: OrderState = OrderState.ACCEPTED) -> OrderRow:
    return OrderRow(
        client_order_id=name,
        order_id="9001",
        slot=slot,
        level=owner(slot).level,
        cycle=0,
        attempt=0,
        side=Side.BUY,
        kind=Kind.MARKET if slot == "grid" else Kind.LIMIT,
        price=Decimal("101.00"),
        quantity=Decimal("0.50"),
        answers="",
        reserved=Decimal("50.75"),
        state=state,
        placed_at=1_700_000_000_001,
    )


def trade(trade_id: str, name: str = "ga-1-0b0", *, slot: str = "1", time: int = 1_700_000_000_500) -> TradeBooked:
    return TradeBooked(
        trade_id,
        name,
        owner(slot),
        time,
        Side.BUY,
        Kind.MARKET if slot == "grid" else Kind.LIMIT,
        Decimal("101.00"),
        Decimal("0.25"),
        Decimal("0.00025"),
        "SOL",
        complete=False,
        order_id="9001",
    )


def level(slot: str, cycle: int = 0) -> LevelRow:
    return LevelRow(
        slot=slot,
        state="waiting_for_buy_fill",
        latest=Side.BUY,
        cycle=cycle,
        kept_of_buy=Decimal("0.10"),
        buying=HalfRow(is_taken=True, is_ordered=True, quantity=Decimal("0.50"), cycle=cycle, answers="41"),
        selling=HalfRow(trouble="too small: 0.1 < 1"),
    )


def event(kind: str, time: int = 1_700_000_000_600) -> EventRow:
    return EventRow(
        time=time, kind=kind, slot="1", client_order_id="ga-1-0b0", details=(("price", "101.00"), ("fee", "0.1 SOL"))
    )


def batch(number: int) -> Batch:
    """Give the batch that brings everything to where it stands after so many fills: see `assert_whole`."""
    name = f"ga-{number}-0b0"
    return Batch(
        grid=GridRow(capital_quote=Decimal(1000), capital_base=ZERO, run="x7", plan=PLAN, market_orders=number),
        balances=(BalanceRow("USDT", Decimal(number), Decimal(-number)),),
        orders=(order(name, slot=str(number)),),
        levels=(level("0", cycle=number),),
        trades=(trade(str(number), name, slot=str(number)),),
        events=(event(f"fill {number}"),),
    )
