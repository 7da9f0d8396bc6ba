"""Where the price goes for hours: so many levels a second, up or down by chance, and never out of the range."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

BOTTOM, TOP = 150, 190


def wandering(seconds: float, moves: float, levels: int, seed: int) -> Iterator[tuple[float, float]]:
    """Give times (seconds) and prices between levels: `moves` of them a second, each across one level."""
    random = Random(seed)
    spacing = (TOP - BOTTOM) / (levels - 1)
    place = levels // 2
    for step in range(int(seconds * moves)):
        place += random.choice((-1, 1))
        place = min(max(place, 1), levels - 3)
        yield step / moves, BOTTOM + spacing * (place + 0.5)


def write_script(path: Path, prices: Iterator[tuple[float, float]]) -> None:
    """Write a script that the sandbox follows."""
    with path.open("w", encoding="utf-8") as file:
        file.write("seconds,price\n")
        for seconds, price in prices:
            file.write(f"{seconds:.3f},{price:.2f}\n")
