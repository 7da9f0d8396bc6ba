"""One grid, ready to be built: its rules, its candles, its addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from attrs import field, frozen

from engine.addresses import GridAddresses
from engine.candles import Candles
from engine.errors import BadInput
from engine.grid import GridRules, LevelsCollide, level_prices
from engine.plain import plain
from engine.settings import Settings

_TAG_LENGTH = 8


@frozen(eq=False)
class GridSetup:
    """Hold what every actor of one grid is made from; `every_candle` sends quiet candles too."""

    name: str
    settings: Settings
    candles: Candles = field(repr=False)
    rules: GridRules = field(init=False)
    addresses: GridAddresses = field(init=False)
    every_candle: bool = False

    @rules.default
    def _rules(self) -> GridRules:
        return grid_rules(self.settings)

    @addresses.default
    def _addresses(self) -> GridAddresses:
        return GridAddresses(self.name)

    @property
    def tag(self) -> str:
        """Give the prefix by which the grid knows its own orders."""
        return f"ga{self.settings.fingerprint()[:_TAG_LENGTH]}"


def grid_rules(settings: Settings) -> GridRules:
    """Take the grid's rules from a configuration; raise `BadInput` when its levels cannot be told apart."""
    grid = settings.grid_strategy
    rules = GridRules(
        type=grid.type,
        spacing=grid.spacing,
        num_grids=grid.num_grids,
        bottom=grid.range.bottom,
        top=grid.range.top,
        buy_ratio=grid.buy_ratio,
        sell_ratio=grid.sell_ratio,
        initial_purchase=grid.initial_purchase,
        slippage=settings.execution.backtest_slippage,
        market=settings.market_rules(),
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
