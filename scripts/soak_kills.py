"""Kill a live grid on the sandbox again and again, at any moment, and compare it with the exchange and with itself.

Wherever the price turns, the database must be what the exchange says, to the last digit, and the whole ladder must
stand; at the end of each run fills, money and profit must be those of the same run undisturbed. Prints what it did and
figures; exits 1 with the seed on a violation. How threads meet is up to the machine, so that a seed gives the same
kills again, and not always the same outcome.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.killing.soaking import KillsFailed, soak_kills


def main(arguments: Sequence[str]) -> int:
    """Run one soak; give the exit code."""
    parser = argparse.ArgumentParser(prog="soak --kills", description=__doc__)
    parser.add_argument("--kills", type=int, required=True, help="how often to kill, at least")
    parser.add_argument("--seed", type=int, default=None, help="which kills (by default, those of the clock)")
    options = parser.parse_args(arguments)
    if options.kills < 1:
        parser.error("--kills is at least 1")
    seed = int(time.time()) if options.seed is None else options.seed
    logging.basicConfig(level=logging.CRITICAL)
    _say(f"seed {seed}, {options.kills} kills")
    with tempfile.TemporaryDirectory() as folder:
        try:
            totals = soak_kills(Path(folder), options.kills, seed, _say)
        except KillsFailed as failed:
            sys.stderr.write(f"violated with --seed {seed}: {failed}\n")
            return 1
    for line in totals.lines():
        _say(line)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
