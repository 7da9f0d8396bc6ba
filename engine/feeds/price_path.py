"""The way the price went between two looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from engine.candles import Candle
from engine.candles.path import waypoints


def path_between(before: Decimal, touched: Iterable[Decimal], newest: Decimal) -> list[Decimal]:
    """Give the points to visit after `before`, the last of which is `newest`.

    What was touched in between is visited as a candle's extremes are: the nearer one first. What lies on the way
    from one point to the next is left out.
    """
    prices = (newest, *touched)
    points = waypoints(Candle(0, before, max(prices), min(prices), newest))[1:]
    path: list[Decimal] = []
    here = before
    for point, following in pairwise(points):
        if not min(here, following) <= point <= max(here, following):
            path.append(point)
            here = point
    return [*path, newest]
