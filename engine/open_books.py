"""Begin the books of a grid, from its plan."""

from __future__ import annotations

from decimal import Decimal

from engine.accounts import Books
from engine.grid import GridRules, Plan


def open_books(
    plan: Plan | None, rules: GridRules, capital: tuple[Decimal, Decimal], price: Decimal, keep: int | None = None
) -> Books:
    """Begin to book a grid that began with `capital`, quote and base.

    `price` stands in for the arming price before there is one; `keep` is as for `Books`.
    """
    armed_price, levels = (plan.price, plan.levels) if plan else (price, ())
    return Books(rules.market, *capital, armed_price, rules.sell_ratio, levels, keep)
