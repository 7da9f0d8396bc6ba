"""Small grids for the tests of actors: prices 100, 110 … 140, a budget of 1000, a fee of 0.1 %, minute candles."""

from __future__ import annotations

from decimal import Decimal

from actors.opening.states import GridState
from engine.candles import Candle, Candles
from engine.candles.lists import candles_from
from engine.effects import Address
from engine.grid import PlannedLevel, make_plan
from engine.grid_setup import BacktestSetup
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import GridRow
from engine.messages import Owner, PlaceOrder, TradeBooked
from engine.values import ZERO, Kind, Side
from tests.engine.configurations import load

START = 1_733_821_200_000  # 2024-12-10T09:00:00Z
MINUTE = 60_000
PRICE = Decimal(120)  # on a level, so that two buy and two sell


def grid(
    *changes: tuple[str, object], name: str = "SOL/USDT", closes: tuple[int, ...] = (120,), every_candle: bool = False
) -> BacktestSetup:
    """Give a grid ready to be built, with other values at dotted paths of its configuration."""
    settings = load(
        ("trading_settings.timeframe", "1m"), ("grid_strategy.range", {"bottom": 100, "top": 140}), *changes
    )
    return BacktestSetup.of(name, settings, candles_closing(*closes), every_candle=every_candle)


def candles_closing(*closes: int) -> Candles:
    """Give candles that open where the last one closed, and have no wicks."""
    opens = (closes[0], *closes)
    return candles_from(
        Candle(START + i * MINUTE, *map(Decimal, (opened, max(opened, close), min(opened, close), close)))
        for i, (opened, close) in enumerate(zip(opens, closes, strict=False))
    )


def planned(setup: BacktestSetup, slot: str) -> PlannedLevel:
    """Give the level in `slot` of the plan at 120."""
    plan = make_plan(setup.rules, PRICE, setup.settings.trading_settings.initial_balance, ZERO)
    return next(level for level in plan.levels if level.slot == slot)


def level_owner(setup: BacktestSetup, slot: str) -> Owner:
    return Owner(setup.name, slot, int(slot), setup.addresses.level(slot))


def grid_owner(setup: BacktestSetup) -> Owner:
    return Owner(setup.name, "grid", None, setup.addresses.grid_manager)


def wish(owner: Owner, side: Side, price: int, quantity: int | str, *, answers: str = "") -> PlaceOrder:
    """Wish a limit order for a level, a market order for the grid manager."""
    kind = Kind.MARKET if owner.level is None else Kind.LIMIT
    return PlaceOrder(owner, 0, side, kind, Decimal(price), Decimal(quantity), answers)


def booked(of: PlaceOrder, *, trade_id: str = "1", fee: str = "0") -> TradeBooked:
    """Book the one trade that fills a wish, at its price, with a fee in quote."""
    return TradeBooked(
        trade_id, "name", of.owner, START, of.side, of.kind, of.price, of.quantity, Decimal(fee), "USDT", complete=True
    )


def fresh_state() -> GridState:
    """Give the state of a grid that has not begun, and that is kept nowhere."""
    return GridState(GridRow(capital_quote=Decimal(1000), capital_base=ZERO, run="run"), None, MemoryStore)


def address(name: str) -> Address[object]:
    return Address(name)
