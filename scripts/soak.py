"""Trouble a live grid on the sandbox with random faults, and compare it with the exchange whenever it has healed.

At every quiet moment the money, the open orders and the trades must be the exchange's to the last digit; at the end
nothing may be open. Prints what it did and figures; exits 1 with the seed on a violation.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.soaking import SoakFailed, soak


def main(arguments: Sequence[str]) -> int:
    """Run one soak; give the exit code."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to go on (10)")
    parser.add_argument("--seed", type=int, default=None, help="which troubles (by default, those of the clock)")
    parser.add_argument("--levels", type=int, default=20, help="prices on the ladder (20)")
    options = parser.parse_args(arguments)
    if options.minutes <= 0 or options.levels < 2:
        parser.error("--minutes is above 0, and --levels at least 2")
    seed = int(time.time()) if options.seed is None else options.seed
    logging.basicConfig(level=logging.CRITICAL)
    _say(f"seed {seed}, {options.levels} levels, {options.minutes:g} minutes")
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = soak(Path(folder), options.minutes * 60, seed, options.levels, _say)
        except SoakFailed as failed:
            sys.stderr.write(f"violated with --seed {seed} --levels {options.levels}: {failed}\n")
            return 1
    for line in figures.lines():
        _say(line)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
