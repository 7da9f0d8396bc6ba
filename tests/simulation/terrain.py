"""Seeded candles that make life hard for a grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random

from attrs import frozen

from engine.candles import Candle
from tests.simulation.worlds import MINUTE, START


@frozen
class Terrain:
    """Say where candles wander: around and over `magnets`, ascending, which they like to touch exactly.

    Other prices are multiples of `unit`; `move` is a candle's typical one, as a share of the magnets' span.
    """

    magnets: Sequence[Decimal]
    unit: Decimal
    move: float


def wandering_candles(random: Random, count: int, terrain: Terrain) -> tuple[Candle, ...]:
    """Make candles with gaps, ties, flats, stretches out of range, and opens and closes beyond their extremes."""
    time, rows = START, []
    for prices in _wander(random, count, terrain):
        rows.append(Candle(time, *prices))
        time += MINUTE * (random.randint(2, 50) if random.random() < 0.03 else 1)
    return tuple(rows)


def _wander(random: Random, count: int, terrain: Terrain) -> Iterator[tuple[Decimal, Decimal, Decimal, Decimal]]:
    bottom, top = float(terrain.magnets[0]), float(terrain.magnets[-1])
    span = top - bottom
    move = terrain.move * span
    away = 0.3 * span if random.random() < 0.15 else 0  # some grids have to wait before they can arm
    close = home = random.uniform(bottom - away, top + away)
    for _ in range(count):
        if random.random() < 0.02:  # now and then for a while out of range
            home = random.uniform(bottom - 0.4 * span, top + 0.4 * span)
        opened = close
        if random.random() < 0.1:
            opened = close + random.gauss(0, 4 * move)
        if random.random() < 0.02:
            opened = random.uniform(bottom - 0.2 * span, top + 0.2 * span)
        close = opened + random.gauss(0, move) + 0.05 * (home - opened)
        prices = _candle(random, terrain, opened, close, move)
        close = float(prices[3])
        yield prices


def _candle(
    random: Random, terrain: Terrain, opened: float, close: float, move: float
) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Give open, high, low, close."""
    first = _snapped(random, terrain, opened)
    shape = random.random()
    if shape < 0.08:  # flat
        return first, first, first, first
    last = _snapped(random, terrain, close)
    if shape < 0.2:  # both extremes equally near to the open
        reach = min(abs(_snapped(random, terrain, opened + random.gauss(0, move)) - first), first - terrain.unit)
        return first, first + reach, first - reach, min(max(last, first - reach), first + reach)
    high = _snapped(random, terrain, max(opened, close) + abs(random.gauss(0, move)))
    low = _snapped(random, terrain, min(opened, close) - abs(random.gauss(0, move)))
    low, high = min(low, high), max(low, high)
    if shape < 0.26:  # whatever open and close are
        return first, high, low, last
    return first, max(high, first, last), min(low, first, last), last


def _snapped(random: Random, terrain: Terrain, price: float) -> Decimal:
    """Give an exact price near to `price`: the nearest magnet, or a positive multiple of the unit."""
    if random.random() < 0.35:
        return min(terrain.magnets, key=lambda magnet: abs(float(magnet) - price))
    return max(round(price / float(terrain.unit)), 1) * terrain.unit
