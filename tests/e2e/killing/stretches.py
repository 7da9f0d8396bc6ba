"""Prices that go one way for a while, then the other: what they fill does not depend on who is awake meanwhile.

An answer to a fill always rests on the far side of the price, so that on a stretch only those orders fill that rest
when it begins, if all of them rest by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from attrs import frozen

from tests.e2e.killing.kill_desk import KillDesk

D = Decimal
LOWEST, HIGHEST = D(81), D(119)
_FIRST = D(100)
_SHORTEST, _LONGEST = 3, 12  # in quote: one to six levels of 2


@frozen
class Stretch:
    """Go to `target`; before that, fill a share of the orders at some prices on the way."""

    target: Decimal
    parts: tuple[tuple[Decimal, Decimal], ...] = ()


def stretches(chance: Random, count: int, *, in_parts: bool = False) -> list[Stretch]:
    """Make up `count` of them, up and down in turns, from 100 on; they end between levels of 80 to 120 by 2."""
    made: list[Stretch] = []
    price, way = _FIRST, chance.choice((-1, 1))
    for _ in range(count):
        far = price + way * chance.randint(_SHORTEST, _LONGEST)
        target = min(max(far, LOWEST), HIGHEST) // 2 * 2 + D("1.25")
        levels = [D(level) for level in range(80, 121, 2) if min(price, target) < level < max(price, target)]
        parts = [(level, D(chance.randint(1, 9)) / 10) for level in levels if in_parts and chance.random() < 0.4]
        made.append(Stretch(target, tuple(parts)))
        price, way = target, -way
    return made


def fill_parts(desk: KillDesk, stretch: Stretch) -> None:
    """Fill the parts of a stretch."""
    for price, share in stretch.parts:
        for name in desk.names_at(price):
            desk.fill_part(name, share)


def go(desk: KillDesk, path: Sequence[Stretch]) -> None:
    """Go along a path, waiting for quiet where the price turns."""
    desk.wait_quiet()
    for stretch in path:
        fill_parts(desk, stretch)
        desk.move(stretch.target)
        desk.wait_quiet()
