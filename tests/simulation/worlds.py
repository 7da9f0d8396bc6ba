"""Worlds to simulate: a configuration on candles, and the ways to run them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import frozen

from actors.backtests import run_stepped, run_threaded
from actors.gateways.results_json import as_text
from engine.candles import Candle
from engine.candles.lists import candles_from
from engine.grid_setup import BacktestSetup
from engine.results import GridRun
from engine.settings import Settings
from engine.settings.structure import structure_settings
from engine.stepper import Stepper
from engine.values import ONE, SATOSHI, ZERO
from tests import reference

START = 1_733_821_200_000  # 2024-12-10T09:00:00Z
MINUTE = 60_000


@frozen(kw_only=True)
class Options:
    """Hold what a configuration chooses from; the names of `document` are what users write."""

    kind: str = "simple_grid"
    spacing: str = "arithmetic"
    purchase: str = "half"
    fee_asset: str = "quote"
    num_grids: int = 5
    bottom: Decimal = Decimal(100)
    top: Decimal = Decimal(140)
    capital: Decimal = Decimal(1000)
    fee: Decimal = Decimal("0.001")
    slippage: Decimal = ZERO
    buy_ratio: Decimal = ONE
    sell_ratio: Decimal = ONE
    price_tick: Decimal = SATOSHI
    amount_step: Decimal = SATOSHI
    min_amount: Decimal = ZERO
    min_cost: Decimal = ZERO
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None

    def document(self) -> dict[str, Any]:
        """Give the configuration as a parsed file."""
        return {
            "exchange": {
                "name": "binance",
                "trading_fee": self.fee,
                "trading_mode": "backtest",
                "fee_asset": self.fee_asset,
            },
            "pair": {"base_currency": "SOL", "quote_currency": "USDT"},
            "trading_settings": {
                "timeframe": "1m",
                "initial_balance": self.capital,
                "historical_data_file": "candles.csv",
            },
            "grid_strategy": {
                "type": self.kind,
                "spacing": self.spacing,
                "num_grids": self.num_grids,
                "range": {"top": self.top, "bottom": self.bottom},
                "buy_ratio": self.buy_ratio,
                "sell_ratio": self.sell_ratio,
                "initial_purchase": self.purchase,
            },
            "risk_management": {"take_profit": _exit(self.take_profit), "stop_loss": _exit(self.stop_loss)},
            "execution": {"backtest_slippage": self.slippage},
            "market": {
                "price_tick": self.price_tick,
                "amount_step": self.amount_step,
                "min_amount": self.min_amount,
                "min_cost": self.min_cost,
            },
        }

    def settings(self) -> Settings:
        """Give the configuration as the program reads it."""
        return structure_settings(self.document(), "world.toml")

    def ladder(self) -> list[Decimal]:
        """Give the level prices as the reference has them; ValueError when two round to one."""
        return reference.Rules(self.document()).prices()


@frozen
class World:
    """Put one configuration on one run of candles."""

    options: Options
    rows: tuple[Candle, ...]

    def setup(self, *, every_candle: bool = False) -> BacktestSetup:
        """Make the grid ready to be built."""
        return BacktestSetup.of("SOL/USDT", self.options.settings(), candles_from(self.rows), every_candle=every_candle)


def run(world: World, stepper: Stepper | None = None, *, every_candle: bool = False) -> GridRun:
    """Run one world on this thread."""
    (finished,) = run_stepped([world.setup(every_candle=every_candle)], _no_progress, stepper)
    return finished


def run_on_threads(world: World) -> GridRun:
    """Run one world on real threads."""
    (finished,) = run_threaded([world.setup()], _no_progress)
    return finished


def results_of(finished: GridRun) -> bytes:
    """Give the bytes of the results file."""
    return as_text([finished]).encode()


def simulate(world: World) -> dict[str, Any]:
    """Run one world on the reference."""
    rows = [(row.time, row.open, row.high, row.low, row.close) for row in world.rows]
    return reference.simulate(rows, world.options.document())


def _no_progress(_name: str, _index: int) -> None:
    pass


def _exit(price: Decimal | None) -> dict[str, Any]:
    return {"enabled": False} if price is None else {"enabled": True, "threshold": price}


# --- candles -----------------------------------------------------------------------------------------


def candles_at(*prices: int | str | tuple[int | str, int | str, int | str, int | str]) -> tuple[Candle, ...]:
    """Make minute candles from (open, high, low, close), or from one price that the candle stays at."""
    rows = [spec if isinstance(spec, tuple) else (spec, spec, spec, spec) for spec in prices]
    return tuple(Candle(START + i * MINUTE, *map(Decimal, row)) for i, row in enumerate(rows))
