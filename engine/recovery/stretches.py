"""The stretches of prices on which a grid that armed anywhere would have given its levels the same roles.

Prices are counted in ticks from 0 here, so that there is a next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from attrs import frozen

from engine.settings.choices import GridType
from engine.values import Side


@frozen
class Stretch:
    """Hold the ticks from `first` to `last`: armed there, the lowest levels buy and the highest ones sell.

    `buyers` and `sellers` are more than there are levels where a hedged grid is inside of one.
    """

    first: int
    last: int
    buyers: int
    sellers: int


def stretches(type_: GridType, ladder: Sequence[int]) -> Iterator[Stretch]:
    """Give all stretches from the lowest to the highest price of the ladder; some may hold no tick."""
    levels = len(ladder) - 1
    if type_ is GridType.SIMPLE_GRID:
        changes = [ladder[0], *map(_middle, pairwise(ladder)), ladder[-1] + 1]
        for buyers, (first, beyond) in enumerate(pairwise(changes)):
            yield Stretch(first, beyond - 1, buyers, levels - buyers)
        return
    for index, (low, high) in enumerate(pairwise(ladder)):
        yield Stretch(low, low, index, levels - index)
        yield Stretch(low + 1, high - 1, index + 1, levels - index)
    yield Stretch(ladder[-1], ladder[-1], levels, 0)


def where(type_: GridType, ladder: Sequence[int], slot: str, side: Side) -> tuple[int, int]:
    """Give the first and the last tick that has the level in `slot` begin on `side`; the wrong way round for none."""
    bottom, top = ladder[0], ladder[-1]
    is_hedged, is_second = type_ is GridType.HEDGED_GRID, slot.endswith("b")
    index = int(slot.rstrip("b"))
    if index >= len(ladder) - 1 or (is_second and not (is_hedged and side is Side.SELL)):
        return top, bottom
    low, high = ladder[index], ladder[index + 1]
    if is_second:
        return low + 1, high - 1
    change = low + 1 if is_hedged else _middle((low, high))
    return (change, top) if side is Side.BUY else (bottom, change - 1)


def _middle(ends: tuple[int, int]) -> int:
    """Give the first tick in the upper half of an interval, the middle included."""
    return (sum(ends) + 1) // 2
