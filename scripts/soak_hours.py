"""Let a live grid trade on the sandbox for hours, with a page open, and measure what it takes of its machine.

Prints memory, threads, open files, disk and processor as they go, and exits 1 when anything that should stay flat does
not, or the grid does not end in order. With `--moves` the price goes a level up or down so often in a second, and meets
an order about every other time; with `--market-hours` the market wanders by itself, that many hours of its own time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.enduring.running import Endured, endure


def main(arguments: Sequence[str]) -> int:
    """Run one soak; give the exit code."""
    parser = argparse.ArgumentParser(prog="soak --hours", description=__doc__)
    parser.add_argument("--hours", type=float, default=None, help="how long to go on (1)")
    parser.add_argument("--moves", type=float, default=8.0, help="moves a second, of a level each (8)")
    parser.add_argument("--market-hours", type=float, default=None, help="hours of the market's own time")
    parser.add_argument("--speed", type=float, default=144.0, help="market seconds a second (144)")
    parser.add_argument("--levels", type=int, default=50, help="prices on the ladder (50)")
    parser.add_argument("--seed", type=int, default=None, help="which market (by default, that of the clock)")
    options = parser.parse_args(arguments)
    if (options.hours or 1) <= 0 or (options.market_hours or 1) <= 0 or options.levels < 5 or options.speed <= 0:
        parser.error("hours and speed are above 0, and --levels at least 5")
    seed = int(time.time()) if options.seed is None else options.seed
    by_market = options.market_hours is not None
    hours = options.market_hours / options.speed if by_market else options.hours or 1.0
    pace = f"{options.speed:g} times as fast" if by_market else f"{options.moves:g} moves a second"
    _say(f"seed {seed}, {options.levels} levels, {hours:.2f} hours, {pace}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            endure(
                Path(folder),
                hours * 3600,
                _say,
                seed=seed,
                levels=options.levels,
                moves=None if by_market else options.moves,
                speed=options.speed,
            )
        except Endured as failed:
            sys.stderr.write(f"not flat, with --seed {seed}: {failed}\n")
            return 1
    _say("flat: memory, threads, open files and disk")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
