"""One grid, ready to be built: its rules, its candles, its addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Self

from attrs import field, frozen

from engine.addresses import GridAddresses
from engine.candles import Candles
from engine.errors import BadInput
from engine.grid import GridRules, LevelsCollide, level_prices
from engine.plain import plain
from engine.settings import Settings
from engine.settings.choices import TradingMode
from engine.values import Market

_TAG_LENGTH = 8


@frozen(eq=False)
class GridSetup:
    """Hold what every actor of one grid is made from.

    `run` tells the orders of one life of the grid from those of another; the journal knows which it is in.
    `fingerprint` is that of the settings, or of those that the grid had before they were changed.
    """

    name: str
    settings: Settings
    rules: GridRules
    addresses: GridAddresses = field(init=False)
    run: str = field(default="", kw_only=True)
    fingerprint: str = field(kw_only=True)

    @fingerprint.default
    def _fingerprint(self) -> str:
        return self.settings.fingerprint()

    @addresses.default
    def _addresses(self) -> GridAddresses:
        mode = self.settings.exchange.trading_mode
        return GridAddresses(
            self.name,
            feed_has_prices=mode is TradingMode.LIVE,
            is_journalled=mode is not TradingMode.BACKTEST,
        )

    @property
    def tag(self) -> str:
        """Give what the client order ids of this run begin with."""
        return f"{self.prefix}{self.run}"

    @property
    def prefix(self) -> str:
        """Give what all client order ids of this grid begin with, whichever run they are of."""
        return f"ga{self.fingerprint[:_TAG_LENGTH]}"


@frozen(eq=False)
class BacktestSetup(GridSetup):
    """Add what a backtest needs: candles, and whether quiet ones are sent too (`every_candle`)."""

    candles: Candles = field(repr=False)
    every_candle: bool = False

    @classmethod
    def of(cls, name: str, settings: Settings, candles: Candles, *, every_candle: bool = False) -> Self:
        """Set up a backtest of `settings`; raise `BadInput` like `grid_rules`."""
        return cls(name, settings, grid_rules(settings), candles, every_candle)


def trading_setup(name: str, settings: Settings, market: Market, run: str) -> GridSetup:
    """Set up a grid that trades on live prices, by the exchange's own rules for the pair; raise `BadInput`."""
    return GridSetup(name, settings, grid_rules(settings, market), run=run)


def grid_rules(settings: Settings, market: Market | None = None) -> GridRules:
    """Take the grid's rules from a configuration; raise `BadInput` when its levels cannot be told apart.

    `market` is what the exchange says of the pair; without it the configuration's own section counts.
    """
    grid, execution = settings.grid_strategy, settings.execution
    backtests = settings.exchange.trading_mode is TradingMode.BACKTEST
    rules = GridRules(
        type=grid.type,
        spacing=grid.spacing,
        num_grids=grid.num_grids,
        bottom=grid.range.bottom,
        top=grid.range.top,
        buy_ratio=grid.buy_ratio,
        sell_ratio=grid.sell_ratio,
        initial_purchase=grid.initial_purchase,
        slippage=execution.backtest_slippage if backtests else execution.max_slippage,
        market=market or settings.market_rules(),
        fees=settings.fees(),
    )
    try:
        level_prices(rules)
    except LevelsCollide as collision:
        raise BadInput(
            f"{settings.source}: grid_strategy.num_grids = {grid.num_grids}: {collision} "
            f"(market.price_tick is {plain(rules.market.price_tick)}); allowed: fewer levels, or a wider range"
        ) from None
    return rules


def grid_names(configurations: Sequence[Settings]) -> list[str]:
    """Name each grid by its pair, with its file's name behind it where pairs repeat, and a number where both do."""
    pairs = [settings.market_rules().pair for settings in configurations]
    names = [
        pair if pairs.count(pair) == 1 else f"{pair} {settings.name}"
        for pair, settings in zip(pairs, configurations, strict=True)
    ]
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            names[place] = f"{name} #{seen[name]}"
    return names
