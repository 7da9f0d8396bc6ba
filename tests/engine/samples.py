"""Values that tests of the engine begin with: one market, one grid, its wishes, trades and candles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from attrs import evolve

from engine.addresses import GridAddresses
from engine.candles import Candle, Candles
from engine.candles.lists import candles_from
from engine.effects import Effect, Send
from engine.grid import GridRules, PlannedLevel
from engine.messages import ARMING, OrderFilled, Owner, PlaceOrder, SubmitOrder, TradeBooked
from engine.settings.choices import GridType, InitialPurchase, Spacing
from engine.values import ONE, ZERO, Fees, Kind, Market, Side

D = Decimal
Number = Decimal | int | str
MINUTE = 60_000
BUY, SELL = Side.BUY, Side.SELL

MARKET = Market("SOL", "USDT")
ADDRESSES = GridAddresses("SOL/USDT")
GRID_OWNER = Owner(ADDRESSES.grid, "grid", None, ADDRESSES.grid_manager)
FREE = Fees(ZERO)
CENT = Fees(D("0.01"))  # 1 % of every trade, in quote
CENT_RECEIVED = Fees(D("0.01"), in_received=True)

RULES = GridRules(
    type=GridType.SIMPLE_GRID,
    spacing=Spacing.ARITHMETIC,
    num_grids=5,
    bottom=D(100),
    top=D(140),
    buy_ratio=ONE,
    sell_ratio=ONE,
    initial_purchase=InitialPurchase.HALF,
    slippage=ZERO,
    market=MARKET,
    fees=FREE,
)


def decimals(*numbers: Number) -> tuple[Decimal, ...]:
    return tuple(map(D, numbers))


def grid_rules(**changes: Any) -> GridRules:
    """Give the rules of a free grid on 100, 110, 120, 130, 140 with some things changed."""
    return evolve(RULES, **changes)


def planned(
    slot: str = "1", low: Number = 110, high: Number = 120, side: Side = BUY, quantity: Number = 2
) -> PlannedLevel:
    return PlannedLevel(slot, int(slot.rstrip("b")), D(low), D(high), side, D(quantity))


def owner(slot: str) -> Owner:
    """Give the level in `slot`, ``"7"`` or ``"7b"``, as an owner of orders."""
    return Owner(ADDRESSES.grid, slot, int(slot.rstrip("b")), ADDRESSES.level(slot))


def wish(slot: str, side: Side, price: Number, quantity: Number, answers: str = ARMING, cycle: int = 0) -> PlaceOrder:
    return PlaceOrder(owner(slot), cycle, side, Kind.LIMIT, D(price), D(quantity), answers)


def market_wish(side: Side, price: Number, quantity: Number, cycle: int = 0) -> PlaceOrder:
    return PlaceOrder(GRID_OWNER, cycle, side, Kind.MARKET, D(price), D(quantity), ARMING)


def trade(
    of: PlaceOrder,
    trade_id: str = "1",
    *,
    price: Number | None = None,
    quantity: Number | None = None,
    fee: Number = 0,
    fee_asset: str = "USDT",
    complete: bool = True,
    time: int = 0,
) -> TradeBooked:
    """Book a trade of the order that `of` wished: all of it at its own price, if nothing else is said."""
    return TradeBooked(
        trade_id,
        f"order-{of.owner.slot}",
        of.owner,
        time,
        of.side,
        of.kind,
        of.price if price is None else D(price),
        of.quantity if quantity is None else D(quantity),
        D(fee),
        fee_asset,
        complete,
    )


def charged(fees: Fees, of: PlaceOrder, trade_id: str, *, price: Number | None = None, time: int = 0) -> TradeBooked:
    """Book a complete trade with the fee that `fees` takes."""
    at = of.price if price is None else D(price)
    fee, asset = fees.on(of.side, at, of.quantity), fees.asset(of.side, MARKET)
    return trade(of, trade_id, price=at, fee=fee, fee_asset=asset, time=time)


def order(name: str, side: Side, price: Number, quantity: Number = 1) -> SubmitOrder:
    return SubmitOrder(name, side, Kind.LIMIT, D(price), D(quantity))


def filled(name: str, trade_id: str, price: Number, quantity: Number) -> OrderFilled:
    return OrderFilled(name, trade_id, D(price), D(quantity), ZERO, "USDT", 0)


def candle(index: int, opened: Number, high: Number, low: Number, close: Number) -> Candle:
    return Candle(index * MINUTE, D(opened), D(high), D(low), D(close))


def candles(*rows: Number | Sequence[Number]) -> Candles:
    """Make minute candles of (open, high, low, close), or of one price that the candle stays at."""
    four = [(row,) * 4 if isinstance(row, Decimal | int | str) else tuple(row) for row in rows]
    return candles_from(candle(index, *row) for index, row in enumerate(four))


def told(effects: list[Effect], to: str) -> list[Any]:
    """Give the messages sent to one address, in order."""
    return [effect.message for effect in effects if isinstance(effect, Send) and effect.to == to]


def messages(effects: list[Effect]) -> list[Any]:
    """Give the messages sent to anyone, in order."""
    return [effect.message for effect in effects if isinstance(effect, Send)]
