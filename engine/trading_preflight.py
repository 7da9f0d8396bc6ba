"""Which levels could never be traded by a market's rules, looked at before anything is bought."""

from __future__ import annotations

from decimal import Decimal

from engine.grid import GridRules, PlannedLevel, level_prices, make_plan


def below_minimums(rules: GridRules, price: Decimal, quote: Decimal) -> tuple[PlannedLevel, ...]:
    """Give the levels whose order is under the market's minimums, if the grid armed at `price` with `quote`.

    A price outside the range is taken to enter it where it is nearest. Levels come from the lowest up.
    """
    prices = level_prices(rules)
    plan = make_plan(rules, min(max(price, prices[0]), prices[-1]), quote, Decimal(0))
    small = [
        level for level in plan.levels if not level.quantity or not rules.market.accepts(level.price, level.quantity)
    ]
    return tuple(sorted(small, key=lambda level: (level.index, level.slot)))
