"""One grid twice on the same path of prices: killed again and again, and left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

from attrs import frozen

from actors.sandbox.options import Pair
from tests.e2e.killing.endings import Ending, ending_of, unlike
from tests.e2e.killing.kill_desk import KillDesk
from tests.e2e.killing.killer import Fault, Killer
from tests.e2e.killing.processes import Starter
from tests.e2e.killing.stretches import go, stretches
from tests.e2e.live_desk import grid_document
from tests.e2e.other_side import SOL, Price

NO_LIMITS: Fault = {"route": "limits", "orders_10s": 100_000, "weight": 1_000_000}
IN_THREE: Fault = {"route": "fills", "action": "split", "parts": 3, "times": 1_000_000}
SPARE: Mapping[str, Price] = MappingProxyType({"USDT": 5000, "SOL": 50})
BNB = Pair("BNB", "USDT", Decimal(500))


@frozen(kw_only=True)
class Run:
    """Say what is run: the changes of a document of twenty levels, and the options of its desk.

    `lasting` faults are those of both runs, `in_parts` fills some orders in parts on the way. The account has money
    that is not the grid's: so the exchange refuses nothing for which there is no reason but that it is one too many.
    """

    changes: tuple[tuple[str, object], ...] = ()
    options: Mapping[str, Any] = {}
    lasting: Sequence[Fault] = (NO_LIMITS,)
    in_parts: bool = False

    def desk(self, folder: Path, starter: Starter, **more: Any) -> KillDesk:
        """Give the desk of one run."""
        document = grid_document(
            ("grid_strategy.num_grids", 21), ("trading_settings.initial_balance", 2000), *self.changes
        )
        return KillDesk(folder, starter, document, **{"spare": SPARE, **self.options, **more})


RUNS: Mapping[str, Run] = MappingProxyType(
    {
        "fees in what is received": Run(),
        "fills in parts": Run(
            in_parts=True, lasting=(NO_LIMITS, IN_THREE), changes=(("grid_strategy.initial_purchase", "exact"),)
        ),
        "fees in a third asset": Run(options={"pairs": (SOL, BNB), "fees_in_bnb": True, "spare": {**SPARE, "BNB": 10}}),
        "fees reserved in quote": Run(changes=(("exchange.fee_asset", "quote"),)),
    }
)


@frozen
class Figures:
    """Count what a seed came to: kills by moment, orders filled; `slowest` recovery in seconds."""

    kills: Counter[str]
    starts: int
    fills: int
    slowest: float


def killed_and_not(folder: Path, starter: Starter, run: Run, seed: int, turns: int, kills: int) -> Figures:
    """Run it both ways; AssertionError with the seed if anything differs."""
    try:
        return _both_ways(folder, starter, run, seed, turns, kills)
    except AssertionError as violation:
        raise AssertionError(f"seed {seed}, {turns} turns, {kills} kills: {violation}") from violation


def _both_ways(folder: Path, starter: Starter, run: Run, seed: int, turns: int, kills: int) -> Figures:
    path = stretches(Random(seed), turns, in_parts=run.in_parts)
    with run.desk(folder / "undisturbed", starter) as desk:
        for fault in run.lasting:
            desk.arm_fault(fault)
        desk.start()
        go(desk, path)
        undisturbed = ending_at(desk)
    with run.desk(folder / "killed", starter) as desk:
        desk.start()
        killer = Killer(desk, Random(f"{seed} kills"), run.lasting)
        killer.go(path, kills)
        killed = ending_at(desk)
        figures = Figures(killer.kills, desk.starts, len(killed.fills), killer.slowest)
    assert not (wrong := unlike(killed, undisturbed)), "\n".join(wrong)
    assert len(killed.fills) > turns, "a path on which next to nothing happens shows nothing"
    return figures


def ending_at(desk: KillDesk) -> Ending:
    """Give what a desk's grid has come to."""
    settings = desk.settings
    return ending_of(
        desk.rows(), desk.all_exchange_orders(), settings.market_rules(), settings.grid_strategy.sell_ratio
    )
